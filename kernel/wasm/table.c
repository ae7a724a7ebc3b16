/* SPDX-License-Identifier: MIT */
/*
 * Tables: one Mmap each, reserved up to the table's maximum, so that growing moves nothing. A fresh
 * page is all zero, which is the null reference of every kind.
 */
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/stack.h"
#include "mm/heap.h"
#include "mm/mmap.h"

/* What a table without a declared maximum may grow to; wasmtime's and V8's limit is ten million. */
#define MAX_ELEMENTS 10000000u

struct wasm_table {
    mmap_t map;
};

static void *table_new(struct wasm_table **owner, uint32_t elements, uint32_t *max,
                       size_t element_size) {
    wasm_host_entry();
    uint32_t reserve = *max < MAX_ELEMENTS ? *max : MAX_ELEMENTS;
    reserve = reserve < elements ? elements : reserve;
    struct wasm_table *t = heap_zalloc(sizeof *t);
    status_t s = ERR_NO_MEMORY;
    if (t != NULL && reserve == 0) {
        t->map = mmap_new_empty();
        s = STATUS_OK;
    } else if (t != NULL) {
        s = mmap_new_zeroed(&kernel_aspace,
                            &(mmap_opts_t){
                                .len = (uint64_t)elements * element_size,
                                .capacity = (uint64_t)reserve * element_size,
                                .perms = HAL_PERMS_RW,
                                .name = "table",
                            },
                            &t->map);
    }
    if (s != STATUS_OK) {
        refuse("cannot back a table of %u elements: %s; give the machine more memory (--mem)",
               elements, status_text(s));
    }
    LOG(LOG_DEBUG, wasm, "table of %u elements, at most %u", (unsigned)elements, (unsigned)reserve);
    *owner = t;
    *max = reserve;
    return mmap_as_mut_ptr(&t->map);
}

/* True when the table has room and memory for `delta` more; updates nothing of the caller's. */
static bool table_grow(struct wasm_table *owner, uint32_t size, uint32_t max, uint32_t delta,
                       size_t element_size) {
    uint32_t total;
    wasm_host_entry();
    return !__builtin_add_overflow(size, delta, &total) && total <= max &&
           mmap_grow(&owner->map, (uint64_t)total * element_size) == STATUS_OK;
}

static void table_free(struct wasm_table *owner) {
    mmap_drop(&owner->map);
    heap_free(owner);
}

#define DEFINE_TABLE(kind)                                                                         \
    void wasm_rt_allocate_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t elements,       \
                                         uint32_t max_elements) {                                  \
        uint32_t max = max_elements;                                                               \
        table->data = table_new(&table->owner, elements, &max, sizeof(wasm_rt_##kind##_t));        \
        table->size = elements;                                                                    \
        table->max_size = max;                                                                     \
    }                                                                                              \
    uint32_t wasm_rt_grow_##kind##_table(wasm_rt_##kind##_table_t *table, uint32_t delta,          \
                                         wasm_rt_##kind##_t init) {                                \
        uint32_t old = table->size;                                                                \
        if (delta == 0) {                                                                          \
            return old;                                                                            \
        }                                                                                          \
        if (!table_grow(table->owner, old, table->max_size, delta, sizeof(wasm_rt_##kind##_t))) {  \
            return UINT32_MAX;                                                                     \
        }                                                                                          \
        table->size = old + delta;                                                                 \
        for (uint32_t i = old; i < table->size; i++) {                                             \
            table->data[i] = init;                                                                 \
        }                                                                                          \
        return old;                                                                                \
    }                                                                                              \
    void wasm_rt_free_##kind##_table(wasm_rt_##kind##_table_t *table) {                            \
        table_free(table->owner);                                                                  \
        *table = (wasm_rt_##kind##_table_t){0};                                                    \
    }

DEFINE_TABLE(funcref)
DEFINE_TABLE(externref)
DEFINE_TABLE(exnref)
