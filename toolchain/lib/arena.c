/* SPDX-License-Identifier: MIT */
#include "toolchain/lib/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/text.h"

#define BLOCK_SIZE ((size_t)16384)

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char data[];
};

void *arena_alloc(arena_t *a, size_t count, size_t size) {
    size_t align = alignof(max_align_t);
    size_t need = (count * size + align - 1) & ~(align - 1);
    if (a->blocks == NULL || a->blocks->size - a->blocks->used < need) {
        size_t data = need > BLOCK_SIZE ? need : BLOCK_SIZE;
        struct arena_block *b = xcalloc(1, sizeof *b + data);
        b->size = data;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = a->blocks->data + a->blocks->used;
    a->blocks->used += need;
    return p;
}

char *arena_strndup(arena_t *a, const char *s, size_t len) {
    char *copy = arena_alloc(a, len + 1, 1);
    if (len > 0) {
        memcpy(copy, s, len);
    }
    return copy;
}

void arena_free(arena_t *a) {
    while (a->blocks != NULL) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
}
