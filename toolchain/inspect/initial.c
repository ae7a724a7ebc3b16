/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/initial.h"

#include <stdlib.h>
#include <string.h>

/* Copying less than this costs 21,000 instructions at most, and mapping saves no room. */
#define LEAST_BYTES 65536u
/* A segment that is copied takes, beside its bytes, a line of a table (toolchain/mend/data.c). */
#define LINE_BYTES 24u

static bool is_certain(const module_t *m, const data_segment_t *d) {
    const index_space_t *memories = &m->space[KIND_MEMORY];
    const extern_type_t *memory = &memories->items[d->memory];
    return d->memory >= memories->n_imported && d->has_constant_offset && !memory->limits.is64 &&
           memory->page_size == DEFAULT_PAGE_SIZE && d->offset + d->len <= memory->limits.min << 16;
}

/* How many segments from the first on can be laid out, and their active ones' number and size. */
static uint32_t certain_segments(const module_t *m, uint64_t *n_active, uint64_t *bytes) {
    uint32_t n = 0;
    *n_active = *bytes = 0;
    for (; n < m->n_datas && (m->datas[n].is_passive || is_certain(m, &m->datas[n])); n++) {
        if (!m->datas[n].is_passive) {
            ++*n_active;
            *bytes += m->datas[n].len;
        }
    }
    return n;
}

/* A page of some memory as one number, so that they sort. */
static uint64_t key_of(const data_segment_t *d, uint64_t offset) {
    return (uint64_t)d->memory << 32 | offset / INITIAL_PAGE;
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The pages that the segments touch, each once, in order; NULL when there are more than `most`. */
static uint64_t *touched_pages(const module_t *m, uint32_t n_segments, uint64_t most,
                               uint64_t *count) {
    uint64_t room = 0;
    for (uint32_t i = 0; i < n_segments; i++) {
        room += m->datas[i].len / INITIAL_PAGE + 2;
    }
    uint64_t *keys = xcalloc(room, sizeof *keys), n = 0;
    for (uint32_t i = 0; i < n_segments; i++) {
        const data_segment_t *d = &m->datas[i];
        if (d->is_passive || d->len == 0) {
            continue;
        }
        uint64_t last = key_of(d, d->offset + d->len - 1);
        for (uint64_t key = key_of(d, d->offset); key <= last; key++) {
            keys[n++] = key;
        }
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    *count = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (*count == 0 || keys[*count - 1] != keys[i]) {
            keys[(*count)++] = keys[i];
        }
    }
    if (*count > most) {
        free(keys);
        return NULL;
    }
    return keys;
}

/* In the order of the segments, so that a later one overwrites. */
static void write_segments(const module_t *m, uint32_t n_segments, const uint64_t *keys,
                           uint64_t count, uint8_t *pages) {
    for (uint32_t i = 0; i < n_segments; i++) {
        const data_segment_t *d = &m->datas[i];
        if (d->is_passive || d->len == 0) {
            continue;
        }
        uint64_t key = key_of(d, d->offset);
        const uint64_t *at = bsearch(&key, keys, count, sizeof *keys, compare_keys);
        /* Its pages follow each other in the list: all of them are in it. */
        memcpy(pages + (uint64_t)(at - keys) * INITIAL_PAGE + d->offset % INITIAL_PAGE, d->bytes,
               d->len);
    }
}

static bool is_zero(const uint8_t *page) {
    return page[0] == 0 && memcmp(page, page + 1, INITIAL_PAGE - 1) == 0;
}

/* Leaves out what is all zero, and notes where the others belong. */
static void gather_runs(module_t *m, const uint64_t *keys, uint64_t count, uint8_t *pages,
                        initial_t *out) {
    out->runs = arena_alloc(&m->arena, count, sizeof *out->runs);
    uint64_t before = UINT64_MAX;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *page = pages + i * INITIAL_PAGE;
        if (is_zero(page)) {
            continue;
        }
        if (out->n_runs == 0 || keys[i] != before + 1) {
            uint32_t memory = (uint32_t)(keys[i] >> 32) - m->space[KIND_MEMORY].n_imported;
            out->runs[out->n_runs++] = (initial_run_t){memory, (uint32_t)keys[i], 0};
        }
        before = keys[i];
        out->runs[out->n_runs - 1].count++;
        memmove(pages + (uint64_t)out->pages++ * INITIAL_PAGE, page, INITIAL_PAGE);
    }
    out->bytes = pages;
}

initial_t initial_lay_out(module_t *m) {
    initial_t out = {0};
    uint64_t n_active, bytes, count;
    uint32_t n_segments = certain_segments(m, &n_active, &bytes);
    if (bytes < LEAST_BYTES) {
        return out;
    }
    uint64_t copied = bytes + n_active * LINE_BYTES;
    uint64_t *keys = touched_pages(m, n_segments, (copied + copied / 4) / INITIAL_PAGE, &count);
    if (keys == NULL) {
        return out;
    }
    uint8_t *pages = arena_alloc(&m->arena, count, INITIAL_PAGE);
    write_segments(m, n_segments, keys, count, pages);
    out.n_segments = n_segments;
    gather_runs(m, keys, count, pages, &out);
    free(keys);
    return out;
}
