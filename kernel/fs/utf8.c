/* SPDX-License-Identifier: MIT */
#include "kernel/fs/utf8.h"

#include <stdint.h>

static bool is_tail(uint8_t b) {
    return (b & 0xc0) == 0x80;
}

bool utf8_valid(const char *text, size_t len) {
    const uint8_t *p = (const uint8_t *)text, *end = p + len;
    while (p < end) {
        uint8_t lead = *p++;
        if (lead < 0x80) {
            continue;
        }
        /* The first byte bounds the second: that is where overlong forms and surrogates go. */
        size_t tails = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - p) < tails || *p < low || *p > high) {
            return false;
        }
        for (size_t i = 1; i < tails; i++) {
            if (!is_tail(p[i])) {
                return false;
            }
        }
        p += tails;
    }
    return true;
}
