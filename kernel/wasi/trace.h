/* SPDX-License-Identifier: MIT */
/*
 * ingot.strace: a line on stderr for each call of a host function, with its arguments decoded and
 * its result, or a summary at exit. Only in images whose glue was made with `--with strace`: the
 * wrappers of others do not know of it.
 */
#ifndef INGOT_KERNEL_WASI_TRACE_H
#define INGOT_KERNEL_WASI_TRACE_H

#include "kernel/core/registry.h"
#include "kernel/wasm/module.h"

/* One for each wrapper, in the glue. */
typedef struct trace_call {
    const char *module, *field;
    const char *params; /* a letter each: i, I, f, F (functions.def) */
    char result;        /* likewise, or 0 */
    uint64_t calls, failures; /* for the summary */
    struct trace_call *next;  /* of those that were called */
} trace_call_t;

/* A value as it lies in the low bytes of its slot. */
#define trace_bits(value)                                                                          \
    ({                                                                                             \
        uint64_t bits = 0;                                                                         \
        __builtin_memcpy(&bits, &(value), sizeof(value));                                          \
        bits;                                                                                      \
    })

/* Around the call. `args` are the bits of each argument, `result` those of the result. */
void trace_enter(const wasm_caller_t *caller, trace_call_t *call, const uint64_t *args);
void trace_leave(const wasm_caller_t *caller, trace_call_t *call, const uint64_t *args,
                 uint64_t result);

extern const service_t strace_service;

#endif
