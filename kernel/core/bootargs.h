/* SPDX-License-Identifier: MIT */
/*
 * Boot arguments: /chosen/bootargs, or those baked into the image when there are none.
 *
 * Grammar: words separated by spaces. Each word is percent-encoded (%XX, upper or lower case hex);
 * a literal '%' is %25, a space %20; the word `%` alone is the empty string; %00 is refused.
 *   ingot.KEY[=VALUE]   a kernel option of the list below; an unknown KEY is refused with its name
 *   env.NAME=VALUE      one environment variable for the module, in order
 *   --                  everything after it is the module's argv, argv[0] first
 * Without `--` the image's baked-in argv is used; without any env.* word, its baked-in environment.
 * Untrusted input: anything else ends the boot with a message that names the word.
 */
#ifndef INGOT_KERNEL_CORE_BOOTARGS_H
#define INGOT_KERNEL_CORE_BOOTARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"

/* Every kernel option, once. docs/boot-args.md says what each does. */
#define BOOTARG_OPTIONS(X)                                                                         \
    X(exit)    /* "semihosting": leave through semihosting where there is no test finisher */      \
    X(tty)     /* which of stdin (0), stdout (1), stderr (2) are terminals on the host: "02" */    \
    X(time)    /* realtime at boot, in nanoseconds since 1970, where there is no clock device */   \
    X(mount)   /* TAG:GUEST-PATH of a virtio-9p mount; may be given several times */               \
    X(tmp)     /* a RAM file system at /tmp */                                                     \
    X(seed)    /* a number: fixes the layout and the canary, for reproducing a run */              \
    X(mmu)     /* "sv39": do not use Sv48 where it is offered */                                   \
    X(log)     /* LEVEL,ROOM=LEVEL,...: which kernel messages are told (log_levels.h) */           \
    X(stack)   /* bytes of stack for the module */                                                 \
    X(memory)  /* most bytes that a linear memory may have */                                      \
    X(map)     /* print the memory map before the module starts */                                 \
    X(invoke)  /* export to call instead of _start; must be in the image */                        \
    X(timeout) /* milliseconds from the start of the services after which the module is stopped */ \
    X(profile) /* samples a second of where the module is, told at exit */                         \
    X(strace)  /* "1": a line for each call of a host function; "summary": counts at exit */       \
    X(boot)    /* "timeline": print the instructions each boot step took */                        \
    X(test)    /* selects in-kernel tests (test images only) */

typedef struct bootargs {
    const char *const *args; /* argv; n_args may be 0 */
    uint32_t n_args;
    const char *const *env; /* "NAME=VALUE" */
    uint32_t n_env;
    bool has_args, has_env; /* given by the boot arguments, not by the image */
} bootargs_t;

extern bootargs_t bootargs;

/*
 * Parses `text` (modified in place; must outlive the kernel). On failure *bad points at the word
 * (decoded as far as it went) and *why says what is wrong with it.
 */
status_t bootargs_parse(char *text, const char **bad, const char **why);

/* The value of ingot.KEY: NULL when absent, "" when given without '='. The first one given. */
const char *bootargs_option(const char *key);
/* The n-th value of a KEY that may be repeated, NULL past the end. */
const char *bootargs_option_nth(const char *key, unsigned n);

/* A decimal or 0x-hexadecimal number, whole string, no overflow. */
bool parse_u64(const char *text, uint64_t *out);

#endif
