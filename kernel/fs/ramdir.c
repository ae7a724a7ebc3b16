/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ramdir.h"

#include <stdbool.h>
#include <string.h>

#include "mm/heap.h"

#define CAPACITY_MIN 8u

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits. */
static uint32_t hash_of(const char *name, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    }
    return h;
}

ramdir_entry_t *ramdir_find(const ramdir_t *d, const char *name, size_t len) {
    if (d->n_buckets == 0) {
        return NULL;
    }
    uint32_t hash = hash_of(name, len);
    ramdir_entry_t *e = d->buckets[hash & (d->n_buckets - 1)];
    while (e != NULL &&
           (e->hash != hash || e->name_len != len || memcmp(e->name, name, len) != 0)) {
        e = e->next;
    }
    return e;
}

/* The index of the first slot whose cookie is not below `cookie`. */
static size_t slot_at(const ramdir_t *d, uint64_t cookie) {
    size_t low = 0, high = d->n_slots;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (d->slots[mid].cookie < cookie) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* Room for one more slot: closes up what was removed, or doubles. */
static bool reserve_slot(ramdir_t *d) {
    if (d->n_slots < d->capacity) {
        return true;
    }
    if (d->live < d->n_slots / 2 + 1 && d->capacity > 0) {
        size_t to = 0;
        for (size_t i = 0; i < d->n_slots; i++) {
            if (d->slots[i].entry != NULL) {
                d->slots[to++] = d->slots[i];
            }
        }
        d->n_slots = to;
        return true;
    }
    size_t more = d->capacity > 0 ? d->capacity * 2 : CAPACITY_MIN;
    ramdir_slot_t *slots = heap_realloc(d->slots, more * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    d->slots = slots;
    d->capacity = more;
    return true;
}

static bool reserve_bucket(ramdir_t *d) {
    if (d->live < d->n_buckets) {
        return true;
    }
    size_t more = d->n_buckets > 0 ? d->n_buckets * 2 : CAPACITY_MIN;
    ramdir_entry_t **buckets = heap_zalloc(more * sizeof *buckets);
    if (buckets == NULL) {
        return d->n_buckets > 0; /* longer chains do as well */
    }
    for (size_t i = 0; i < d->n_slots; i++) {
        ramdir_entry_t *e = d->slots[i].entry;
        if (e != NULL) {
            e->next = buckets[e->hash & (more - 1)];
            buckets[e->hash & (more - 1)] = e;
        }
    }
    heap_free(d->buckets);
    d->buckets = buckets;
    d->n_buckets = more;
    return true;
}

status_t ramdir_add(ramdir_t *d, const char *name, size_t len, struct ramfs_node *node) {
    ramdir_entry_t *e = heap_alloc(sizeof *e + len);
    if (e == NULL || !reserve_slot(d) || !reserve_bucket(d)) {
        heap_free(e);
        return ERR_NO_MEMORY;
    }
    if (d->last_cookie < RAMDIR_FIRST_COOKIE) {
        d->last_cookie = RAMDIR_FIRST_COOKIE - 1;
    }
    *e = (ramdir_entry_t){
        .node = node,
        .cookie = ++d->last_cookie,
        .hash = hash_of(name, len),
        .name_len = (uint32_t)len,
    };
    memcpy(e->name, name, len);
    ramdir_entry_t **bucket = &d->buckets[e->hash & (d->n_buckets - 1)];
    e->next = *bucket;
    *bucket = e;
    d->slots[d->n_slots++] = (ramdir_slot_t){e->cookie, e};
    d->live++;
    return STATUS_OK;
}

void ramdir_remove(ramdir_t *d, ramdir_entry_t *entry) {
    ramdir_entry_t **link = &d->buckets[entry->hash & (d->n_buckets - 1)];
    while (*link != entry) {
        link = &(*link)->next;
    }
    *link = entry->next;
    size_t at = slot_at(d, entry->cookie);
    d->slots[at].entry = NULL;
    if (at + 1 == d->n_slots) {
        d->n_slots--;
    }
    d->live--;
    heap_free(entry);
}

const ramdir_entry_t *ramdir_after(const ramdir_t *d, uint64_t cookie) {
    if (cookie == UINT64_MAX) {
        return NULL;
    }
    for (size_t i = slot_at(d, cookie + 1); i < d->n_slots; i++) {
        if (d->slots[i].entry != NULL) {
            return d->slots[i].entry;
        }
    }
    return NULL;
}

void ramdir_free(ramdir_t *d) {
    heap_free(d->slots);
    heap_free(d->buckets);
    *d = (ramdir_t){0};
}
