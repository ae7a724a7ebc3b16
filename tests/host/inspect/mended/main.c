/* SPDX-License-Identifier: MIT */
/*
 * Runs mended.wat natively: wasm2c's output, mended, on the smallest runtime that can hold it. A
 * trap jumps back to the check that expects it.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/wasm/wasm-rt.h"
#include "module-0.h"

static jmp_buf back;
static int failures;

_Noreturn void wasm_rt_trap(wasm_rt_trap_t code) {
    longjmp(back, (int)code);
}

_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected) {
    (void)expected;
    wasm_rt_trap(index >= table->size                   ? WASM_RT_TRAP_UNDEFINED_ELEMENT
                 : table->data[index].func_type == NULL ? WASM_RT_TRAP_UNINITIALIZED_ELEMENT
                                                        : WASM_RT_TRAP_INDIRECT_TYPE);
}

/* What the last trap of a memory access told. */
static const wasm_rt_memory_t *trap_memory;
static uint64_t trap_address;
static bool trap_carry;

static _Noreturn void trap_oob(const wasm_rt_memory_t *memory, uint64_t address, bool carry) {
    trap_memory = memory;
    trap_address = address;
    trap_carry = carry;
    wasm_rt_trap(WASM_RT_TRAP_OOB);
}

_Noreturn void wasm_rt_trap_range(const wasm_rt_memory_t *memory, uint64_t address) {
    trap_oob(memory, address, false);
}

_Noreturn void wasm_rt_trap_address(const wasm_rt_memory_t *memory, uint64_t sum) {
    trap_oob(memory, sum, true);
}

_Noreturn void wasm_rt_trap_segment(uint64_t offset, uint64_t size) {
    (void)size;
    trap_oob(NULL, offset, false);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
                             bool is64, uint32_t page_size) {
    memory->size = initial_pages * page_size;
    memory->data = calloc(1, memory->size);
    memory->pages = initial_pages;
    memory->max_pages = max_pages;
    memory->is64 = is64;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
    free(memory->data);
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements,
                                    uint32_t max_elements) {
    table->data = calloc(elements, sizeof *table->data);
    table->size = elements;
    table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table) {
    free(table->data);
}

static void check(const char *what, uint64_t got, uint64_t expected) {
    if (got != expected) {
        printf("%s: %llu, expected %llu\n", what, (unsigned long long)got,
               (unsigned long long)expected);
        failures++;
    }
}

#define TRAPS(expression, kind)                                                                    \
    do {                                                                                           \
        int trap_ = setjmp(back);                                                                  \
        if (trap_ == 0) {                                                                          \
            (void)(expression);                                                                    \
        }                                                                                          \
        check(#expression, (uint64_t)trap_, kind);                                                 \
    } while (0)

/* Traps, and tells this address. */
#define TRAPS_AT(expression, memory, address, carry)                                               \
    do {                                                                                           \
        TRAPS(((expression), 0), WASM_RT_TRAP_OOB);                                                \
        check(#expression ": memory", (uintptr_t)trap_memory, (uintptr_t)(memory));                \
        check(#expression ": address", trap_address, address);                                     \
        check(#expression ": carry", trap_carry, carry);                                           \
    } while (0)

static void check_addresses(w2c_mended *m) {
    const wasm_rt_memory_t *m32 = &m->w2c_M0, *m64 = &m->w2c_M1;
    TRAPS_AT(w2c_mended_load64(m, 65517), m64, 65533, false);
    TRAPS_AT(w2c_mended_load64(m, UINT64_MAX - 15), m64, 0, true);
    TRAPS_AT(w2c_mended_long64(m, UINT64_MAX - 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), m64, 0, true);
    TRAPS_AT(w2c_mended_store64(m, 8), m64, 0, true);
    TRAPS_AT(w2c_mended_fill(m, 65535, 2), m32, 65535, false);
    TRAPS_AT(w2c_mended_fill64(m, UINT64_MAX, UINT64_MAX), m64, UINT64_MAX, false);
    TRAPS_AT(w2c_mended_copy(m, 65536, 0, 1), m32, 65536, false);
    TRAPS_AT(w2c_mended_copy(m, 0, 65000, 1000), m32, 65000, false);
    TRAPS_AT(w2c_mended_init(m, 65535, 0, 3), m32, 65535, false);
    TRAPS_AT(w2c_mended_init(m, 0, 2, 2), NULL, 2, false);
}

int main(void) {
    static w2c_mended m;
    wasm2c_mended_instantiate(&m);
    check("direct", w2c_mended_direct(&m, 1), 101);
    check("trampoline", w2c_mended_trampoline(&m, 2), 102);
    check("indirect", w2c_mended_indirect(&m, 3), 103);
    check("callee", w2c_mended_callee(&m, 4), 104);
    check("indirect-tail", w2c_mended_indirect0x2Dtail(&m, 5), 105);
    struct wasm_multi_ij two = w2c_mended_two(&m, 6);
    check("two", two.i0 * 100 + two.j1, 609);
    two = w2c_mended_two0x2Dtail(&m, 7);
    check("two-tail", two.i0 * 100 + two.j1, 709);
    check("count", w2c_mended_count(&m, 1000000), 42);
    check("call", w2c_mended_call(&m, 0), 101);
    TRAPS(w2c_mended_call(&m, 2), WASM_RT_TRAP_INDIRECT_TYPE);
    TRAPS(w2c_mended_call(&m, 4), WASM_RT_TRAP_UNINITIALIZED_ELEMENT);
    TRAPS(w2c_mended_call(&m, 6), WASM_RT_TRAP_UNDEFINED_ELEMENT);
    check("get", w2c_mended_get(&m, 5), 1);
    TRAPS(w2c_mended_get(&m, 6), WASM_RT_TRAP_TABLE_OOB);
    check("load", w2c_mended_load(&m, 16), 0x04030201);
    check("load64", w2c_mended_load64(&m, 65516), 0);
    check_addresses(&m);
    check("add", w2c_mended_add(&m, 2), 40);
    check("added", w2c_mended_exchanged(&m), 42);
    check("exchange", w2c_mended_exchange(&m, 51), 50);
    check("not exchanged", w2c_mended_exchanged(&m), 50);
    check("exchange", w2c_mended_exchange(&m, 50), 50);
    check("exchanged", w2c_mended_exchanged(&m), 60);
    wasm2c_mended_free(&m);
    return failures > 0;
}
