/* SPDX-License-Identifier: MIT */
/*
 * What drivers ask of the kernel: a view of a device's registers, and memory that a device can
 * reach. Register windows come from the device tree and stay mapped until power-off.
 */
#ifndef INGOT_KERNEL_CORE_DEVICE_H
#define INGOT_KERNEL_CORE_DEVICE_H

#include <stddef.h>

#include "hal/addr.h"
#include "hal/status.h"

/* Maps the device registers `reg` read-write, uncached where the machine knows such a thing; *out
 * points at the byte for reg.start, which need not be page-aligned. `name` is for the region and
 * must outlive it. Fails: ERR_INVALID (empty), ERR_RANGE (wraps), ERR_OVERLAP (RAM of the kernel),
 * ERR_NO_MEMORY. */
status_t device_map(prange_t reg, const char *name, void **out);

/* Physically contiguous memory for a device to read and write: page-aligned, whole pages, contents
 * undefined, never given back (drivers live as long as the machine). ERR_NO_MEMORY. */
status_t dma_alloc(size_t len, void **out);

/* The physical address of a byte of dma_alloc memory, of the kernel image or of the direct map.
 * Linear memory is not contiguous and must not be given to a device: copy through dma_alloc. */
paddr_t dma_addr(const void *p);

#endif
