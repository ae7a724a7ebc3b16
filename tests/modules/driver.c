/* SPDX-License-Identifier: MIT */
/*
 * Modules beside each other, as KTAP: two that go wild over every address they can name, between
 * two whose memories, tables and globals must be the same afterwards; and what a call between
 * modules costs.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/wasm/trap.h"
#include "tests/modules/common.h"

enum { ROUNDS = 20000, CALLS = 1000, CALL_BUDGET = 3 };

/* An address: anywhere, about the memory's end, about 0, or just where a victim's bytes are when
 * counted from this module's memory. */
static uint64_t wild_address(const wasm_instance_t *wild, const wasm_instance_t *victim) {
    const wasm_memory_t *own = wild->caller->memory, *other = victim->caller->memory;
    uint64_t near = random_number() % 64;
    switch (random_number() % 4) {
    case 0:
        return random_number();
    case 1:
        return own->size - 32 + near;
    case 2:
        return near - 32;
    default:
        return other->user.raw - own->user.raw + random_number() % other->size;
    }
}

/* Calls of `wild`'s exports with wild arguments; counts those that returned and those that trapped.
 */
static void go_wild(const wasm_instance_t *wild, const wasm_instance_t *const *victims,
                    unsigned *returned, unsigned *trapped) {
    *returned = *trapped = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const wasm_export_func_t *func = &wild->exports[random_number() % wild->n_exports];
        wasm_value_t params[2] = {0}, none[1];
        /* Recursion to the end of the stack takes long: seldom. */
        if (strcmp(func->name, "deep") == 0 && i % 256 != 0) {
            continue;
        }
        params[0].bits = wild_address(wild, victims[i % 2]);
        params[1].bits = random_number() & (i % 2 == 0 ? 0xffff : UINT32_MAX);
        wasm_trap_t trap;
        if (wasm_call_export(wild, func, params, none, &trap)) {
            ++*returned;
        } else {
            ++*trapped;
        }
    }
}

static void test_isolation(const char *name) {
    const wasm_instance_t *victims[] = {find("before"), find("after")}, *wild = find(name);
    uint64_t at = wild->caller->memory->user.raw;
    uint64_t hashes[] = {hash_instance(victims[0]), hash_instance(victims[1])};
    uint64_t own = hash_instance(wild);
    unsigned returned, trapped;
    char line[96];
    go_wild(wild, victims, &returned, &trapped);
    say("# %s: %u calls returned, %u trapped\n", name, returned, trapped);
    snprintf(line, sizeof line, "%s wrote to its own memory, and trapped", name);
    result(hash_instance(wild) != own && returned > ROUNDS / 100 && trapped > ROUNDS / 100, line);
    snprintf(line, sizeof line, "the modules beside %s hash the same", name);
    result(hash_instance(victims[0]) == hashes[0] && hash_instance(victims[1]) == hashes[1], line);
    result(wild->caller->memory->user.raw == at, "its memory did not move");
}

static uint64_t retired(void) {
    uint64_t n;
    __asm__ volatile("rdinstret %0" : "=r"(n)::"memory");
    return n;
}

/* Instructions of a loop of `n` calls of a function of another module. */
static uint64_t cost(uint32_t n) {
    const wasm_instance_t *caller = find("calls");
    const wasm_value_t param = {.type = WASM_RT_I32, .bits = n};
    wasm_value_t sum;
    uint64_t start = retired();
    wasm_trap_t trap;
    wasm_call_export(caller, wasm_find_export(caller, "loop"), &param, &sum, &trap);
    return retired() - start;
}

static __attribute__((noinline)) uint32_t native_add(uint32_t a, uint32_t b) {
    __asm__ volatile(""); /* not to be known by the caller */
    return a + b;
}

/* The same loop without wasm. */
static uint64_t native_cost(uint32_t n) {
    uint64_t start = retired();
    uint32_t sum = 0;
    do {
        sum = native_add(sum, n);
    } while (--n != 0);
    __asm__ volatile("" ::"r"(sum));
    return retired() - start;
}

static uint64_t each(uint64_t (*cost_of)(uint32_t)) {
    cost_of(1); /* brings in the pages */
    return (cost_of(2 * CALLS) - cost_of(CALLS)) / CALLS;
}

/* Beyond a C call, a call of another module passes the address of its instance as the first
 * argument, and moves the others behind it. */
static void test_cost(void) {
    uint64_t wasm = each(cost), native = each(native_cost);
    say("# a call in a loop: %lu instructions, natively %lu\n", wasm, native);
    result(wasm > 0 && native > 0 && wasm <= native + CALL_BUDGET,
           "a call of another module is a plain call");
}

_Noreturn void modules_run(void) {
    wasm_instantiate_all();
    test_isolation("wild");
    test_isolation("wild64");
    test_cost();
    finish();
}
