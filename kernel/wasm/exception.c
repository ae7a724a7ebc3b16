/* SPDX-License-Identifier: MIT */
/*
 * Wasm exceptions: the thrown values, and the chain of handlers that generated code keeps through
 * setjmp. Spec: WebAssembly 3.0, section 4.4.9 (try_table, throw, throw_ref).
 */
#include "kernel/core/log.h"
#include "kernel/wasm/trap.h"

static struct {
    wasm_rt_tag_t tag;
    uint32_t size;
    uint8_t values[WASM_EXN_MAX_SIZE] __attribute__((aligned(16)));
} active;

static WASM_RT_UNWIND_TARGET *unwind_target;

void wasm_rt_load_exception(wasm_rt_tag_t tag, uint32_t size, const void *values) {
    if (size > WASM_EXN_MAX_SIZE) {
        panic("exception of %u bytes, expected at most %u", size, WASM_EXN_MAX_SIZE);
    }
    active.tag = tag;
    active.size = size;
    if (size > 0) {
        memmove(active.values, values, size);
    }
}

_Noreturn void wasm_rt_throw(void) {
    if (unwind_target == NULL) {
        wasm_rt_trap(WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    }
    longjmp(unwind_target->buffer, 1);
}

WASM_RT_UNWIND_TARGET *wasm_rt_get_unwind_target(void) {
    return unwind_target;
}

void wasm_rt_set_unwind_target(WASM_RT_UNWIND_TARGET *target) {
    unwind_target = target;
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
