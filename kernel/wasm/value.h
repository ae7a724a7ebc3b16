/* SPDX-License-Identifier: MIT */
/* A value that crosses between the kernel and a module: calls by name, and test drivers. */
#ifndef INGOT_KERNEL_WASM_VALUE_H
#define INGOT_KERNEL_WASM_VALUE_H

#include <stdint.h>

#include "kernel/wasm/wasm-rt.h"

/*
 * `bits` holds i32/f32 in its low half, `hi` only for v128. An externref is its pointer; a funcref
 * or exnref is the address, at user level, of a wasm_rt_funcref_t or wasm_rt_exnref_t, 0 for null.
 * That of a result is good until the same export is called again.
 */
typedef struct wasm_value {
    wasm_rt_type_t type;
    uint64_t bits;
    uint64_t hi;
} wasm_value_t;

#endif
