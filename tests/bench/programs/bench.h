/* SPDX-License-Identifier: MIT */
/*
 * What every bench program includes. A program is one file without a libc that defines
 *
 *     BENCH(name) { ... return checksum; }
 *
 * compiled twice from the same source: to wasm, where it is the export `run`, and natively, where
 * it is `native_NAME`. It may be called any number of times and answers the same each time; `n` is
 * 1, which the compiler does not know.
 */
#ifndef INGOT_TESTS_BENCH_H
#define INGOT_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define BENCH(name) __attribute__((export_name("run"))) uint64_t run(uint32_t n)
#else
#define BENCH(name)                                                                                \
    uint64_t native_##name(uint32_t n);                                                            \
    uint64_t native_##name(uint32_t n)
#endif

#define NOINLINE __attribute__((noinline))
#define memcpy(to, from, len) __builtin_memcpy(to, from, len)
#define memset(to, value, len) __builtin_memset(to, value, len)

/* xorshift32: input data, the same in both worlds. The state is never 0. */
static inline uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* One step of FNV-1a over a 64-bit word. */
static inline uint64_t mix(uint64_t hash, uint64_t word) {
    return (hash ^ word) * UINT64_C(0x100000001b3);
}

static inline uint64_t mix_double(uint64_t hash, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(hash, bits);
}

#define MIX_START UINT64_C(0xcbf29ce484222325)

#endif
