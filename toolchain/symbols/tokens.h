/* SPDX-License-Identifier: MIT */
/*
 * Names made short: the commonest pair of neighbours becomes a token of its own, again and again
 * (byte pair encoding, Gage 1994). Names of one module have so much in common that a quarter to a
 * third of the bytes is left, and reading one back needs neither memory nor a pass over others.
 */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_TOKENS_H
#define INGOT_TOOLCHAIN_SYMBOLS_TOKENS_H

#include <stdint.h>

#include "toolchain/lib/text.h"

typedef struct tokens {
    uint8_t literals[256];
    uint8_t pairs[256][2];
    unsigned n_literals, n_pairs; /* at most 256 together */
} tokens_t;

/* Replaces every one of the n texts by its tokens, one byte each. */
void tokens_encode(tokens_t *tokens, text_t *texts, size_t n);

#endif
