/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/fdtable.h"

#include <string.h>

#include "kernel/core/log.h"
#include "mm/heap.h"

/* Most modules never open more than this, and then need no heap. */
#define FD_STATIC 16u

static file_t *first[FD_STATIC];
static file_t **table;
static uint32_t capacity;
static uint32_t lowest_free; /* no number below is free */

static void start(void) {
    if (table == NULL) {
        memcpy(first, stdio_files, sizeof stdio_files);
        table = first;
        capacity = FD_STATIC;
        lowest_free = sizeof stdio_files / sizeof *stdio_files;
    }
}

wasi_errno_t fd_lookup(wasi_fd_t fd, wasi_rights_t needed, file_t **out) {
    start();
    if (fd >= capacity || table[fd] == NULL) {
        return WASI_ERRNO_BADF;
    }
    wasi_rights_t missing = needed & ~table[fd]->rights;
    if (missing != 0) {
        return missing & (WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_WRITE) ? WASI_ERRNO_BADF
                                                                      : WASI_ERRNO_NOTCAPABLE;
    }
    *out = table[fd];
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t grow(void) {
    if (capacity >= FD_MAX) {
        return WASI_ERRNO_MFILE;
    }
    file_t **larger = heap_alloc((size_t)capacity * 2 * sizeof *larger);
    if (larger == NULL) {
        return WASI_ERRNO_NOMEM;
    }
    memcpy(larger, table, capacity * sizeof *larger);
    memset(larger + capacity, 0, capacity * sizeof *larger);
    if (table != first) {
        heap_free(table);
    }
    table = larger;
    capacity *= 2;
    return WASI_ERRNO_SUCCESS;
}

wasi_errno_t fd_install(file_t *f, wasi_fd_t *fd) {
    start();
    while (lowest_free < capacity && table[lowest_free] != NULL) {
        lowest_free++;
    }
    if (lowest_free == capacity) {
        wasi_errno_t e = grow();
        if (e != WASI_ERRNO_SUCCESS) {
            return e;
        }
    }
    table[lowest_free] = f;
    *fd = lowest_free++;
    LOG(LOG_DEBUG, wasi, "fd %u is open, rights 0x%lx", (unsigned)*fd, (uint64_t)f->rights);
    return WASI_ERRNO_SUCCESS;
}

wasi_errno_t fd_remove(wasi_fd_t fd, file_t **out) {
    wasi_errno_t e = fd_lookup(fd, 0, out);
    if (e == WASI_ERRNO_SUCCESS) {
        LOG(LOG_DEBUG, wasi, "fd %u is closed", (unsigned)fd);
        table[fd] = NULL;
        lowest_free = fd < lowest_free ? fd : lowest_free;
    }
    return e;
}

wasi_errno_t fd_move(wasi_fd_t from, wasi_fd_t to) {
    file_t *moved, *replaced;
    wasi_errno_t e = fd_lookup(from, 0, &moved);
    if (e == WASI_ERRNO_SUCCESS) {
        e = fd_lookup(to, 0, &replaced);
    }
    if (e != WASI_ERRNO_SUCCESS || from == to) {
        return e;
    }
    fd_remove(from, &moved);
    table[to] = moved;
    file_close(replaced);
    return WASI_ERRNO_SUCCESS;
}

void file_close(file_t *f) {
    if (f->ops->close != NULL) {
        f->ops->close(f);
    }
}
