/* SPDX-License-Identifier: MIT */
/*
 * What the memories of an instance start with: pages of the image, mapped when the memory is made
 * and copied when first written. They are the module's data segments, laid out at build time
 * (toolchain/inspect/initial.h); what is not in them is zero, or copied by the translated code.
 */
#ifndef INGOT_KERNEL_WASM_INITIAL_H
#define INGOT_KERNEL_WASM_INITIAL_H

#include "kernel/wasm/module.h"
#include "mm/mmap.h"

/* Pages of 4 KiB side by side. */
typedef struct wasm_initial_run {
    uint32_t memory; /* among those that the module defines, in their order */
    uint32_t page;   /* of the memory */
    uint32_t count;
} wasm_initial_run_t;

typedef struct wasm_initial {
    /* wasm_map_initial: named here, so that it is linked into images that need it only. */
    status_t (*map)(const struct wasm_initial *initial, uint32_t memory, mmap_t *map);
    const uint8_t *pages; /* of all runs, in their order; page-aligned */
    const wasm_initial_run_t *runs;
    uint32_t n_runs;
} wasm_initial_t;

/* Lays the pages of the instance's memory over its mapping, which is fresh. ERR_NO_MEMORY. */
status_t wasm_map_initial(const wasm_initial_t *initial, uint32_t memory, mmap_t *map);

#endif
