/* SPDX-License-Identifier: MIT */
/* Traps end the innermost protected call, with the right kind, and nothing else. */
#include <string.h>

#include "hal/cpu.h"
#include "hal/user.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/user.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

static void calls_return(void) {
    wasm_trap_t trap = {.kind = WASM_RT_TRAP_KINDS};
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t answer;
        CHECK(user_call(user_add_one, i, &answer, &trap));
        CHECK_EQ(answer, i + 1);
    }
    CHECK_EQ(trap.kind, WASM_RT_TRAP_KINDS); /* untouched */
}

static void every_kind_arrives(void) {
    for (wasm_rt_trap_t kind = WASM_RT_TRAP_NONE + 1; kind < WASM_RT_TRAP_UNDEFINED_ELEMENT;
         kind++) {
        wasm_trap_t trap = {0};
        uint64_t sp = hal_stack_pointer();
        CHECK(!user_call(user_raise, kind, NULL, &trap));
        CHECK_EQ(trap.kind, kind);
        CHECK(!trap.has_address);
        CHECK(trap.pc > (uintptr_t)user_raise && trap.pc < (uintptr_t)user_raise + 64);
        CHECK_EQ(hal_stack_pointer(), sp);
        CHECK(wasm_trap_text(kind) != NULL && strlen(wasm_trap_text(kind)) > 5);
    }
    for (wasm_rt_trap_t kind = WASM_RT_TRAP_NONE + 1; kind < WASM_RT_TRAP_KINDS; kind++) {
        CHECK(strcmp(wasm_trap_text(kind), "unknown trap") != 0);
    }
    CHECK(strcmp(wasm_trap_text(WASM_RT_TRAP_KINDS), "unknown trap") == 0);
}

static void call_indirect_tells_three_kinds(void) {
    static const wasm_rt_trap_t kinds[] = {
        WASM_RT_TRAP_UNINITIALIZED_ELEMENT, WASM_RT_TRAP_INDIRECT_TYPE,
        WASM_RT_TRAP_UNDEFINED_ELEMENT, WASM_RT_TRAP_UNDEFINED_ELEMENT};
    for (unsigned i = 0; i < 4; i++) {
        wasm_trap_t trap;
        CHECK(!user_call(user_indirect, i < 3 ? i : UINT32_MAX, NULL, &trap));
        CHECK_EQ(trap.kind, kinds[i]);
        CHECK_EQ(trap.index, i < 3 ? i : UINT32_MAX);
        CHECK_EQ(trap.table_size, 2);
        CHECK(trap.expected != NULL);
        CHECK_EQ(trap.found != NULL, kinds[i] == WASM_RT_TRAP_INDIRECT_TYPE);
    }
}

