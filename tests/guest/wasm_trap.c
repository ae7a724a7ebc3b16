/* SPDX-License-Identifier: MIT */
/* Traps end the innermost protected call, with the right kind, and nothing else. */
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/stack.h"
#include "kernel/wasm/trap.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/groups.h"

static void do_nothing(void *arg) {
    *(unsigned *)arg += 1;
}

static void calls_return(void) {
    unsigned count = 0;
    wasm_trap_t trap = {.kind = WASM_RT_TRAP_KINDS};
    for (unsigned i = 0; i < 100; i++) {
        CHECK(wasm_call_protected(do_nothing, &count, &trap));
    }
    CHECK_EQ(count, 100);
    CHECK_EQ(trap.kind, WASM_RT_TRAP_KINDS); /* untouched */
}

static void raise(void *kind) {
    wasm_rt_trap(*(wasm_rt_trap_t *)kind);
}

static void every_kind_arrives(void) {
    for (wasm_rt_trap_t kind = WASM_RT_TRAP_NONE + 1; kind < WASM_RT_TRAP_KINDS; kind++) {
        wasm_trap_t trap = {0};
        uint64_t sp = hal_stack_pointer();
        CHECK(!wasm_call_protected(raise, &kind, &trap));
        CHECK_EQ(trap.kind, kind);
        CHECK(!trap.has_address);
        CHECK(trap.pc > (uintptr_t)raise && trap.pc < (uintptr_t)raise + 64);
        CHECK_EQ(hal_stack_pointer(), sp);
        CHECK(wasm_trap_text(kind) != NULL && strlen(wasm_trap_text(kind)) > 5);
    }
    CHECK(strcmp(wasm_trap_text(WASM_RT_TRAP_KINDS), "unknown trap") == 0);
}

/* Each level traps after the one inside it did. */
static void nest(void *depth) {
    unsigned left = *(unsigned *)depth;
    if (left > 0) {
        unsigned inner = left - 1;
        wasm_trap_t trap = {0};
        CHECK(!wasm_call_protected(nest, &inner, &trap));
        CHECK_EQ(trap.kind, left - 1 == 0 ? WASM_RT_TRAP_UNREACHABLE : WASM_RT_TRAP_DIV_BY_ZERO);
        CHECK_EQ(inner, left - 1);
    }
    wasm_rt_trap(left == 0 ? WASM_RT_TRAP_UNREACHABLE : WASM_RT_TRAP_DIV_BY_ZERO);
}

