/* SPDX-License-Identifier: MIT */
/*
 * The ChaCha20 block function. Source: RFC 8439, section 2.3; the counter has 64 bits and the nonce
 * 64 (as in the original cipher), which equals the RFC's layout while the counter is below 2^32 and
 * the nonce's first word is 0: words 12 and 13 are the counter, 14 and 15 the nonce.
 */
#ifndef INGOT_KERNEL_CORE_CHACHA20_H
#define INGOT_KERNEL_CORE_CHACHA20_H

#include <stdint.h>

#define CHACHA20_KEY_WORDS 8u
#define CHACHA20_BLOCK_WORDS 16u

/* Words are little-endian, as on every machine we run on: `out` is the key stream in memory. */
void chacha20_block(const uint32_t key[CHACHA20_KEY_WORDS], uint64_t counter,
                    const uint32_t nonce[2], uint32_t out[CHACHA20_BLOCK_WORDS]);

#endif
