/* SPDX-License-Identifier: MIT */
/* A table of strings with open addressing: counts words, grows, deletes. */
#include "bench.h"

#define MAX_SLOTS (1u << 14)
#define WORDS 40000u

typedef struct slot {
    char key[12];
    uint32_t hash, count; /* count 0: free */
} slot_t;

typedef struct table {
    slot_t *slots;
    uint32_t mask, used;
} table_t;

static slot_t storage[2][MAX_SLOTS];

static uint32_t hash_of(const char *key) {
    uint32_t hash = 2166136261u;
    for (; *key != 0; key++) {
        hash = (hash ^ (uint8_t)*key) * 16777619u;
    }
    return hash;
}

static bool equal(const char *a, const char *b) {
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static NOINLINE slot_t *find(const table_t *t, const char *key, uint32_t hash) {
    uint32_t at = hash & t->mask;
    while (t->slots[at].count != 0 &&
           !(t->slots[at].hash == hash && equal(t->slots[at].key, key))) {
        at = (at + 1) & t->mask;
    }
    return &t->slots[at];
}

static NOINLINE void grow(table_t *t) {
    table_t bigger = {.slots = t->slots == storage[0] ? storage[1] : storage[0],
                      .mask = 2 * t->mask + 1,
                      .used = t->used};
    for (uint32_t i = 0; i <= bigger.mask; i++) {
        bigger.slots[i].count = 0;
    }
    for (uint32_t i = 0; i <= t->mask; i++) {
        if (t->slots[i].count != 0) {
            *find(&bigger, t->slots[i].key, t->slots[i].hash) = t->slots[i];
        }
    }
    *t = bigger;
}

static void count_word(table_t *t, const char *key) {
    uint32_t hash = hash_of(key);
    slot_t *s = find(t, key, hash);
    if (s->count == 0) {
        if (4 * (t->used + 1) > 3 * (t->mask + 1)) {
            grow(t);
            s = find(t, key, hash);
        }
        t->used++;
        memcpy(s->key, key, sizeof s->key);
        s->hash = hash;
    }
    s->count++;
}

BENCH(hash_table) {
    table_t t = {.slots = storage[0], .mask = 63};
    uint32_t random = n;
    for (uint32_t i = 0; i <= t.mask; i++) {
        t.slots[i].count = 0;
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        char key[12] = {0};
        uint32_t number = next_random(&random) % 8000;
        for (unsigned k = 0; k < 11 && number > 0; k++, number /= 7) {
            key[k] = (char)('a' + number % 7);
        }
        count_word(&t, key);
    }
    uint64_t hash = MIX_START;
    for (uint32_t i = 0; i <= t.mask; i++) {
        hash = mix(hash, t.slots[i].count != 0 ? t.slots[i].hash ^ t.slots[i].count : 0);
    }
    return mix(hash, t.used);
}
