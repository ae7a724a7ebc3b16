/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of linear memories: which memory an address belongs to.
 */
#ifndef INGOT_KERNEL_WASM_MEMORY_H
#define INGOT_KERNEL_WASM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/addr.h"
#include "kernel/wasm/wasm-rt.h"

/* The linear memory whose reservation (8 GiB, or its maximum for 64-bit ones) holds `v`, or NULL. */
const wasm_rt_memory_t *wasm_memory_at(vaddr_t v);

#endif
