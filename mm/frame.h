/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: a buddy allocator of 4 KiB frames over several banks, and the promises made
 * against it.
 *
 * An order n block is 2^n frames, aligned to its size. A block may be given back in other pieces
 * than it was taken in. One state byte per frame lies in the RAM itself; free blocks are linked
 * through their first bytes (hal_phys_to_virt). One lock; any hart may call.
 *
 * A promise is a frame that somebody may take later without failing: a demand-zero page that was
 * mapped and is not touched yet. Plain allocation never eats into promised frames:
 *     free >= promised, always.
 */
#ifndef INGOT_MM_FRAME_H
#define INGOT_MM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/addr.h"
#include "hal/status.h"

#define FRAME_MAX_ORDER 18u /* 1 GiB */
#define FRAME_MAX_BANKS 16u
#define FRAME_MAX_RESERVED 32u

/* Hands over `banks` (RAM, page-rounded inward, not overlapping) minus `reserved` (rounded
 * outward; firmware, image, device tree). All of it is reachable through hal_phys_to_virt; of
 * free memory only the state bytes and a few list links are written. Calling it again starts anew.
 * ERR_INVALID: no bank, too many of either, or banks that overlap. ERR_NO_MEMORY: no bank has
 * room for the state bytes. */
status_t frame_init(const prange_t *banks, size_t bank_count, const prange_t *reserved,
                    size_t reserved_count);

/* ERR_NO_MEMORY when no unpromised block is left; ERR_INVALID for order > FRAME_MAX_ORDER. */
status_t frame_alloc(unsigned order, paddr_t *out);
status_t frame_alloc_zeroed(unsigned order, paddr_t *out);
/* Freeing what is free already, or is no frame, panics. */
void frame_free(paddr_t start, unsigned order);

/* `count` frames that lie side by side, at least page-aligned. ERR_INVALID for 0. */
status_t frame_alloc_run(uint64_t count, paddr_t *out);
void frame_free_run(paddr_t start, uint64_t count);

/* Sets `count` frames aside. ERR_NO_MEMORY when fewer are free and unpromised. */
status_t frame_promise(uint64_t count);
void frame_unpromise(uint64_t count);
/* Takes one promised frame: cannot fail; panics when nothing was promised. */
void frame_take_promised(paddr_t *out);
/* Takes 2^order promised frames as one block, if there is such a block; else false. */
bool frame_take_promised_block(unsigned order, paddr_t *out);

uint64_t frame_free_count(void); /* promised ones included */
uint64_t frame_promised_count(void);
uint64_t frame_total_count(void); /* all that was ever free: banks less reserved and state */

#endif
