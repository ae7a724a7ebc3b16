/* SPDX-License-Identifier: MIT */
/* The pages of the modules' tables (kernel/user/table.c): one Mmap each. */
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/user.h"
#include "mm/heap.h"
#include "mm/mmap.h"

typedef struct table {
    mmap_t map;
    uint64_t handle;
    struct table *next;
} table_t;

static table_t *tables;

user_pages_t call_table_new(uint64_t bytes, uint64_t capacity) {
    table_t *t = heap_zalloc(sizeof *t);
    status_t s = ERR_NO_MEMORY;
    if (t != NULL) {
        s = mmap_new_zeroed(&kernel_aspace,
                            &(mmap_opts_t){
                                .len = bytes,
                                .capacity = capacity,
                                .perms = HAL_PERMS_USER_RW,
                                .name = "table",
                            },
                            &t->map);
    }
    if (s != STATUS_OK) {
        refuse("cannot back a table of %lu bytes: %s; give the machine more memory (--mem)", bytes,
               status_text(s));
    }
    LOG(LOG_DEBUG, wasm, "table of %lu bytes, at most %lu", bytes, capacity);
    t->handle = tables == NULL ? 1 : tables->handle + 1;
    t->next = tables;
    tables = t;
    return (user_pages_t){mmap_as_mut_ptr(&t->map), t->handle};
}

bool call_table_grow(uint64_t handle, uint64_t bytes) {
    table_t *t = tables;
    while (t != NULL && t->handle != handle) {
        t = t->next;
    }
    return t != NULL && mmap_grow(&t->map, bytes) == STATUS_OK;
}
