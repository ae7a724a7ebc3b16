/* SPDX-License-Identifier: MIT */
/* Reading little-endian bytes with one check for all: past the end everything is 0 and `bad` set.
 */
#ifndef INGOT_TOOLCHAIN_DWARF_CURSOR_H
#define INGOT_TOOLCHAIN_DWARF_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct cursor {
    const uint8_t *p, *end;
    bool bad;
} cursor_t;

static inline const uint8_t *take(cursor_t *c, uint64_t n) {
    if ((uint64_t)(c->end - c->p) < n) {
        c->bad = true;
        c->p = c->end;
        return NULL;
    }
    const uint8_t *at = c->p; /* NULL in an empty section */
    if (n > 0) {
        c->p += n;
    }
    return at;
}

/* An unsigned number of `size` bytes, at most 8. */
static inline uint64_t take_uint(cursor_t *c, unsigned size) {
    const uint8_t *p = take(c, size);
    uint64_t v = 0;
    for (unsigned i = 0; p != NULL && i < size; i++) {
        v |= (uint64_t)p[i] << 8 * i;
    }
    return v;
}

static inline uint64_t take_uleb(cursor_t *c) {
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = (uint8_t)take_uint(c, 1);
        v |= shift < 64 ? (uint64_t)(b & 0x7f) << shift : 0;
        if ((b & 0x80) == 0) {
            return v;
        }
    }
}

static inline int64_t take_sleb(cursor_t *c) {
    uint64_t v = 0;
    for (unsigned shift = 0;;) {
        uint8_t b = (uint8_t)take_uint(c, 1);
        v |= shift < 64 ? (uint64_t)(b & 0x7f) << shift : 0;
        shift += 7;
        if ((b & 0x80) == 0) {
            return (int64_t)(shift < 64 && (b & 0x40) != 0 ? v | ~UINT64_C(0) << shift : v);
        }
    }
}

/* A string up to its NUL; "" when it has none. */
static inline const char *take_string(cursor_t *c) {
    const uint8_t *nul = c->p < c->end ? memchr(c->p, 0, (size_t)(c->end - c->p)) : NULL;
    if (nul == NULL) {
        c->bad = true;
        c->p = c->end;
        return "";
    }
    const char *s = (const char *)c->p;
    c->p = nul + 1;
    return s;
}

/* The part from `offset` to the end. */
static inline cursor_t cursor_at(cursor_t section, uint64_t offset) {
    take(&section, offset);
    return section;
}

#endif
