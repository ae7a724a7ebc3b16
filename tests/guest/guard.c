/* SPDX-License-Identifier: MIT */
/* Stack guards: hit, named, and survived. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/wasm-rt.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"

static volatile bool stop;

__attribute__((noinline)) static unsigned descend(volatile unsigned *depth) {
    volatile uint64_t local = *depth;
    (*depth)++;
    return stop ? 0 : descend(depth) + (unsigned)local;
}

#define LARGE_FRAME (200u << 10)

/* Only the far end of the frame is touched. */
__attribute__((noinline)) static unsigned descend_large(volatile unsigned *depth) {
    volatile uint8_t local[LARGE_FRAME];
    local[0] = (uint8_t)*depth;
    (*depth)++;
    return stop ? 0 : descend_large(depth) + local[0];
}

static void run_descend(void *depth) {
    descend(depth);
}

static void run_descend_large(void *depth) {
    descend_large(depth);
}

void stack_warm_up(void) {
    volatile unsigned depth = 0;
    fault_t fault;
    fault_catch(run_descend, (void *)(uintptr_t)&depth, &fault);
}

static char text[256];
static size_t text_len;

__attribute__((format(printf, 1, 2))) static void capture(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text + text_len, sizeof text - text_len, format, args);
    va_end(args);
    text_len += n > 0 && (size_t)n < sizeof text - text_len ? (size_t)n : 0;
}

static void check_described(uint64_t address, const char *want) {
    text_len = 0;
    text[0] = 0;
    vmap_describe(VADDR(address), capture);
    if (strstr(text, want) == NULL) {
        FAIL("0x%lx is described as \"%s\", expected \"%s\"", address, text, want);
    }
}

static void check_overflow(void (*run)(void *), unsigned least_depth) {
    volatile unsigned depth = 0;
    uint64_t sp = hal_stack_pointer();
    vrange_t stack;
    fault_t fault;
    CHECK(vmap_stack_at(VADDR(sp), &stack));
    CHECK(fault_catch(run, (void *)(uintptr_t)&depth, &fault));
    CHECK_EQ(fault.verdict, VMAP_FAULT_STACK_GUARD);
    CHECK(fault.address < stack.start.raw);
    CHECK(depth >= least_depth);
    CHECK_EQ(hal_stack_pointer(), sp);
    check_described(fault.address, "guard of stack `main`, 0x");
}

static void overflow_is_named(void) {
    check_overflow(run_descend, 1000);
}

static void overflow_with_large_frames(void) {
    check_overflow(run_descend_large, 1);
}

static void overflow_again_and_again(void) {
    for (unsigned i = 0; i < 50; i++) {
        check_overflow(i % 2 == 0 ? run_descend : run_descend_large, 1);
    }
}

static void kernel_works_after_overflow(void) {
    check_overflow(run_descend, 1000);
    char *block = heap_zalloc(100000);
    CHECK(block != NULL);
    memset(block, 7, 100000);
    heap_free(block);
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace,
        &(mmap_opts_t){.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "after overflow"}, &m));
    CHECK_EQ(fault_count(touch_write_blind, mmap_as_mut_ptr(&m)), 1);
    mmap_drop(&m);
}

/* The whole guard faults, and the stack's lowest byte does not. */
static void guard_has_its_size(void) {
    vrange_t stack;
    CHECK(vmap_stack_at(VADDR(hal_stack_pointer()), &stack));
    CHECK_NO_FAULT(touch_read, stack.start.raw);
    static const uint64_t below[] = {1, PAGE_SIZE, 1 << 20, 64 << 20};
    for (unsigned i = 0; i < sizeof below / sizeof *below; i++) {
        fault_t fault;
        void *at = (void *)(uintptr_t)(stack.start.raw - below[i]);
        CHECK(fault_catch(touch_write_blind, at, &fault));
        CHECK_EQ(fault.verdict, VMAP_FAULT_STACK_GUARD);
    }
}

static void other_regions_are_named(void) {
    wasm_rt_memory_t memory;
    wasm_rt_allocate_memory(&memory, 1, 10, false, 65536);
    check_described((uintptr_t)memory.data + 65536 + 12, "linear memory +0x1000c, size 0x10000");
    check_described((uintptr_t)&stop, "kernel data +0x");
    check_described((uintptr_t)overflow_is_named, "kernel text +0x");
    check_described(hal_stack_pointer(), "stack `main` +0x");
    check_described(8, "belongs to no region");
    wasm_rt_free_memory(&memory);
}

static const guest_test_t guard_tests[] = {
    {"a stack overflow is in the guard of stack `main`", overflow_is_named},
    {"frames larger than a page end in the guard", overflow_with_large_frames},
    {"fifty overflows leave the trap stack whole", overflow_again_and_again},
    {"the kernel works after an overflow", kernel_works_after_overflow},
    {"the guard has its full size", guard_has_its_size},
    {"addresses are described by their region", other_regions_are_named},
};
GUEST_GROUP(guard, "guard");
