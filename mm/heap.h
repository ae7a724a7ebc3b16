/* SPDX-License-Identifier: MIT */
/*
 * The kernel heap: size classes up to HEAP_SMALL_MAX on pages of one region, and a mapping of its
 * own for anything larger, given back at once when freed.
 *
 * Alignment is 16 bytes, from HEAP_SMALL_MAX + 1 on a page. Allocation fails with NULL, never
 * panics. With INGOT_HEAP_CHECKS every block carries a canary behind its last requested byte,
 * drawn from the seed and the block's address; freeing twice, freeing what is no block, and an
 * overrun panic at free or realloc. One lock; any hart may call.
 */
#ifndef INGOT_MM_HEAP_H
#define INGOT_MM_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "mm/aspace.h"

#define HEAP_SMALL_MAX 1024u
/* Addresses for small blocks; memory is taken a few pages at a time. */
#define HEAP_SMALL_CAPACITY (UINT64_C(1) << 30)

typedef struct heap_stats {
    uint64_t live_blocks;
    uint64_t live_bytes; /* as requested */
    uint64_t peak_bytes;
    uint64_t small_pages; /* taken for size classes */
    uint64_t large_blocks;
    uint64_t large_bytes; /* mapped for large blocks */
} heap_stats_t;

/* ERR_NO_MEMORY; ERR_RANGE when the window has no room. Before it, heap_alloc() answers NULL. */
status_t heap_init(aspace_t *as, uint64_t seed);
/* Gives everything back, live blocks too. For tests. */
void heap_destroy(void);

/* heap_alloc(0) is a block like any other: not NULL, to be freed. */
void *heap_alloc(size_t size);
void *heap_zalloc(size_t size);
/* As C's realloc, except that size 0 keeps the block. NULL: the old block is unchanged. */
void *heap_realloc(void *block, size_t size);
/* NULL is fine. */
void heap_free(void *block);

heap_stats_t heap_stats(void);

#endif
