/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/initial.h"

#include "hal/boot.h"

status_t wasm_map_initial(const wasm_initial_t *initial, uint32_t memory, mmap_t *map) {
    const uint8_t *pages = initial->pages;
    for (uint32_t i = 0; i < initial->n_runs; i++) {
        const wasm_initial_run_t *run = &initial->runs[i];
        uint64_t len = run->count * PAGE_SIZE;
        if (run->memory == memory) {
            status_t s =
                mmap_overlay(map, run->page * PAGE_SIZE, (prange_t){hal_virt_to_phys(pages), len});
            if (s != STATUS_OK) {
                return s;
            }
        }
        pages += len;
    }
    return STATUS_OK;
}
