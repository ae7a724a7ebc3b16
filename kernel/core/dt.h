/* SPDX-License-Identifier: MIT */
/*
 * What the kernel takes from the flattened device tree, read once at boot through libfdt.
 * The tree is untrusted: every length and cell count is checked; what is malformed is ERR_CORRUPT
 * with a message that names the node. Source: Devicetree Specification 0.4, sections 2.3 and 3.
 */
#ifndef INGOT_KERNEL_CORE_DT_H
#define INGOT_KERNEL_CORE_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/addr.h"
#include "hal/status.h"

/* One device node, valid during probe only (strings point into the tree). */
typedef struct dt_device {
    int node;               /* libfdt offset, for dt_prop_* */
    const char *path;       /* node name, for messages */
    const char *compatible; /* the entry that matched */
    prange_t reg;           /* first `reg` entry; len 0 when there is none */
    uint32_t irq;           /* first `interrupts` cell; 0 when there is none */
} dt_device_t;

/* A property's bytes, or NULL; *len in bytes. */
const void *dt_prop(int node, const char *name, int *len);
/* A property that is one big-endian u32; `fallback` when absent or of another size. */
uint32_t dt_prop_u32(int node, const char *name, uint32_t fallback);

#endif
