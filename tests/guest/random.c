/* SPDX-License-Identifier: MIT */
/* What must not be known in advance. Differences between boots are seen from the host (layout). */
#include <string.h>

#include "kernel/core/random.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/user.h"
#include "mm/heap.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

extern uintptr_t __stack_chk_guard;

static void canaries_are_random(void) {
    uint64_t module;
    user_read(&module, wasm_image.user.stack_guard, sizeof module);
    const uint64_t canaries[] = {__stack_chk_guard, module};
    CHECK(canaries[0] != canaries[1]); /* who knows one does not know the other */
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(canaries[i] & 0xff, 0); /* no string function copies it */
        CHECK(canaries[i] >> 32 != 0);
    }
}

/* The same request again and again: never the same place in a small number of tries. */
static void placement_is_random(void) {
    uint64_t seen[32];
    for (unsigned i = 0; i < 32; i++) {
        wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, 65536});
        seen[i] = memory->user.raw;
        wasm_memory_free(memory);
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
    {"the stack canaries are random, and end strings", canaries_are_random},
    {"placement is random", placement_is_random},
    {"the generator does not repeat itself", generator_does_not_repeat},
};
GUEST_GROUP(random, "random");

void layout_print(void) {
    wasm_trap_t trap;
    uint64_t stack = 0, canary = 0;
    void *small = heap_alloc(16), *large = heap_alloc(4 * HEAP_RUN_MAX);
    const wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, 65536});
    const user_pages_t table = call_table_new(32, 32);
    user_call(user_stack_pointer, 0, &stack, &trap);
    user_read(&canary, wasm_image.user.stack_guard, sizeof canary);
    ktap_print("stack 0x%lx\n", stack);
    ktap_print("heap 0x%lx\n", (uint64_t)(uintptr_t)small);
    ktap_print("heap-block 0x%lx\n", (uint64_t)(uintptr_t)large);
    ktap_print("linear-memory 0x%lx\n", memory->user.raw);
    ktap_print("linear-memory-view 0x%lx\n", (uint64_t)(uintptr_t)memory->bytes);
    ktap_print("table 0x%lx\n", (uint64_t)(uintptr_t)table.data);
    ktap_print("canary 0x%lx\n", (uint64_t)__stack_chk_guard);
    ktap_print("module-canary 0x%lx\n", canary);
}
