/* SPDX-License-Identifier: MIT */
/* LZ77 with a hash of four bytes: compresses text made of words, and unpacks it again. */
#include "bench.h"

#define SIZE (1u << 17)
#define HASH_BITS 13
#define MIN_MATCH 4u

static uint8_t input[SIZE], packed[SIZE + SIZE / 8], output[SIZE];
static uint32_t heads[1 << HASH_BITS];

static uint32_t load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static void make_text(uint32_t random) {
    static const char *const words[] = {"the ", "wasm ", "of ",     "module ", "and ",  "page ",
                                        "to ",  "a ",    "region ", "in ",     "hart ", "trap "};
    size_t at = 0;
    while (at < SIZE) {
        const char *word = words[next_random(&random) % 12];
        while (*word != 0 && at < SIZE) {
            input[at++] = (uint8_t)*word++;
        }
        if (next_random(&random) % 8 == 0 && at < SIZE) {
            input[at++] = (uint8_t)next_random(&random);
        }
    }
}

/* Tokens: a byte of literals before, a byte of match length, two of distance. */
static NOINLINE size_t compress(const uint8_t *in, size_t len, uint8_t *out) {
    size_t at = 0, literals = 0, to = 0;
    memset(heads, 0xff, sizeof heads);
    while (at + MIN_MATCH <= len) {
        uint32_t hash = load32(in + at) * 2654435761u >> (32 - HASH_BITS);
        uint32_t candidate = heads[hash];
        heads[hash] = (uint32_t)at;
        size_t match = 0;
        if (candidate != UINT32_MAX && at - candidate < 65536 &&
            load32(in + candidate) == load32(in + at)) {
            match = MIN_MATCH;
            while (match < 255 && at + match < len && in[candidate + match] == in[at + match]) {
                match++;
            }
        }
        if (match == 0 && literals < 255) {
            literals++;
            at++;
            continue;
        }
        size_t distance = match > 0 ? at - candidate : 0;
        out[to++] = (uint8_t)literals;
        out[to++] = (uint8_t)match;
        out[to++] = (uint8_t)distance;
        out[to++] = (uint8_t)(distance >> 8);
        for (size_t i = at - literals; i < at; i++) {
            out[to++] = in[i];
        }
        at += match;
        literals = 0;
    }
    literals += len - at;
    out[to++] = (uint8_t)literals;
    out[to++] = 0;
    out[to++] = 0;
    out[to++] = 0;
    for (size_t i = len - literals; i < len; i++) {
        out[to++] = in[i];
    }
    return to;
}

static NOINLINE size_t expand(const uint8_t *in, size_t len, uint8_t *out) {
    size_t at = 0, to = 0;
    while (at < len) {
        size_t literals = in[at], match = in[at + 1];
        size_t distance = in[at + 2] | (size_t)in[at + 3] << 8;
        at += 4;
        for (size_t i = 0; i < literals; i++) {
            out[to++] = in[at++];
        }
        for (size_t i = 0; i < match; i++, to++) {
            out[to] = out[to - distance];
        }
    }
    return to;
}

BENCH(lz) {
    uint64_t hash = MIX_START;
    make_text(n);
    size_t len = compress(input, SIZE, packed);
    if (expand(packed, len, output) != SIZE) {
        return 0;
    }
    for (size_t i = 0; i < SIZE; i++) {
        hash = mix(hash, output[i]);
        if (output[i] != input[i]) {
            return 0;
        }
    }
    return mix(hash, len);
}
