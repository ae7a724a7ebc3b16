/* SPDX-License-Identifier: MIT */
#include "kernel/core/chacha20.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the key stream is written as words");

static inline uint32_t rotl(uint32_t x, unsigned n) {
    return x << n | x >> (32 - n);
}

#define QUARTER_ROUND(a, b, c, d)                                                                  \
    (a += b, d = rotl(d ^ a, 16), c += d, b = rotl(b ^ c, 12), a += b, d = rotl(d ^ a, 8), c += d, \
     b = rotl(b ^ c, 7))

void chacha20_block(const uint32_t key[CHACHA20_KEY_WORDS], uint64_t counter,
                    const uint32_t nonce[2], uint32_t out[CHACHA20_BLOCK_WORDS]) {
    uint32_t in[CHACHA20_BLOCK_WORDS] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    memcpy(in + 4, key, CHACHA20_KEY_WORDS * sizeof *key);
    in[12] = (uint32_t)counter;
    in[13] = (uint32_t)(counter >> 32);
    in[14] = nonce[0];
    in[15] = nonce[1];

    uint32_t x[CHACHA20_BLOCK_WORDS];
    memcpy(x, in, sizeof x);
    for (int i = 0; i < 10; i++) {
        QUARTER_ROUND(x[0], x[4], x[8], x[12]);
        QUARTER_ROUND(x[1], x[5], x[9], x[13]);
        QUARTER_ROUND(x[2], x[6], x[10], x[14]);
        QUARTER_ROUND(x[3], x[7], x[11], x[15]);
        QUARTER_ROUND(x[0], x[5], x[10], x[15]);
        QUARTER_ROUND(x[1], x[6], x[11], x[12]);
        QUARTER_ROUND(x[2], x[7], x[8], x[13]);
        QUARTER_ROUND(x[3], x[4], x[9], x[14]);
    }
    for (unsigned i = 0; i < CHACHA20_BLOCK_WORDS; i++) {
        out[i] = x[i] + in[i];
    }
}
