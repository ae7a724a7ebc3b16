/* SPDX-License-Identifier: MIT */
/* Writing unsigned LEB128. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_LEB_H
#define INGOT_TOOLCHAIN_SYMBOLS_LEB_H

#include <stdint.h>

#include "toolchain/lib/text.h"

static inline void leb_add(text_t *t, uint64_t v) {
    do {
        char b = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        text_add(t, &b, 1);
        v >>= 7;
    } while (v != 0);
}

#endif
