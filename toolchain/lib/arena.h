/* SPDX-License-Identifier: MIT */
/* Zeroed memory that is freed all at once. */
#ifndef INGOT_TOOLCHAIN_ARENA_H
#define INGOT_TOOLCHAIN_ARENA_H

#include <stddef.h>

typedef struct arena {
    struct arena_block *blocks;
} arena_t;

/* Zeroed, aligned for any type, never NULL. `count * size` must not overflow. */
void *arena_alloc(arena_t *a, size_t count, size_t size);
char *arena_strndup(arena_t *a, const char *s, size_t len);
void arena_free(arena_t *a);

#endif
