/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a file in RAM: pages found through a radix tree, holes where nothing was written.
 * A file may start over bytes that lie elsewhere (the baked tree): a page of those is copied when
 * it is first written. Small files take a small block.
 *
 * Invariant: bytes of a block at or beyond `size` are zero, and base_len <= size, so that growing a
 * file needs no writing.
 */
#ifndef INGOT_KERNEL_FS_RAMDATA_H
#define INGOT_KERNEL_FS_RAMDATA_H

#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"

#define RAMDATA_PAGE 4096u
#define RAMDATA_FANOUT 512u
#define RAMDATA_SIZE_MAX ((uint64_t)INT64_MAX)

/* All zero is an empty file. */
typedef struct ramdata {
    uint64_t size;
    void *root;          /* height 0: the first page, of first_len bytes; else a table */
    unsigned height;     /* levels of tables above the pages */
    uint32_t first_len;  /* 0, or a power of two up to RAMDATA_PAGE; for height 0 */
    const uint8_t *base; /* what holes show below base_len */
    uint64_t base_len;
} ramdata_t;

void ramdata_init_base(ramdata_t *d, const uint8_t *base, uint64_t len);

/* Answers how much was there to read. */
size_t ramdata_read(const ramdata_t *d, uint64_t offset, void *buf, size_t len);

/* *done < len only when memory ran out on the way; ERR_NO_MEMORY when nothing was written;
 * ERR_RANGE beyond RAMDATA_SIZE_MAX. */
status_t ramdata_write(ramdata_t *d, uint64_t offset, const void *buf, size_t len, size_t *done);

/* ERR_RANGE beyond RAMDATA_SIZE_MAX. */
status_t ramdata_truncate(ramdata_t *d, uint64_t size);

#endif
