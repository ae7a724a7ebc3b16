/* SPDX-License-Identifier: MIT */
/*
 * Storage for region nodes: a slab over single frames, so that the address space does not depend
 * on the heap, which lies in it. An empty page goes back at once. Internal to mm/; has a lock.
 */
#ifndef INGOT_MM_NODES_H
#define INGOT_MM_NODES_H

#include "mm/aspace.h"

region_t *node_alloc(void); /* NULL: no frame. Zeroed. */
void node_free(region_t *node);
uint64_t node_frames(void); /* pages of nodes in use */

#endif
