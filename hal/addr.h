/* SPDX-License-Identifier: MIT */
/*
 * Physical and virtual addresses as types that cannot be mixed up, and ranges with checked
 * arithmetic. Units are bytes. A range is half-open: [start, start + len); it never wraps.
 */
#ifndef INGOT_HAL_ADDR_H
#define INGOT_HAL_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12u
#define PAGE_SIZE ((uint64_t)1 << PAGE_SHIFT)

typedef struct paddr {
    uint64_t raw;
} paddr_t;

typedef struct vaddr {
    uint64_t raw;
} vaddr_t;

typedef struct prange {
    paddr_t start;
    uint64_t len;
} prange_t;

typedef struct vrange {
    vaddr_t start;
    uint64_t len;
} vrange_t;

#define PADDR(x) ((paddr_t){(uint64_t)(x)})
#define VADDR(x) ((vaddr_t){(uint64_t)(x)})

static inline bool is_aligned(uint64_t x, uint64_t align) {
    return (x & (align - 1)) == 0;
}

static inline uint64_t align_down(uint64_t x, uint64_t align) {
    return x & ~(align - 1);
}

/* False, with *out untouched, where rounding up would wrap. `align` is a power of two. */
static inline bool align_up_checked(uint64_t x, uint64_t align, uint64_t *out) {
    uint64_t t;
    if (__builtin_add_overflow(x, align - 1, &t)) {
        return false;
    }
    *out = t & ~(align - 1);
    return true;
}

static inline void *vaddr_ptr(vaddr_t v) {
    return (void *)(uintptr_t)v.raw;
}

static inline vaddr_t vaddr_of(const void *p) {
    return VADDR((uintptr_t)p);
}

#endif