static void unknown_import_is_named(void) {
    wasm_trap_t trap;
    CHECK(!user_call(user_call_unknown, USER_CALL_TEST_UNKNOWN_IMPORT, NULL, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_UNKNOWN_IMPORT);
    CHECK(strcmp(trap.import_module, "env") == 0 && strcmp(trap.import_field, "missing") == 0);
}

/* A function that a call runs may run another: each level traps after the one inside it did. */
static unsigned levels, wrong_levels;

void call_test_nest(void) {
    unsigned left = levels;
    if (left > 0) {
        wasm_trap_t trap = {0};
        levels--;
        bool returned = user_call(user_call_unknown, USER_CALL_TEST_NEST, NULL, &trap);
        wrong_levels += returned || trap.kind != (left == 1 ? WASM_RT_TRAP_UNREACHABLE
                                                            : WASM_RT_TRAP_DIV_BY_ZERO);
    }
    call_trap(left == 0 ? WASM_RT_TRAP_UNREACHABLE : WASM_RT_TRAP_DIV_BY_ZERO);
}

static void calls_nest(void) {
    wasm_trap_t trap = {0};
    hal_frame_t caller;
    levels = 20;
    wrong_levels = 0;
    CHECK(!user_call(user_call_unknown, USER_CALL_TEST_NEST, NULL, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_DIV_BY_ZERO);
    CHECK_EQ(wrong_levels, 0);
    CHECK(!hal_user_frame(&caller)); /* none is running any longer */
}

/* The inner call has a stack below the outer one's, which goes on with what it had. */
static uint64_t inner_sp;

uint64_t call_test_inside(void) {
    wasm_trap_t trap;
    if (user_call(user_raise, WASM_RT_TRAP_INT_OVERFLOW, NULL, &trap)) {
        return 1;
    }
    return user_call(user_stack_pointer, 0, &inner_sp, &trap) ? 0 : 2;
}

static void outer_call_goes_on(void) {
    wasm_trap_t trap;
    uint64_t sp;
    CHECK(user_call(user_stack_pointer, 0, &sp, &trap));
    CHECK(user_call(user_call_unknown, USER_CALL_TEST_INSIDE, NULL, &trap));
    CHECK(inner_sp != 0 && inner_sp <= sp && inner_sp % 16 == 0);
}

/* ---- Exhaustion ---- */

static void check_exhausted(user_fn_t fn, uint64_t arg) {
    wasm_trap_t trap;
    uint64_t sp = hal_stack_pointer();
    CHECK(!user_call(fn, arg, NULL, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_EXHAUSTION);
    CHECK(!trap.has_address);
    CHECK_EQ(hal_stack_pointer(), sp);
}

static void check_exhausted_twice(user_fn_t fn, uint64_t least) {
    check_exhausted(fn, 0);
    uint64_t first = user_last_depth();
    check_exhausted(fn, 0);
    CHECK(first > least);
    CHECK_EQ(first, user_last_depth()); /* nothing of the stack was lost */
}

static void recursion_is_exhaustion_twice(void) {
    check_exhausted_twice(user_recurse, 1000);
}

static void large_frames_are_exhaustion(void) {
    check_exhausted_twice(user_recurse_large, 0);
}

/* The kernel works on a stack of its own: it does not matter how much is left. */
static void calls_at_any_depth(void) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 65536, false, 65536});
    check_exhausted(user_recurse_into_kernel, m->handle);
    CHECK_EQ(m->size, 65536);
    CHECK(wasm_memory_grow(m, 1));
    wasm_memory_free(m);
}

static void exhaustion_then_out_of_bounds(void) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, 65536});
    for (unsigned i = 0; i < 3; i++) {
        wasm_trap_t trap;
        check_exhausted(user_recurse, 0);
        CHECK(!user_call(user_load, m->user.raw + m->size, NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
        CHECK_EQ(trap.offset, m->size);
    }
    wasm_memory_free(m);
}

/* Registers that a callee keeps are as before the call, whatever the trapped code did to them. */
static void registers_survive(void) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, 65536});
    register uint64_t a __asm__("s2") = 0x1111, b __asm__("s5") = 0x2222, c __asm__("s11") = 0x3333;
    register double f __asm__("fs1") = 1.5;
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+f"(f));
    wasm_trap_t trap;
    bool returned = user_call(user_clobber, m->user.raw + m->size, NULL, &trap);
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+f"(f));
    CHECK(!returned);
    CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
    CHECK(a == 0x1111 && b == 0x2222 && c == 0x3333 && f == 1.5);
    wasm_memory_free(m);
}

static const guest_test_t wasm_trap_tests[] = {
    {"a call that does not trap returns", calls_return},
    {"every kind of trap arrives, with its place", every_kind_arrives},
    {"protected calls nest", calls_nest},
    {"a trap ends the innermost call only", outer_call_goes_on},
    {"call_indirect tells three kinds apart", call_indirect_tells_three_kinds},
    {"an unknown import is named", unknown_import_is_named},
    {"endless recursion is exhaustion, twice in a row", recursion_is_exhaustion_twice},
    {"so it is with frames of 200 KiB", large_frames_are_exhaustion},
    {"the kernel answers calls at any depth", calls_at_any_depth},
    {"out of bounds is told from exhaustion", exhaustion_then_out_of_bounds},
    {"a trap leaves the caller's registers", registers_survive},
};
GUEST_GROUP(wasm_trap, "wasm-trap");
