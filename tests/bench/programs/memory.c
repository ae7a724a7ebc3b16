/* SPDX-License-Identifier: MIT */
/* memcpy, memmove and memset of many sizes, small ones mostly. */
#include "bench.h"

#define SIZE 65536u

static uint8_t a[SIZE], b[SIZE];

static NOINLINE void copy(uint8_t *to, const uint8_t *from, size_t len) {
    memcpy(to, from, len);
}

static NOINLINE void move(uint8_t *to, const uint8_t *from, size_t len) {
    __builtin_memmove(to, from, len);
}

static NOINLINE void fill(uint8_t *to, uint8_t value, size_t len) {
    memset(to, value, len);
}

BENCH(memory) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (size_t i = 0; i < SIZE; i++) {
        a[i] = (uint8_t)next_random(&random);
        b[i] = 0;
    }
    for (unsigned i = 0; i < 6000; i++) {
        uint32_t r = next_random(&random);
        size_t len = i % 64 == 0 ? 4096 + r % 8192 : r % 96;
        size_t from = (r >> 8) % (SIZE - 16384), to = (r >> 4) % (SIZE - 16384);
        copy(b + to, a + from, len);
        move(b + from, b + from + (r & 15), len);
        fill(a + to, (uint8_t)r, len / 2);
    }
    for (size_t i = 0; i < SIZE; i++) {
        hash = mix(hash, (uint32_t)a[i] << 8 | b[i]);
    }
    return hash;
}
