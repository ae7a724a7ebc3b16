/* SPDX-License-Identifier: MIT */
/*
 * The entries of a directory in RAM: found by name through a hash table, listed in the order in
 * which they came. Each has a cookie that no later entry of the directory gets again.
 */
#ifndef INGOT_KERNEL_FS_RAMDIR_H
#define INGOT_KERNEL_FS_RAMDIR_H

#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"

struct ramfs_node;

typedef struct ramdir_entry {
    struct ramdir_entry *next; /* in its bucket */
    struct ramfs_node *node;
    uint64_t cookie;
    uint32_t hash;
    uint32_t name_len;
    char name[];
} ramdir_entry_t;

typedef struct ramdir_slot {
    uint64_t cookie;
    ramdir_entry_t *entry; /* NULL: removed */
} ramdir_slot_t;

/* All zero is an empty directory. */
typedef struct ramdir {
    ramdir_slot_t *slots; /* ascending cookies */
    size_t n_slots, capacity;
    ramdir_entry_t **buckets;
    size_t n_buckets; /* a power of two, or 0 */
    size_t live;
    uint64_t last_cookie;
} ramdir_t;

/* Below this a cookie belongs to "." and "..". */
#define RAMDIR_FIRST_COOKIE 3u

ramdir_entry_t *ramdir_find(const ramdir_t *d, const char *name, size_t len);
/* The name must not be there yet. ERR_NO_MEMORY. */
status_t ramdir_add(ramdir_t *d, const char *name, size_t len, struct ramfs_node *node);
/* Frees the entry. */
void ramdir_remove(ramdir_t *d, ramdir_entry_t *entry);
/* The first entry whose cookie is greater, or NULL. */
const ramdir_entry_t *ramdir_after(const ramdir_t *d, uint64_t cookie);
/* Frees the tables of an empty directory. */
void ramdir_free(ramdir_t *d);

#endif
