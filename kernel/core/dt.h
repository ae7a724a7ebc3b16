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

#define DT_MAX_BANKS 8u
#define DT_MAX_RESERVED 16u
#define DT_MAX_DEVICES 48u

/* The facts the boot needs, gathered in one walk. */
typedef struct dt_facts {
    prange_t memory[DT_MAX_BANKS];
    unsigned n_memory;
    prange_t reserved[DT_MAX_RESERVED];
    unsigned n_reserved;
    uint64_t timebase_hz;
    bool sv48;            /* a hart offers Sv48 or more (mmu-type) */
    const char *bootargs; /* /chosen/bootargs, or NULL */
    const char *stdout_path;
    const uint8_t *rng_seed; /* /chosen/rng-seed, or NULL */
    size_t rng_seed_len;
    size_t blob_len; /* of the tree itself */
} dt_facts_t;

/* Checks the blob (at most `max_len` bytes are looked at) and walks it once. On failure `*why`
 * names the node or property at fault. Devices that a linked-in driver matches are remembered. */
status_t dt_read(const void *blob, size_t max_len, dt_facts_t *out, const char **why);

/* Calls every matching driver's probe, in tree order. A driver that fails is logged, not fatal. */
void dt_probe_devices(void);

/* A property's bytes, or NULL; *len in bytes. */
const void *dt_prop(int node, const char *name, int *len);
/* A property that is one big-endian u32; `fallback` when absent or of another size. */
uint32_t dt_prop_u32(int node, const char *name, uint32_t fallback);

/* The node that /chosen/stdout-path names (through /aliases too), or -1. */
int dt_stdout_node(void);

/* The phandle of the interrupt controller inside the cpu node of hart `hart_id`. Walks /cpus.
 * ERR_NOT_FOUND, ERR_CORRUPT. */
status_t dt_hart_intc(uint64_t hart_id, uint32_t *phandle);

#endif
