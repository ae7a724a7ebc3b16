/* SPDX-License-Identifier: MIT */
/* Stack guards: hit, named, and survived. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/vmap.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

static volatile bool stop;

static void run_bare(user_fn_t fn, fault_t *fault) {
    user_run_t run = {fn, 0, 0};
    if (!fault_catch(user_run_bare, &run, fault)) {
        FAIL("the recursion came to an end");
    }
}

void stack_warm_up(void) {
    fault_t fault;
    run_bare(user_recurse, &fault);
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

static vrange_t module_stack(void) {
    wasm_trap_t trap;
    uint64_t sp;
    vrange_t stack;
    CHECK(user_call(user_stack_pointer, 0, &sp, &trap));
    CHECK(vmap_stack_at(VADDR(sp), &stack));
    CHECK(vmap_is_user_stack(VADDR(sp)) && !vmap_is_user_stack(VADDR(hal_stack_pointer())));
    return stack;
}

static void check_overflow(user_fn_t run, uint64_t least_depth) {
    uint64_t sp = hal_stack_pointer();
    vrange_t stack = module_stack();
    fault_t fault;
    run_bare(run, &fault);
    CHECK_EQ(fault.verdict, VMAP_FAULT_STACK_GUARD);
    CHECK(fault.address < stack.start.raw);
    CHECK(user_last_depth() >= least_depth);
    CHECK_EQ(hal_stack_pointer(), sp);
    check_described(fault.address, "guard of stack `main`, 0x");
}

static void overflow_is_named(void) {
    check_overflow(user_recurse, 1000);
}

static void overflow_with_large_frames(void) {
    check_overflow(user_recurse_large, 1);
}

static void overflow_again_and_again(void) {
    for (unsigned i = 0; i < 50; i++) {
        check_overflow(i % 2 == 0 ? user_recurse : user_recurse_large, 1);
    }
}

static void kernel_works_after_overflow(void) {
    check_overflow(user_recurse, 1000);
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
    vrange_t stack = module_stack();
    wasm_trap_t trap;
    CHECK(user_call(user_load, stack.start.raw, NULL, &trap));
    static const uint64_t below[] = {1, PAGE_SIZE, 1 << 20, 64 << 20};
    for (unsigned i = 0; i < sizeof below / sizeof *below; i++) {
        CHECK(!user_call(user_store, stack.start.raw - below[i], NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_EXHAUSTION);
    }
}

static void other_regions_are_named(void) {
    wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 10, false, 65536});
    check_described(memory->user.raw + 65536 + 12, "linear memory +0x1000c, size 0x10000");
    check_described(vaddr_of(memory->bytes).raw + 12, "linear memory +0xc, size 0x10000");
    check_described((uintptr_t)&stop, "kernel bss +0x");
    check_described((uintptr_t)user_add_one, "module text +0x");
    check_described((uintptr_t)overflow_is_named, "kernel text +0x");
    check_described(hal_stack_pointer(), "boot stack +0x");
    check_described(module_stack().start.raw, "stack `main` +0x");
    check_described(8, "belongs to no region");
    wasm_memory_free(memory);
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
