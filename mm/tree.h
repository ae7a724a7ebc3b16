/* SPDX-License-Identifier: MIT */
/*
 * The tree of regions: AVL, keyed by start, regions never overlap. Every node knows the extent of
 * its subtree and the largest hole within, which makes placement logarithmic. Internal to mm/.
 */
#ifndef INGOT_MM_TREE_H
#define INGOT_MM_TREE_H

#include "mm/aspace.h"

static inline uint64_t region_last(const region_t *r) {
    return r->start.raw + (r->len - 1);
}

region_t *tree_find(region_t *root, uint64_t address); /* the region with this byte */
region_t *tree_next(region_t *root, uint64_t address); /* the first that ends at or behind it */
region_t *tree_prev(region_t *root, uint64_t address); /* the last that starts before it */

void tree_insert(region_t **root, region_t *r);
void tree_remove(region_t **root, region_t *r);
/* After r's extent changed in place, without touching the order. */
void tree_refresh(region_t *root, region_t *r);

#endif