static void calls_nest(void) {
    unsigned depth = 20;
    wasm_trap_t trap = {0};
    CHECK(!wasm_call_protected(nest, &depth, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_DIV_BY_ZERO);
}

/* Only the inner call ends; the outer one goes on, with its locals. */
static void outer(void *arg) {
    unsigned *steps = arg;
    wasm_rt_trap_t kind = WASM_RT_TRAP_INT_OVERFLOW;
    wasm_trap_t trap;
    *steps = 1;
    CHECK(!wasm_call_protected(raise, &kind, &trap));
    CHECK_EQ(trap.kind, kind);
    *steps = 2;
    CHECK(wasm_call_protected(do_nothing, steps, &trap));
}

static void outer_call_goes_on(void) {
    unsigned steps = 0;
    wasm_trap_t trap;
    CHECK(wasm_call_protected(outer, &steps, &trap));
    CHECK_EQ(steps, 3);
}

typedef struct indirect {
    wasm_rt_funcref_table_t *table;
    uint64_t index;
} indirect_t;

static const char type_a[32] = "a", type_b[32] = "b";

static void call_indirect(void *arg) {
    const indirect_t *call = arg;
    wasm_rt_trap_call_indirect(call->table, call->index, type_a);
}

static void call_indirect_tells_three_kinds(void) {
    static const wasm_rt_trap_t kinds[] = {
        WASM_RT_TRAP_UNINITIALIZED_ELEMENT, WASM_RT_TRAP_INDIRECT_TYPE,
        WASM_RT_TRAP_UNDEFINED_ELEMENT, WASM_RT_TRAP_UNDEFINED_ELEMENT};
    wasm_rt_funcref_table_t table;
    wasm_rt_allocate_funcref_table(&table, 2, 2);
    table.data[1] = (wasm_rt_funcref_t){.func_type = type_b, .func = calls_nest};
    for (unsigned i = 0; i < 4; i++) {
        indirect_t call = {&table, i < 3 ? i : UINT32_MAX};
        wasm_trap_t trap;
        CHECK(!wasm_call_protected(call_indirect, &call, &trap));
        CHECK_EQ(trap.kind, kinds[i]);
    }
    wasm_rt_free_funcref_table(&table);
}

static void call_unknown_import(void *unused) {
    (void)unused;
    wasm_unknown_import("env", "missing");
}

static void unknown_import_is_named(void) {
    wasm_trap_t trap;
    CHECK(!wasm_call_protected(call_unknown_import, NULL, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_UNKNOWN_IMPORT);
    CHECK(strcmp(trap.import_module, "env") == 0 && strcmp(trap.import_field, "missing") == 0);
}

/* ---- Exhaustion ---- */

static volatile bool stop;

__attribute__((noinline)) static unsigned recurse(volatile unsigned *depth) {
    volatile unsigned local = *depth;
    (*depth)++;
    return stop ? 0 : recurse(depth) + local;
}

__attribute__((noinline)) static unsigned recurse_large(volatile unsigned *depth) {
    volatile uint8_t local[200u << 10];
    local[sizeof local / 2] = (uint8_t)*depth;
    (*depth)++;
    return stop ? 0 : recurse_large(depth) + local[sizeof local / 2];
}

/* Calls a host function at every depth, which asks for some stack first: else the guard would be
 * hit in the midst of mm/, with its locks held. */
__attribute__((noinline)) static unsigned recurse_into_host(wasm_rt_memory_t *memory) {
    volatile uint8_t local[64];
    local[0] = (uint8_t)wasm_rt_grow_memory(memory, 65535);
    return stop ? 0 : recurse_into_host(memory) + local[0];
}

static void run_recurse(void *depth) {
    recurse(depth);
}

static void run_recurse_large(void *depth) {
    recurse_large(depth);
}

static void run_recurse_into_host(void *memory) {
    recurse_into_host(memory);
}

static void check_exhausted(void (*fn)(void *), void *arg) {
    wasm_trap_t trap;
    uint64_t sp = hal_stack_pointer();
    CHECK(!wasm_call_protected(fn, arg, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_EXHAUSTION);
    CHECK(!trap.has_address);
    CHECK_EQ(hal_stack_pointer(), sp);
}

static void recursion_is_exhaustion_twice(void) {
    volatile unsigned first = 0, second = 0;
    check_exhausted(run_recurse, (void *)(uintptr_t)&first);
    check_exhausted(run_recurse, (void *)(uintptr_t)&second);
    CHECK(first > 1000);
    CHECK_EQ(first, second); /* nothing of the stack was lost */
}

static void large_frames_are_exhaustion(void) {
    volatile unsigned first = 0, second = 0;
    check_exhausted(run_recurse_large, (void *)(uintptr_t)&first);
    check_exhausted(run_recurse_large, (void *)(uintptr_t)&second);
    CHECK(first > 0);
    CHECK_EQ(first, second);
}

static void host_calls_are_exhaustion(void) {
    wasm_rt_memory_t memory;
    wasm_rt_allocate_memory(&memory, 1, 65536, false, 65536);
    check_exhausted(run_recurse_into_host, &memory);
    CHECK_EQ(memory.pages, 1);
    CHECK_EQ(wasm_rt_grow_memory(&memory, 1), 1);
    wasm_rt_free_memory(&memory);
}

/* The stack left to the host functions is enough for them. */
typedef struct deep {
    uint64_t floor;
    wasm_rt_memory_t *memory;
    bool done;
} deep_t;

__attribute__((noinline)) static unsigned call_host_at_the_floor(deep_t *d) {
    volatile uint8_t local[512];
    local[0] = 0;
    if ((uintptr_t)__builtin_frame_address(0) < d->floor + 2048) {
        d->done = wasm_rt_grow_memory(d->memory, 1) == 1;
        return local[0];
    }
    return call_host_at_the_floor(d) + local[0];
}

static void run_host_at_the_floor(void *deep) {
    call_host_at_the_floor(deep);
}

static void host_functions_have_enough_stack(void) {
    wasm_rt_memory_t memory;
    wasm_rt_allocate_memory(&memory, 1, 2, false, 65536);
    deep_t deep = {wasm_stack_floor, &memory, false};
    wasm_trap_t trap;
    CHECK(wasm_call_protected(run_host_at_the_floor, &deep, &trap));
    CHECK(deep.done);
    wasm_rt_free_memory(&memory);
}

/* Exhaustion in an inner call leaves the outer one's memory and stack usable. */
static void exhaust_inside(void *arg) {
    wasm_rt_memory_t *memory = arg;
    volatile unsigned depth = 0;
    memory->data[1] = 1;
    check_exhausted(run_recurse, (void *)(uintptr_t)&depth);
    memory->data[2] = 2;
    (void)*(volatile uint8_t *)(memory->data + memory->size);
}

static void exhaustion_then_out_of_bounds(void) {
    wasm_rt_memory_t memory;
    wasm_trap_t trap;
    wasm_rt_allocate_memory(&memory, 1, 1, false, 65536);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(!wasm_call_protected(exhaust_inside, &memory, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
        CHECK_EQ(trap.offset, memory.size);
        CHECK(memory.data[1] == 1 && memory.data[2] == 2);
    }
    wasm_rt_free_memory(&memory);
}

/* Registers that a callee keeps are as before the call, whatever the trapped code did to them. */
static void clobber_and_trap(void *memory) {
    wasm_rt_memory_t *m = memory;
    uint8_t *at = m->data + m->size;
    __asm__ volatile("li s2, -1\nli s3, -1\nli s4, -1\nli s5, -1\nli s6, -1\nli s7, -1\n"
                     "li s8, -1\nli s9, -1\nli s10, -1\nli s11, -1\n"
                     "fmv.d.x fs0, s2\nfmv.d.x fs1, s2\nfmv.d.x fs11, s2\n"
                     "lbu zero, 0(%0)" ::"r"(at)
                     : "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "fs0", "fs1",
                       "fs11", "memory");
}

static void registers_survive(void) {
    wasm_rt_memory_t memory;
    wasm_rt_allocate_memory(&memory, 1, 1, false, 65536);
    register uint64_t a __asm__("s2") = 0x1111, b __asm__("s5") = 0x2222, c __asm__("s11") = 0x3333;
    register double f __asm__("fs1") = 1.5;
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+f"(f));
    wasm_trap_t trap;
    bool returned = wasm_call_protected(clobber_and_trap, &memory, &trap);
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+f"(f));
    CHECK(!returned);
    CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
    CHECK(a == 0x1111 && b == 0x2222 && c == 0x3333 && f == 1.5);
    wasm_rt_free_memory(&memory);
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
    {"so it is in calls to the host", host_calls_are_exhaustion},
    {"host functions have stack enough at the floor", host_functions_have_enough_stack},
    {"out of bounds is told from exhaustion", exhaustion_then_out_of_bounds},
    {"a trap leaves the caller's registers", registers_survive},
};
GUEST_GROUP(wasm_trap, "wasm-trap");
