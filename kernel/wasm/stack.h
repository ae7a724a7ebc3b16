/* SPDX-License-Identifier: MIT */
/*
 * The module's stack, as far as the kernel runs on it: host functions and the runtime do.
 *
 * Whoever enters the kernel from translated code calls wasm_host_entry() first. It makes sure of
 * WASM_HOST_STACK bytes: a call with less than that left is call stack exhaustion, told before
 * anything is done; and those bytes are brought in. The stack is zeroed on demand, and a demand
 * fault takes the locks of the address space and of the frames, which the kernel may be holding
 * itself.
 */
#ifndef INGOT_KERNEL_WASM_STACK_H
#define INGOT_KERNEL_WASM_STACK_H

#include <stdint.h>

#include "kernel/wasm/wasm-rt.h"

#define WASM_HOST_STACK (16u * 1024)

/* Below this stack pointer less than WASM_HOST_STACK is left. Set by the boot. */
extern uint64_t wasm_stack_floor;

/* From this stack pointer up, the bytes below it have been brought in. */
extern uint64_t wasm_stack_ready;

/* What wasm_host_entry does about a stack pointer that is not ready. */
void wasm_stack_prepare(void);

static inline void wasm_host_entry(void) {
    if (UNLIKELY((uintptr_t)__builtin_frame_address(0) < wasm_stack_ready)) {
        wasm_stack_prepare();
    }
}

#endif
