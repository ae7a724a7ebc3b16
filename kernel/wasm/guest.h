/* SPDX-License-Identifier: MIT */
/*
 * The one checked way from host functions into a module's linear memory.
 *
 * A guest address is untrusted. `guest_span` answers a pointer into the kernel's view only when
 * [addr, addr + len) lies inside the caller's memory as it is now; otherwise it returns false and
 * the host function answers WASI errno FAULT. A zero length at any address up to memory.size is
 * valid. Wasm is little-endian, as riscv64 is; loads and stores may be unaligned.
 */
#ifndef INGOT_KERNEL_WASM_GUEST_H
#define INGOT_KERNEL_WASM_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kernel/wasm/module.h"

static inline bool guest_span(const wasm_caller_t *c, uint64_t addr, uint64_t len, void **out) {
    if (c->memory == NULL || addr > c->memory->size || len > c->memory->size - addr) {
        return false;
    }
    *out = c->memory->bytes + addr;
    return true;
}

#define GUEST_LOAD(bits)                                                                           \
    static inline bool guest_load_u##bits(const wasm_caller_t *c, uint32_t addr,                   \
                                          uint##bits##_t *out) {                                   \
        void *p;                                                                                   \
        if (!guest_span(c, addr, sizeof *out, &p)) {                                               \
            return false;                                                                          \
        }                                                                                          \
        memcpy(out, p, sizeof *out);                                                               \
        return true;                                                                               \
    }                                                                                              \
    static inline bool guest_store_u##bits(const wasm_caller_t *c, uint32_t addr,                  \
                                           uint##bits##_t value) {                                 \
        void *p;                                                                                   \
        if (!guest_span(c, addr, sizeof value, &p)) {                                              \
            return false;                                                                          \
        }                                                                                          \
        memcpy(p, &value, sizeof value);                                                           \
        return true;                                                                               \
    }
GUEST_LOAD(8)
GUEST_LOAD(16)
GUEST_LOAD(32)
GUEST_LOAD(64)
#undef GUEST_LOAD

#endif
