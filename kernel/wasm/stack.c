/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/stack.h"

#include "hal/addr.h"
#include "hal/cpu.h"
#include "kernel/wasm/wasm-rt.h"

uint64_t wasm_stack_floor;
uint64_t wasm_stack_ready = UINT64_MAX;

void wasm_stack_prepare(void) {
    uint64_t sp = hal_stack_pointer();
    if (sp < wasm_stack_floor) {
        wasm_rt_trap(WASM_RT_TRAP_EXHAUSTION);
    }
    /* Nothing lives below the stack pointer, so zeros may be written there. */
    uint64_t last = align_down(sp - WASM_HOST_STACK, PAGE_SIZE);
    uint64_t at = sp - sizeof(uint64_t);
    do {
        *(volatile uint64_t *)(uintptr_t)at = 0;
        at = align_down(at, PAGE_SIZE) - sizeof(uint64_t);
    } while (at >= last);
    wasm_stack_ready = last + WASM_HOST_STACK;
}
