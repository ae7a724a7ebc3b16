/* SPDX-License-Identifier: MIT */
/*
 * Boot arguments: /chosen/bootargs, or those baked into the image when there are none.
 *
 * Grammar: words separated by spaces. Each word is percent-encoded (%XX, upper or lower case hex);
 * a literal '%' is %25, a space %20; the word `%` alone is the empty string; %00 is refused.
 *   ingot.KEY[=VALUE]   a kernel option; an unknown KEY is refused with its name
 *   env.NAME[=VALUE]    one environment variable for the module, in order
 *   --                  everything after it is the module's argv, argv[0] first
 * Without `--` the image's baked-in argv is used; without any env.* word, its baked-in environment.
 * Untrusted input: anything else ends the boot with a message that names the word.
 */
#ifndef INGOT_KERNEL_CORE_BOOTARGS_H
#define INGOT_KERNEL_CORE_BOOTARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/status.h"

typedef struct bootargs {
    const char *const *args; /* argv; n_args may be 0 */
    uint32_t n_args;
    const char *const *env; /* "NAME=VALUE" */
    uint32_t n_env;
} bootargs_t;

extern bootargs_t bootargs;

/* The value of ingot.KEY: NULL when absent, "" when given without '='. */
const char *bootargs_option(const char *key);

#endif
