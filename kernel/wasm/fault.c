/* SPDX-License-Identifier: MIT */
/*
 * The one trap handler: brings in demand-zero pages, and turns the faults of user level that the
 * wasm semantics gives a meaning into traps. Everything else is a bug, and panics.
 */
#include <stddef.h>

#include "hal/trap.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/memory.h"
#include "kernel/wasm/unwind.h"

/* Runs after the trap has returned. */
static _Noreturn void land(uint64_t trap) {
    wasm_unwind((const wasm_trap_t *)(uintptr_t)trap);
}

/* Leaves the trap into the innermost protected call, on the kernel's stack: what lies beyond that
 * call's frame there is of nobody any longer. */
bool wasm_unwind_from(hal_trap_t *t, const wasm_trap_t *trap) {
    static wasm_trap_t pending;
    protected_call_t *call = wasm_innermost_call();
    if (call == NULL) {
        return false;
    }
    LOG(LOG_DEBUG, wasm, "fault at 0x%lx, pc 0x%lx: %s", hal_trap_address(t).raw, hal_trap_pc(t),
        wasm_trap_text(trap->kind));
    pending = *trap;
    pending.pc = hal_trap_pc(t);
    if (call->backtrace != NULL) {
        hal_frame_t frame;
        hal_frame_of_trap(t, &frame);
        backtrace_take(call->backtrace, &frame);
        call->backtrace->interrupted = trap->kind == WASM_RT_TRAP_TIMEOUT;
    }
    hal_trap_resume_in(t, (void (*)(uint64_t))land, (uintptr_t)&pending, call->stack);
    return true;
}

static bool on_page_fault(hal_trap_t *t) {
    vmap_fault_t fault = vmap_handle_fault(t);
    if (fault == VMAP_FAULT_RESOLVED) {
        return true;
    }
    if (!hal_trap_from_user(t)) {
        return false;
    }
    if (fault == VMAP_FAULT_STACK_GUARD) {
        return wasm_unwind_from(t, &(wasm_trap_t){.kind = WASM_RT_TRAP_EXHAUSTION});
    }
    vaddr_t at = hal_trap_address(t);
    const wasm_memory_t *memory = wasm_memory_at(at);
    if (memory == NULL || hal_trap_kind(t) == HAL_TRAP_FETCH_FAULT) {
        return false;
    }
    uint64_t offset = at.raw - memory->user.raw;
    if ((int64_t)offset < 0) {
        offset = (uint32_t)offset; /* the wrapped address that the module computed */
    } else if (offset < memory->size) {
        return false; /* inside: it should have been brought in */
    }
    return wasm_unwind_from(t, &(wasm_trap_t){.kind = WASM_RT_TRAP_OOB,
                                              .has_address = true,
                                              .memory = memory,
                                              .offset = offset,
                                              .size = memory->size});
}

static bool (*timer_handler)(hal_trap_t *t);

void wasm_set_timer_handler(bool (*handler)(hal_trap_t *t)) {
    timer_handler = handler;
}

static bool on_trap(hal_trap_t *t) {
    switch (hal_trap_kind(t)) {
    case HAL_TRAP_TIMER:
        return timer_handler != NULL && timer_handler(t);
    case HAL_TRAP_LOAD_FAULT:
    case HAL_TRAP_STORE_FAULT:
    case HAL_TRAP_FETCH_FAULT:
        return on_page_fault(t);
    default:
        return false;
    }
}

void wasm_fault_init(void) {
    hal_trap_set_handler(on_trap);
}
