/* SPDX-License-Identifier: MIT */
/* Listings: of one directory, and of all that is below one. */
#ifndef WASI_DIFF_TREE_H
#define WASI_DIFF_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "wasi.h"

typedef struct entry {
    char name[256];
    uint64_t ino;
    uint8_t type;
} entry_t;

typedef struct listing {
    entry_t entries[256];
    size_t n;
    unsigned dots; /* "." and ".." among them; they are not in `entries` */
} listing_t;

/* Every entry, by as many calls as a buffer of `size` bytes needs, sorted by name. */
uint32_t list_directory(uint32_t fd, uint32_t size, listing_t *out);

/* Prints one line for each entry below `fd`: path, type, size, links, time, contents. */
void print_tree(uint32_t fd, const char *path);

/* FNV-1a over `len` bytes. */
uint32_t hash_bytes(uint32_t hash, const uint8_t *p, size_t len);
#define HASH_START 2166136261u

/* A time that a call has set (they are all in one range), or "now" for one of this run. */
const char *time_text(uint64_t time);

#endif
