/* SPDX-License-Identifier: MIT */
/* Internal to kernel/wasm: what trap.c and fault.c share. */
#ifndef INGOT_KERNEL_WASM_UNWIND_H
#define INGOT_KERNEL_WASM_UNWIND_H

#include <setjmp.h>

#include "kernel/core/backtrace.h"
#include "kernel/wasm/trap.h"

typedef struct protected_call {
    jmp_buf env;
    uint64_t stack; /* a stack pointer from which the unwinder may run */
    struct protected_call *outer;
    WASM_RT_UNWIND_TARGET *target;
    wasm_trap_t trap;
    backtrace_t *backtrace; /* filled before the stack is left; NULL when nobody wants it */
} protected_call_t;

/* wasm_call_protected that also keeps who called what trapped, in *backtrace unless that is NULL.
 */
bool wasm_call_traced(void (*fn)(void *), void *arg, wasm_trap_t *trap, backtrace_t *backtrace);

/* NULL when no wasm runs. */
protected_call_t *wasm_innermost_call(void);

/* Traps, from a function that translated code called: trap->pc is its caller. */
_Noreturn void wasm_raise(const wasm_trap_t *trap);

/* The same from a trap handler: on return from the trap the call ends. False when no wasm runs. */
bool wasm_unwind_from(hal_trap_t *t, const wasm_trap_t *trap);

/* Who is told of timer traps; there is none at first. */
void wasm_set_timer_handler(bool (*handler)(hal_trap_t *t));

/* Ends the innermost protected call with `trap`. */
_Noreturn void wasm_unwind(const wasm_trap_t *trap);

#endif
