/* SPDX-License-Identifier: MIT */
/* What must not be known in advance. Differences between boots are seen from the host (layout). */
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/random.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/wasm-rt.h"
#include "mm/heap.h"
#include "tests/guest/groups.h"

extern uintptr_t __stack_chk_guard;

static void canary_is_random(void) {
    CHECK(__stack_chk_guard != 0);
    CHECK_EQ(__stack_chk_guard & 0xff, 0); /* no string function copies it */
    CHECK(__stack_chk_guard >> 32 != 0);
}

/* The same request again and again: never the same place in a small number of tries. */
static void placement_is_random(void) {
    uint64_t seen[32];
    for (unsigned i = 0; i < 32; i++) {
        wasm_rt_memory_t memory;
        wasm_rt_allocate_memory(&memory, 1, 1, false, 65536);
        seen[i] = (uintptr_t)memory.data;
        wasm_rt_free_memory(&memory);
        for (unsigned j = 0; j < i; j++) {
            CHECK(seen[i] != seen[j]);
        }
    }
}

static void generator_does_not_repeat(void) {
    uint8_t bytes[8][64];
    for (unsigned i = 0; i < 8; i++) {
        CHECK_OK(random_bytes(bytes[i], sizeof bytes[i]));
        for (unsigned j = 0; j < i; j++) {
            CHECK(memcmp(bytes[i], bytes[j], sizeof bytes[i]) != 0);
        }
    }
}

static const guest_test_t random_tests[] = {
    {"the stack canary is random, and ends strings", canary_is_random},
    {"placement is random", placement_is_random},
    {"the generator does not repeat itself", generator_does_not_repeat},
};
GUEST_GROUP(random, "random");

void layout_print(void) {
    wasm_rt_memory_t memory;
    wasm_rt_funcref_table_t table;
    vrange_t stack;
    void *small = heap_alloc(16), *large = heap_alloc(4 * HEAP_RUN_MAX);
    wasm_rt_allocate_memory(&memory, 1, 1, false, 65536);
    wasm_rt_allocate_funcref_table(&table, 1, 1);
    vmap_stack_at(VADDR(hal_stack_pointer()), &stack);
    ktap_print("stack 0x%lx\n", stack.start.raw);
    ktap_print("heap 0x%lx\n", (uint64_t)(uintptr_t)small);
    ktap_print("heap-block 0x%lx\n", (uint64_t)(uintptr_t)large);
    ktap_print("linear-memory 0x%lx\n", (uint64_t)(uintptr_t)memory.data);
    ktap_print("table 0x%lx\n", (uint64_t)(uintptr_t)table.data);
    ktap_print("canary 0x%lx\n", (uint64_t)__stack_chk_guard);
}
