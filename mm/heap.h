/* SPDX-License-Identifier: MIT */
/*
 * The kernel heap, in three sizes: size classes up to HEAP_SMALL_MAX in pages of one region; runs
 * of pages of the same region up to HEAP_RUN_MAX; and above, a mapping of its own for each block,
 * zeroed on demand and given back at once when freed. The region takes memory a few pages at a
 * time where no freed run serves, and gives back a large one at its end.
 *
 * Blocks are aligned to 16 bytes. Allocation fails with NULL, never panics. Freeing what is no
 * block panics where the page's head shows it. With INGOT_HEAP_CHECKS every block knows its size
 * and ends with a canary drawn from the seed and its address: freeing twice and an overrun panic at
 * free or realloc. One lock; any hart may call.
 */
#ifndef INGOT_MM_HEAP_H
#define INGOT_MM_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "mm/aspace.h"

#define HEAP_SMALL_MAX 1008u
#define HEAP_RUN_MAX (UINT64_C(256) << 10)
/* Addresses for size classes and runs. */
#define HEAP_CAPACITY (UINT64_C(1) << 30)
#define HEAP_GROW_PAGES 4u
#define HEAP_TRIM_PAGES 64u

typedef struct heap_stats {
    uint64_t live_blocks;
    uint64_t live_bytes; /* as reserved for them: rounded up to size class or pages */
    uint64_t peak_bytes;
    uint64_t region_pages; /* taken by the region */
    uint64_t free_pages;   /* of those, in free runs */
    uint64_t large_blocks; /* mappings of their own */
} heap_stats_t;

/* ERR_NO_MEMORY; ERR_RANGE when the window has no room. Before it, heap_alloc() answers NULL. */
status_t heap_init(aspace_t *as, uint64_t seed);
/* Gives everything back, live blocks too, but for those with a mapping of their own. For tests. */
void heap_destroy(void);

/* heap_alloc(0) is a block like any other: not NULL, to be freed. */
void *heap_alloc(size_t size);
void *heap_zalloc(size_t size);
/* As C's realloc, except that size 0 keeps a block. NULL: the old block is unchanged. */
void *heap_realloc(void *block, size_t size);
/* NULL is fine. */
void heap_free(void *block);

heap_stats_t heap_stats(void);

#endif
