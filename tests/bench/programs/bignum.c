/* SPDX-License-Identifier: MIT */
/* Arithmetic on long numbers: digits of pi by a spigot, products of 32-bit limbs. */
#include "bench.h"

#define LIMBS 64u
#define DIGITS 160u
#define CELLS (DIGITS * 10 / 3 + 1)

static uint32_t x[LIMBS], y[LIMBS], product[2 * LIMBS];
static uint32_t cells[CELLS];

static NOINLINE void multiply(void) {
    memset(product, 0, sizeof product);
    for (unsigned i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (unsigned j = 0; j < LIMBS; j++) {
            carry += (uint64_t)x[i] * y[j] + product[i + j];
            product[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + LIMBS] = (uint32_t)carry;
    }
}

/* Rabinowitz and Wagon's spigot; digits are mixed before their carries are settled. */
static NOINLINE uint64_t spigot(void) {
    uint64_t hash = MIX_START;
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i] = 2;
    }
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint32_t carry = 0;
        for (unsigned i = CELLS; i-- > 1;) {
            uint32_t v = cells[i] * 10 + carry;
            cells[i] = v % (2 * i + 1);
            carry = v / (2 * i + 1) * i;
        }
        uint32_t v = cells[0] * 10 + carry;
        cells[0] = v % 10;
        hash = mix(hash, v / 10);
    }
    return hash;
}

BENCH(bignum) {
    uint32_t random = n;
    for (unsigned i = 0; i < LIMBS; i++) {
        x[i] = next_random(&random);
        y[i] = next_random(&random);
    }
    uint64_t hash = spigot();
    for (unsigned round = 0; round < 20; round++) {
        multiply();
        for (unsigned i = 0; i < LIMBS; i++) {
            x[i] = product[i] ^ y[i];
            y[i] = product[i + LIMBS];
        }
    }
    for (unsigned i = 0; i < LIMBS; i++) {
        hash = mix(hash, (uint64_t)x[i] << 32 | y[i]);
    }
    return hash;
}
