/* SPDX-License-Identifier: MIT */
#include "tests/guest/fault.h"

#include <setjmp.h>

#include "hal/cpu.h"
#include "hal/user.h"
#include "kernel/wasm/trap.h"

static jmp_buf landing;
static uint64_t landing_stack;
static fault_t caught;
static uint64_t resolved;

/* Runs on the test's stack, after the trap has returned. */
static void land(uint64_t unused) {
    (void)unused;
    longjmp(landing, 1);
}

static bool is_page_fault(hal_trap_kind_t kind) {
    return kind == HAL_TRAP_LOAD_FAULT || kind == HAL_TRAP_STORE_FAULT ||
           kind == HAL_TRAP_FETCH_FAULT;
}

static bool on_trap(hal_trap_t *t) {
    caught = (fault_t){
        .kind = hal_trap_kind(t),
        .address = hal_trap_address(t).raw,
        .pc = hal_trap_pc(t),
        .verdict = VMAP_FAULT_OTHER,
    };
    if (is_page_fault(caught.kind)) {
        caught.verdict = vmap_handle_fault(t);
        if (caught.verdict == VMAP_FAULT_RESOLVED) {
            resolved++;
            return true;
        }
    }
    hal_trap_resume_in(t, land, 0, landing_stack);
    return true;
}

bool fault_catch(void (*fn)(void *), void *arg, fault_t *out) {
    hal_user_state_t user;
    resolved = 0;
    landing_stack = hal_stack_pointer();
    hal_user_save(&user);
    if (setjmp(landing) != 0) {
        hal_user_restore(&user);
        wasm_fault_init(); /* the kernel's own handler is back */
        *out = caught;
        return true;
    }
    hal_trap_set_handler(on_trap);
    fn(arg);
    wasm_fault_init();
    return false;
}

uint64_t fault_count(void (*fn)(void *), void *arg) {
    fault_t fault;
    if (fault_catch(fn, arg, &fault)) {
        FAIL("%s at 0x%lx, expected none", fault_kind_text(fault.kind), fault.address);
    }
    return resolved;
}

void touch_read(void *at) {
    (void)*(volatile uint8_t *)at;
}

void touch_write(void *at) {
    volatile uint8_t *p = at;
    *p = *p;
}

void touch_write_blind(void *at) {
    *(volatile uint8_t *)at = 0;
}

void touch_execute(void *at) {
    void (*volatile fn)(void) = (void (*)(void))(uintptr_t)at;
    fn();
}

const char *fault_kind_text(hal_trap_kind_t kind) {
    static const char *const texts[] = {
        [HAL_TRAP_LOAD_FAULT] = "load fault",
        [HAL_TRAP_STORE_FAULT] = "store fault",
        [HAL_TRAP_FETCH_FAULT] = "fetch fault",
        [HAL_TRAP_MISALIGNED] = "misaligned access",
        [HAL_TRAP_ILLEGAL] = "illegal instruction",
        [HAL_TRAP_BREAKPOINT] = "breakpoint",
        [HAL_TRAP_TIMER] = "timer interrupt",
        [HAL_TRAP_EXTERNAL] = "device interrupt",
        [HAL_TRAP_OTHER] = "other trap",
    };
    return texts[kind];
}
