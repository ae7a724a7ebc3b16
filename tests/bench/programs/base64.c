/* SPDX-License-Identifier: MIT */
/* Base64 there and back (RFC 4648). */
#include "bench.h"

#define SIZE 98304u

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t input[SIZE], output[SIZE];
static char text[SIZE / 3 * 4];
static uint8_t value_of[256];

static NOINLINE void encode(const uint8_t *in, size_t len, char *out) {
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        *out++ = alphabet[v >> 18];
        *out++ = alphabet[v >> 12 & 63];
        *out++ = alphabet[v >> 6 & 63];
        *out++ = alphabet[v & 63];
    }
}

static NOINLINE bool decode(const char *in, size_t len, uint8_t *out) {
    for (size_t i = 0; i < len; i += 4) {
        uint32_t v = 0;
        for (size_t k = 0; k < 4; k++) {
            uint8_t digit = value_of[(uint8_t)in[i + k]];
            if (digit == 0xff) {
                return false;
            }
            v = v << 6 | digit;
        }
        *out++ = (uint8_t)(v >> 16);
        *out++ = (uint8_t)(v >> 8);
        *out++ = (uint8_t)v;
    }
    return true;
}

BENCH(base64) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    memset(value_of, 0xff, sizeof value_of);
    for (unsigned i = 0; i < 64; i++) {
        value_of[(uint8_t)alphabet[i]] = (uint8_t)i;
    }
    for (size_t i = 0; i < SIZE; i++) {
        input[i] = (uint8_t)next_random(&random);
    }
    encode(input, SIZE, text);
    if (!decode(text, sizeof text, output)) {
        return 0;
    }
    for (size_t i = 0; i < SIZE; i++) {
        hash = mix(hash, output[i]);
        if (output[i] != input[i]) {
            return 0;
        }
    }
    return hash;
}
