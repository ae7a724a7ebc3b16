/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of linear memories. The module has a memory at user level, and a record of it
 * of its own (wasm_rt_memory_t); the kernel has this one, and sees the bytes through a view
 * elsewhere.
 */
#ifndef INGOT_KERNEL_WASM_MEMORY_H
#define INGOT_KERNEL_WASM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/addr.h"

struct wasm_instance;

typedef struct wasm_memory {
    uint8_t *bytes;                       /* the kernel's view: [bytes, bytes + size) */
    uint64_t size;                        /* bytes */
    vaddr_t user;                         /* where the module has it */
    const struct wasm_instance *instance; /* that defines it; NULL in tests */
    uint64_t handle;
} wasm_memory_t;

/* In pages of `page_size` bytes. */
typedef struct wasm_memory_type {
    uint64_t pages, max_pages;
    bool is64;
    uint32_t page_size;
} wasm_memory_type_t;

/* The next memory that `instance` defines. When physical memory cannot back it the image is
 * refused, with the sizes named. */
wasm_memory_t *wasm_memory_new(const struct wasm_instance *instance,
                               const wasm_memory_type_t *type);
/* By so many pages; false when it cannot, and then nothing has changed. `bytes` may move only where
 * the memory was empty. */
bool wasm_memory_grow(wasm_memory_t *memory, uint64_t pages);
/* For tests: instances live until power-off. */
void wasm_memory_free(wasm_memory_t *memory);

/* The memory whose addresses at user level hold `v`: its reservation (8 GiB, or its maximum for
 * 64-bit ones) and what is in front of it. Or NULL. */
const wasm_memory_t *wasm_memory_at(vaddr_t v);
/* The memory with this handle, or NULL. */
wasm_memory_t *wasm_memory_find(uint64_t handle);

#endif
