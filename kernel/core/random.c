/* SPDX-License-Identifier: MIT */
/*
 * ChaCha20 as a generator with fast key erasure: of the key stream under the present key, the first
 * 32 bytes become the next key and the rest is the output, so that a state read later tells nothing
 * about numbers given out earlier.
 */
#include "kernel/core/random.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "hal/lock.h"
#include "kernel/core/chacha20.h"

#define SEED_ENOUGH 16u

static uint32_t key[CHACHA20_KEY_WORDS];
static size_t seeded_bytes;
static hal_lock_t random_lock = HAL_LOCK_INIT;

/* A key is used for one call only, so the nonce never matters. */
static void next_block(const uint32_t k[CHACHA20_KEY_WORDS], uint64_t counter,
                       uint32_t block[CHACHA20_BLOCK_WORDS]) {
    static const uint32_t nonce[2];
    chacha20_block(k, counter, nonce, block);
}

/* The compiler must not drop the wiping of what is not read again. */
static void wipe(void *p, size_t len) {
    memset(p, 0, len);
    __asm__ volatile("" ::"r"(p) : "memory");
}

void random_seed(const void *seed, size_t len) {
    const uint8_t *bytes = seed;
    uint32_t block[CHACHA20_BLOCK_WORDS];

    hal_lock_take(&random_lock);
    seeded_bytes = len > SEED_ENOUGH - seeded_bytes ? SEED_ENOUGH : seeded_bytes + len;
    while (len > 0) {
        uint8_t mixed[sizeof key];
        size_t n = len < sizeof mixed ? len : sizeof mixed;
        memcpy(mixed, key, sizeof mixed);
        for (size_t i = 0; i < n; i++) {
            mixed[i] ^= bytes[i];
        }
        memcpy(key, mixed, sizeof key);
        wipe(mixed, sizeof mixed);
        next_block(key, 0, block);
        memcpy(key, block, sizeof key);
        bytes += n;
        len -= n;
    }
    hal_lock_release(&random_lock);
    wipe(block, sizeof block);
}

status_t random_bytes(void *out, size_t len) {
    uint32_t old[CHACHA20_KEY_WORDS], block[CHACHA20_BLOCK_WORDS];

    hal_lock_take(&random_lock);
    if (seeded_bytes < SEED_ENOUGH) {
        hal_lock_release(&random_lock);
        return ERR_NOT_FOUND;
    }
    memcpy(old, key, sizeof old);
    next_block(old, 0, block);
    memcpy(key, block, sizeof key);
    hal_lock_release(&random_lock);

    /* The second half of block 0, then whole blocks: nobody else uses this key. */
    uint8_t *p = out;
    size_t n = len < sizeof block - sizeof key ? len : sizeof block - sizeof key;
    memcpy(p, (const uint8_t *)block + sizeof key, n);
    for (uint64_t counter = 1; n < len; counter++) {
        size_t part = len - n < sizeof block ? len - n : sizeof block;
        next_block(old, counter, block);
        memcpy(p + n, block, part);
        n += part;
    }
    wipe(old, sizeof old);
    wipe(block, sizeof block);
    return STATUS_OK;
}
