/* SPDX-License-Identifier: MIT */
/* A module as the calls see one: a linear memory with nothing after its last byte. */
#ifndef INGOT_TESTS_HOST_WASI_GUEST_H
#define INGOT_TESTS_HOST_WASI_GUEST_H

#include <stdlib.h>
#include <string.h>

#include "kernel/wasm/guest.h"

static wasm_memory_t guest_memory;
static wasm_caller_t guest_caller = {.memory = &guest_memory};
static wasm_caller_t *const guest = &guest_caller;

static inline void guest_start(uint32_t size) {
    guest_memory.bytes = calloc(1, size);
    guest_memory.size = size;
}

static inline void guest_end(void) {
    free(guest_memory.bytes);
    guest_memory.bytes = NULL;
}

static inline void guest_put(uint32_t at, const void *bytes, size_t len) {
    memcpy(guest_memory.bytes + at, bytes, len);
}

static inline uint32_t guest_u32(uint32_t at) {
    uint32_t v;
    memcpy(&v, guest_memory.bytes + at, sizeof v);
    return v;
}

static inline uint64_t guest_u64(uint32_t at) {
    uint64_t v;
    memcpy(&v, guest_memory.bytes + at, sizeof v);
    return v;
}

#endif
