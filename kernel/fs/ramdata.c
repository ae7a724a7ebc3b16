/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ramdata.h"

#include <stdbool.h>
#include <string.h>

#include "mm/heap.h"

#define FIRST_MIN 64u

static unsigned slot_shift(unsigned height) {
    return (height - 1) * 9;
}

_Static_assert(RAMDATA_FANOUT == 1u << 9, "slot_shift");

/* The page with this index as far as a tree of `height` levels reaches. */
static bool reaches(unsigned height, uint64_t index) {
    return height * 9 >= 64 || index >> (height * 9) == 0;
}

static uint8_t *find_page(const ramdata_t *d, uint64_t index) {
    if (!reaches(d->height, index)) {
        return NULL;
    }
    void *p = d->root;
    for (unsigned h = d->height; h > 0 && p != NULL; h--) {
        p = ((void **)p)[(index >> slot_shift(h)) % RAMDATA_FANOUT];
    }
    return p;
}

void ramdata_init_base(ramdata_t *d, const uint8_t *base, uint64_t len) {
    *d = (ramdata_t){.size = len, .base = base, .base_len = len};
}

/* What a hole shows at `offset`, into buf. */
static void read_hole(const ramdata_t *d, uint64_t offset, uint8_t *buf, size_t len) {
    size_t n = 0;
    if (offset < d->base_len) {
        n = d->base_len - offset < len ? (size_t)(d->base_len - offset) : len;
        memcpy(buf, d->base + offset, n);
    }
    memset(buf + n, 0, len - n);
}

size_t ramdata_read(const ramdata_t *d, uint64_t offset, void *buf, size_t len) {
    if (offset >= d->size) {
        return 0;
    }
    len = len < d->size - offset ? len : (size_t)(d->size - offset);
    if (d->root == NULL) {
        read_hole(d, offset, buf, len);
        return len;
    }
    uint8_t *out = buf;
    for (size_t done = 0; done < len;) {
        uint64_t index = (offset + done) / RAMDATA_PAGE;
        size_t at = (size_t)((offset + done) % RAMDATA_PAGE);
        size_t n = len - done < RAMDATA_PAGE - at ? len - done : RAMDATA_PAGE - at;
        const uint8_t *page = find_page(d, index);
        size_t held = d->height == 0 ? d->first_len : RAMDATA_PAGE;
        if (page != NULL && at < held) {
            n = n < held - at ? n : held - at;
            memcpy(out + done, page + at, n);
        } else {
            read_hole(d, offset + done, out + done, n);
        }
        done += n;
    }
    return len;
}

/* Makes the first block hold `need` bytes. */
static bool grow_first(ramdata_t *d, uint32_t need) {
    if (need <= d->first_len) {
        return true;
    }
    uint32_t len = d->first_len > 0 ? d->first_len : FIRST_MIN;
    while (len < need) {
        len *= 2;
    }
    uint8_t *block = heap_realloc(d->root, len);
    if (block == NULL) {
        return false;
    }
    read_hole(d, d->first_len, block + d->first_len, len - d->first_len);
    d->root = block;
    d->first_len = len;
    return true;
}

/* Adds a level: the present root becomes the first entry of a table. */
static bool grow_height(ramdata_t *d) {
    if (d->height == 0 && d->root != NULL && !grow_first(d, RAMDATA_PAGE)) {
        return false;
    }
    if (d->root != NULL) {
        void **table = heap_zalloc(RAMDATA_FANOUT * sizeof *table);
        if (table == NULL) {
            return false;
        }
        table[0] = d->root;
        d->root = table;
    }
    d->height++;
    return true;
}

/* The page for writing [at, at + n), created when needed; NULL when memory is out. */
static uint8_t *make_page(ramdata_t *d, uint64_t index, size_t at, size_t n) {
    while (!reaches(d->height, index)) {
        if (!grow_height(d)) {
            return NULL;
        }
    }
    if (d->height == 0) {
        return grow_first(d, (uint32_t)(at + n)) ? d->root : NULL;
    }
    void **slot = &d->root;
    for (unsigned h = d->height; h > 0; h--) {
        if (*slot == NULL) {
            *slot = heap_zalloc(RAMDATA_FANOUT * sizeof(void *));
            if (*slot == NULL) {
                return NULL;
            }
        }
        slot = (void **)*slot + (index >> slot_shift(h)) % RAMDATA_FANOUT;
    }
    if (*slot == NULL) {
        uint8_t *page = heap_alloc(RAMDATA_PAGE);
        if (page == NULL) {
            return NULL;
        }
        if (n < RAMDATA_PAGE) {
            read_hole(d, index * RAMDATA_PAGE, page, RAMDATA_PAGE);
        }
        *slot = page;
    }
    return *slot;
}

status_t ramdata_write(ramdata_t *d, uint64_t offset, const void *buf, size_t len, size_t *done) {
    if (offset > RAMDATA_SIZE_MAX || len > RAMDATA_SIZE_MAX - offset) {
        return ERR_RANGE;
    }
    size_t moved = 0;
    while (moved < len) {
        uint64_t index = (offset + moved) / RAMDATA_PAGE;
        size_t at = (size_t)((offset + moved) % RAMDATA_PAGE);
        size_t n = len - moved < RAMDATA_PAGE - at ? len - moved : RAMDATA_PAGE - at;
        uint8_t *page = make_page(d, index, at, n);
        if (page == NULL) {
            break;
        }
        memcpy(page + at, (const uint8_t *)buf + moved, n);
        moved += n;
        d->size = offset + moved > d->size ? offset + moved : d->size;
    }
    if (moved == 0 && len > 0) {
        return ERR_NO_MEMORY;
    }
    *done = moved;
    return STATUS_OK;
}

/* Frees every page from index `from` on below *slot, whose first page has index `start`. Answers
 * whether nothing is left there. */
static bool free_from(void **slot, unsigned height, uint64_t start, uint64_t from) {
    if (*slot == NULL) {
        return true;
    }
    bool empty = true;
    if (height == 0) {
        empty = start >= from;
    } else {
        void **table = *slot;
        for (uint64_t i = 0; i < RAMDATA_FANOUT; i++) {
            empty &= free_from(&table[i], height - 1, start + (i << slot_shift(height)), from);
        }
    }
    if (empty) {
        heap_free(*slot);
        *slot = NULL;
    }
    return empty;
}

status_t ramdata_truncate(ramdata_t *d, uint64_t size) {
    if (size > RAMDATA_SIZE_MAX) {
        return ERR_RANGE;
    }
    if (size < d->size) {
        uint64_t pages = size / RAMDATA_PAGE + (size % RAMDATA_PAGE != 0);
        if (free_from(&d->root, d->height, 0, pages)) {
            d->height = 0;
            d->first_len = 0;
        }
        /* What stays of the last page must show zeros when the file grows again. */
        size_t tail = (size_t)(size % RAMDATA_PAGE);
        uint8_t *page = tail > 0 ? find_page(d, size / RAMDATA_PAGE) : NULL;
        size_t held = d->height == 0 ? d->first_len : RAMDATA_PAGE;
        if (page != NULL && tail < held) {
            memset(page + tail, 0, held - tail);
        }
        d->base_len = d->base_len < size ? d->base_len : size;
    }
    d->size = size;
    return STATUS_OK;
}
