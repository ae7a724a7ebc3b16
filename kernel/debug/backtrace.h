/* SPDX-License-Identifier: MIT */
/* Who called whom: taken where something went wrong, told when there is somewhere to tell it. */
#ifndef INGOT_KERNEL_DEBUG_BACKTRACE_H
#define INGOT_KERNEL_DEBUG_BACKTRACE_H

#include "hal/unwind.h"
#include "kernel/debug/symbols.h"

#define BACKTRACE_MAX 64u

typedef struct backtrace {
    uint32_t n;
    bool more;                   /* the stack goes on below the last one */
    bool interrupted;            /* the first is of any instruction: no line is told for it */
    uint64_t pcs[BACKTRACE_MAX]; /* innermost first; for callers the last byte of the call */
} backtrace_t;

/* Walks up from `from` as far as the stack that holds it, and its table, lead; from a call of user
 * level on to the module that made it. */
void backtrace_take(backtrace_t *out, const hal_frame_t *from);

typedef void (*backtrace_write_t)(const char *text, size_t len);

/* One line for each wasm function and host call. */
void backtrace_print_wasm(const backtrace_t *b, backtrace_write_t write);

/* One line for each function of any kind, with its address; `prefix` starts each. */
void backtrace_print_all(const backtrace_t *b, const char *prefix, backtrace_write_t write);

#endif
