/* SPDX-License-Identifier: MIT */
/* Internal to kernel/wasm: what trap.c, fault.c and those who run modules share. */
#ifndef INGOT_KERNEL_WASM_UNWIND_H
#define INGOT_KERNEL_WASM_UNWIND_H

#include <setjmp.h>

#include "hal/user.h"
#include "kernel/debug/backtrace.h"
#include "kernel/wasm/trap.h"

typedef struct protected_call {
    jmp_buf env;
    uint64_t stack; /* a stack pointer from which the unwinder may run */
    struct protected_call *outer;
    hal_user_state_t user;
    WASM_RT_UNWIND_TARGET *target;
    wasm_trap_t trap;
    backtrace_t *backtrace; /* filled before the stack is left; NULL when nobody wants it */
} protected_call_t;

/* wasm_call_protected that also keeps who called what trapped, in *backtrace, and what fn answered,
 * in *answer, unless those are NULL. */
bool wasm_call_traced(void (*fn)(void *), void *arg, uint64_t *answer, wasm_trap_t *trap,
                      backtrace_t *backtrace);
bool wasm_call_export_traced(const struct wasm_instance *instance,
                             const struct wasm_export_func *func, const wasm_value_t *params,
                             wasm_value_t *results, wasm_trap_t *trap, backtrace_t *backtrace);

/* NULL when no wasm runs. */
protected_call_t *wasm_innermost_call(void);

/* Traps, from a call of user level. */
_Noreturn void wasm_raise(wasm_trap_t *trap);

/* The same from a trap handler: on return from the trap the call ends. False when no wasm runs. */
bool wasm_unwind_from(hal_trap_t *t, const wasm_trap_t *trap);

/* Who is told of timer traps; there is none at first. */
void wasm_set_timer_handler(bool (*handler)(hal_trap_t *t));

/* Ends the innermost protected call with `trap`. */
_Noreturn void wasm_unwind(const wasm_trap_t *trap);

#endif
