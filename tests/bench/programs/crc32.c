/* SPDX-License-Identifier: MIT */
/* CRC-32, one byte a step, over a table made first. */
#include "bench.h"

static uint32_t table[256];
static uint8_t data[1 << 18];

static void make_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) {
            c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        }
        table[i] = c;
    }
}

static NOINLINE uint32_t crc32(uint32_t crc, const uint8_t *p, size_t len) {
    crc = ~crc;
    while (len-- > 0) {
        crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);
    }
    return ~crc;
}

BENCH(crc32) {
    uint32_t random = n;
    make_table();
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)next_random(&random);
    }
    return crc32(0, data, sizeof data);
}
