/* SPDX-License-Identifier: MIT */
/* The sieve of Eratosthenes, over bytes. */
#include "bench.h"

#define LIMIT 400000u

static uint8_t composite[LIMIT];

BENCH(sieve) {
    uint64_t hash = MIX_START;
    memset(composite, 0, sizeof composite);
    for (uint32_t i = n + 1; i < LIMIT; i++) {
        if (composite[i]) {
            continue;
        }
        hash = mix(hash, i);
        for (uint32_t k = 2 * i; k < LIMIT; k += i) {
            composite[k] = 1;
        }
    }
    return hash;
}
