/* SPDX-License-Identifier: MIT */
/*
 * Tables: pages of the module's, reserved up to the table's maximum, so that growing moves nothing.
 * A fresh page is all zero, which is the null reference of every kind.
 */
#include "kernel/user/user.h"

/* What a table without a declared maximum may grow to; wasmtime's and V8's limit is ten million. */
#define MAX_ELEMENTS 10000000u

USER_CALLER user_pages_t user_table_new(uint64_t bytes __attribute__((unused)),
                                        uint64_t capacity __attribute__((unused))) {
    USER_CALL(USER_CALL_TABLE_NEW);
}

USER_CALLER bool user_table_grow(uint64_t handle __attribute__((unused)),
                                 uint64_t bytes __attribute__((unused))) {
    USER_CALL(USER_CALL_TABLE_GROW);
}

#define DEFINE_TABLE(kind)                                                                         \
    void wasm_rt_allocate_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t elements,       \
                                         uint32_t max_elements) {                                  \
        uint32_t max = max_elements < MAX_ELEMENTS ? max_elements : MAX_ELEMENTS;                  \
        max = max < elements ? elements : max;                                                     \
        user_pages_t made = user_table_new((uint64_t)elements * sizeof *table->data,               \
                                           (uint64_t)max * sizeof *table->data);                   \
        table->data = made.data;                                                                   \
        table->handle = made.handle;                                                               \
        table->size = elements;                                                                    \
        table->max_size = max;                                                                     \
    }                                                                                              \
    uint32_t wasm_rt_grow_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t delta,          \
                                         wasm_rt_##kind##_t init) {                                \
        uint32_t old = table->size, total;                                                         \
        if (delta == 0) {                                                                          \
            return old;                                                                            \
        }                                                                                          \
        if (__builtin_add_overflow(old, delta, &total) || total > table->max_size ||               \
            !user_table_grow(table->handle, (uint64_t)total * sizeof *table->data)) {              \
            return UINT32_MAX;                                                                     \
        }                                                                                          \
        table->size = total;                                                                       \
        for (uint32_t i = old; i < total; i++) {                                                   \
            table->data[i] = init;                                                                 \
        }                                                                                          \
        return old;                                                                                \
    }                                                                                              \
    /* Instances live until power-off. */                                                          \
    void wasm_rt_free_##kind##_table(wasm_rt_##kind##_table_t *table) {                            \
        (void)table;                                                                               \
    }

DEFINE_TABLE(funcref)
DEFINE_TABLE(externref)
DEFINE_TABLE(exnref)
