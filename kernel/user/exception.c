/* SPDX-License-Identifier: MIT */
/*
 * Wasm exceptions: the thrown values, and the chain of handlers that generated code keeps through
 * setjmp. Spec: WebAssembly 3.0, section 4.4.9 (try_table, throw, throw_ref).
 */
#include "kernel/user/user.h"

static struct {
    wasm_rt_tag_t tag;
    uint32_t size;
    uint8_t values[WASM_EXN_MAX_SIZE] __attribute__((aligned(16)));
} active;

WASM_RT_UNWIND_TARGET *user_unwind_target;

void wasm_rt_load_exception(wasm_rt_tag_t tag, uint32_t size, const void *values) {
    if (size > WASM_EXN_MAX_SIZE) {
        __builtin_trap(); /* wasm2c promises that it is not */
    }
    active.tag = tag;
    active.size = size;
    if (size > 0) {
        memmove(active.values, values, size);
    }
}

_Noreturn void wasm_rt_throw(void) {
    if (user_unwind_target == NULL) {
        wasm_rt_trap(WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    }
    longjmp(user_unwind_target->buffer, 1);
}

WASM_RT_UNWIND_TARGET *wasm_rt_get_unwind_target(void) {
    return user_unwind_target;
}

void wasm_rt_set_unwind_target(WASM_RT_UNWIND_TARGET *target) {
    user_unwind_target = target;
}

wasm_rt_tag_t wasm_rt_exception_tag(void) {
    return active.tag;
}

uint32_t wasm_rt_exception_size(void) {
    return active.size;
}

void *wasm_rt_exception(void) {
    return active.values;
}
