/* SPDX-License-Identifier: MIT */
/* Finding room between regions. Internal to mm/. */
#ifndef INGOT_MM_PLACE_H
#define INGOT_MM_PLACE_H

#include "mm/aspace.h"

/* What has to fit: `before` bytes, then an address aligned to `align`, then `after` bytes.
 * Page multiples, after > 0, align a power of two. */
typedef struct place_want {
    uint64_t before, after, align;
} place_want_t;

/* The lowest aligned address that fits into the window. */
bool place_first(region_t *root, vrange_t window, const place_want_t *want, vaddr_t *out);
/* One of all that fit, each with the same probability; *random is the generator's state. */
bool place_random(region_t *root, vrange_t window, const place_want_t *want, uint64_t *random,
                  vaddr_t *out);

#endif
