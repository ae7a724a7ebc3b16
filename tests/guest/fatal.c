/* SPDX-License-Identifier: MIT */
/*
 * What must end in a panic: one a boot. tests/guest/fatal.list holds the message that each must
 * print on the console.
 */
#include <string.h>

#include "hal/boot.h"
#include "hal/cpu.h"
#include "hal/riscv64/layout.h"
#include "hal/trap.h"
#include "kernel/core/exit.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/wasm-rt.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/code.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"

/* The compiler must not know where these point. */
static void *volatile hidden;

static void smash(uint8_t *buffer, size_t len) {
    hidden = buffer;
    memset(hidden, 0x41, len);
}

__attribute__((noinline)) static void canary(void) {
    uint8_t buffer[32];
    smash(buffer, sizeof buffer + 16);
}

static void write_text(void) {
    touch_write((void *)(uintptr_t)machine_exit);
}

static void write_rodata(void) {
    static const uint32_t constant = 5;
    touch_write((void *)(uintptr_t)&constant);
}

static void execute_data(void) {
    static code_t code = CODE_RETURNING(0);
    touch_execute(&code);
}

static void null_write(void) {
    touch_write_blind((void *)8);
}

static void null_execute(void) {
    touch_execute(NULL);
}

/* Beyond the end, but not called as wasm: nothing to trap. */
static void linear_memory(void) {
    static wasm_rt_memory_t memory;
    wasm_rt_allocate_memory(&memory, 1, 1, false, 65536);
    touch_read(memory.data + 0x1000c);
}

static volatile bool stop;

__attribute__((noinline)) static unsigned descend(volatile unsigned *depth) {
    volatile uint8_t local[512];
    local[0] = (uint8_t)*depth;
    return stop ? 0 : descend(depth) + local[0];
}

static void guard(void) {
    volatile unsigned depth = 1;
    descend(&depth);
}

static void descend_for_ever(void *unused) {
    (void)unused;
    guard();
}

/* The stacks of the image itself end at a page that is not mapped. */
static void boot_stack_guard(void) {
    hal_switch_stack((uintptr_t)__boot_stack_top, descend_for_ever, NULL);
}

static bool descend_in_handler(hal_trap_t *t) {
    descend_for_ever(t);
    return true;
}

static void trap_stack_guard(void) {
    hal_trap_set_handler(descend_in_handler);
    touch_read((void *)0x20);
}

static bool fault_in_handler(hal_trap_t *t) {
    (void)t;
    touch_read((void *)0x40);
    return true;
}

static void nested(void) {
    hal_trap_set_handler(fault_in_handler);
    touch_read((void *)0x20);
}

/* A fault while the address space is being changed: told, not waited for. */
static void fault_while_locked(void) {
    hal_lock_take(&kernel_aspace.lock);
    touch_read((void *)0x40);
}

static void illegal(void) {
    __asm__ volatile("unimp");
}

static void frame_double_free(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc(0, &frame));
    frame_free(frame, 0);
    frame_free(frame, 0);
}

static void batch_leak(void) {
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace, &(mmap_opts_t){.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "batch"},
        &m));
    BATCH_SCOPE(scope, &kernel_aspace);
    mmap_drop(&m);
}

static void heap_double_free(void) {
    hidden = heap_alloc(40);
    heap_free(hidden);
    heap_free(hidden);
}

static void heap_overrun(void) {
    uint8_t *volatile block = heap_alloc(40);
    block[40] = 1;
    heap_free(block);
}

static void heap_underrun(void) {
    uint8_t *volatile block = heap_alloc(40);
    block[-1] ^= 1;
    heap_free(block);
}

static void heap_wild_free(void) {
    uint8_t *volatile block = heap_alloc(8 * PAGE_SIZE);
    heap_free(block + 2 * PAGE_SIZE);
}

static void exception_too_large(void) {
    static const uint8_t values[WASM_EXN_MAX_SIZE + 1];
    wasm_rt_load_exception(values, sizeof values, values);
}

static void trap_outside_wasm(void) {
    wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
}

static const struct {
    const char *name;
    void (*run)(void);
} fatal_tests[] = {
    {"canary", canary},
    {"write-text", write_text},
    {"write-rodata", write_rodata},
    {"execute-data", execute_data},
    {"null-write", null_write},
    {"null-execute", null_execute},
    {"linear-memory", linear_memory},
    {"guard", guard},
    {"boot-stack-guard", boot_stack_guard},
    {"trap-stack-guard", trap_stack_guard},
    {"nested", nested},
    {"fault-while-locked", fault_while_locked},
    {"illegal", illegal},
    {"frame-double-free", frame_double_free},
    {"batch-leak", batch_leak},
    {"heap-double-free", heap_double_free},
    {"heap-overrun", heap_overrun},
    {"heap-underrun", heap_underrun},
    {"heap-wild-free", heap_wild_free},
    {"exception-too-large", exception_too_large},
    {"trap-outside-wasm", trap_outside_wasm},
};

bool fatal_run(const char *name) {
    for (unsigned i = 0; i < sizeof fatal_tests / sizeof *fatal_tests; i++) {
        if (strcmp(fatal_tests[i].name, name) == 0) {
            fatal_tests[i].run();
            return true;
        }
    }
    return false;
}
