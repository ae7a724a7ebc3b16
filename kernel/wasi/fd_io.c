/* SPDX-License-Identifier: MIT */
/*
 * fd_read, fd_write, fd_pread, fd_pwrite: scatter and gather between guest memory and a file.
 * Whole spans go straight to the file. Small ones that follow each other (printf's pieces) are
 * joined first, since a write may cost a device round trip.
 */
#include <string.h>

#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

#define GATHER_BYTES 512u /* of pieces up to half as large */

/* One transfer: where it goes, and how far it is. */
typedef struct transfer {
    file_t *file;
    bool positioned; /* pread, pwrite */
    uint64_t offset;
    uint64_t done;
} transfer_t;

/* Checks the array and every span in it, and that the count of bytes can be told in 32 bits. */
static wasi_errno_t check_iovs(const wasm_caller_t *c, uint32_t at, uint32_t n,
                               const uint8_t **iovs) {
    void *p, *span;
    uint64_t total = 0;
    if (!guest_span(c, at, (uint64_t)n * sizeof(wasi_iovec_t), &p)) {
        return WASI_ERRNO_FAULT;
    }
    *iovs = p;
    for (uint32_t i = 0; i < n; i++) {
        wasi_iovec_t v;
        memcpy(&v, *iovs + (size_t)i * sizeof v, sizeof v);
        if (!guest_span(c, v.buf, v.buf_len, &span)) {
            return WASI_ERRNO_FAULT;
        }
        total += v.buf_len;
    }
    return total > UINT32_MAX ? WASI_ERRNO_INVAL : WASI_ERRNO_SUCCESS;
}

/* The i-th span. Read again from guest memory, so checked again: reading a file may have
 * overwritten the array itself. */
static bool iov_span(const wasm_caller_t *c, const uint8_t *iovs, uint32_t i, void **p,
                     uint32_t *len) {
    wasi_iovec_t v;
    memcpy(&v, iovs + (size_t)i * sizeof v, sizeof v);
    *len = v.buf_len;
    return guest_span(c, v.buf, v.buf_len, p);
}

/* Answers false when the transfer is over: an error, or less than all was moved. */
static bool put(transfer_t *t, const void *buf, size_t len, wasi_errno_t *e) {
    const file_ops_t *ops = t->file->ops;
    while (len > 0) {
        size_t done = 0;
        *e = t->positioned ? ops->pwrite(t->file, t->offset + t->done, buf, len, &done)
                           : ops->write(t->file, buf, len, &done);
        if (*e != WASI_ERRNO_SUCCESS || done == 0) {
            return false;
        }
        t->done += done;
        buf = (const uint8_t *)buf + done;
        len -= done;
    }
    return true;
}

static wasi_errno_t write_iovs(const wasm_caller_t *c, transfer_t *t, const uint8_t *iovs,
                               uint32_t n) {
    uint8_t joined[GATHER_BYTES];
    size_t pending = 0;
    wasi_errno_t e = WASI_ERRNO_SUCCESS;

    for (uint32_t i = 0; i < n; i++) {
        void *p;
        uint32_t len;
        if (!iov_span(c, iovs, i, &p, &len)) {
            e = WASI_ERRNO_FAULT;
            break;
        }
        /* The last piece need not be copied when nothing waits in front of it. */
        bool small = len <= sizeof joined / 2 && (pending > 0 || i + 1 < n);
        if (pending > 0 && (!small || len > sizeof joined - pending)) {
            if (!put(t, joined, pending, &e)) {
                pending = 0;
                break;
            }
            pending = 0;
        }
        if (small) {
            memcpy(joined + pending, p, len);
            pending += len;
        } else if (!put(t, p, len, &e)) {
            break;
        }
    }
    if (pending > 0 && e == WASI_ERRNO_SUCCESS) {
        put(t, joined, pending, &e);
    }
    return t->done > 0 ? WASI_ERRNO_SUCCESS : e;
}

static wasi_errno_t read_iovs(const wasm_caller_t *c, transfer_t *t, const uint8_t *iovs,
                              uint32_t n) {
    const file_ops_t *ops = t->file->ops;
    wasi_errno_t e = WASI_ERRNO_SUCCESS;

    for (uint32_t i = 0; i < n; i++) {
        void *p;
        uint32_t len;
        size_t got = 0;
        uint64_t more;
        if (!iov_span(c, iovs, i, &p, &len)) {
            e = WASI_ERRNO_FAULT;
            break;
        }
        if (len == 0) {
            continue;
        }
        /* What has come is handed over before waiting for more. */
        if (t->done > 0 && !t->positioned && ops->readable != NULL &&
            (ops->readable(t->file, &more) != WASI_ERRNO_SUCCESS || more == 0)) {
            break;
        }
        e = t->positioned ? ops->pread(t->file, t->offset + t->done, p, len, &got)
                          : ops->read(t->file, p, len, &got);
        t->done += got;
        if (e != WASI_ERRNO_SUCCESS || got < len) {
            break;
        }
    }
    return t->done > 0 ? WASI_ERRNO_SUCCESS : e;
}

static uint32_t transfer(wasm_caller_t *c, transfer_t *t, bool writes, uint32_t iovs_at, uint32_t n,
                         uint32_t count_at) {
    const uint8_t *iovs;
    void *count;
    wasi_errno_t e = check_iovs(c, iovs_at, n, &iovs);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (!guest_span(c, count_at, 4, &count)) {
        return WASI_ERRNO_FAULT;
    }
    if (t->positioned && t->offset > (uint64_t)INT64_MAX - UINT32_MAX) {
        return WASI_ERRNO_INVAL;
    }
    e = writes ? write_iovs(c, t, iovs, n) : read_iovs(c, t, iovs, n);
    if (e == WASI_ERRNO_SUCCESS) {
        memcpy(count, &(uint32_t){(uint32_t)t->done}, 4);
    }
    return e;
}

uint32_t wasi_fd_read(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t nread) {
    transfer_t t = {.positioned = false};
    wasi_errno_t e = fd_lookup(fd, WASI_RIGHTS_FD_READ, &t.file);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    return t.file->ops->read == NULL ? WASI_ERRNO_BADF : transfer(c, &t, false, iovs, n, nread);
}

uint32_t wasi_fd_write(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n,
                       uint32_t nwritten) {
    transfer_t t = {.positioned = false};
    wasi_errno_t e = fd_lookup(fd, WASI_RIGHTS_FD_WRITE, &t.file);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    return t.file->ops->write == NULL ? WASI_ERRNO_BADF : transfer(c, &t, true, iovs, n, nwritten);
}

/* The file of a transfer at an offset: that needs the right to seek too. What has no offsets says
 * so first. */
static wasi_errno_t positioned_file(uint32_t fd, wasi_rights_t right, transfer_t *t) {
    wasi_errno_t e = fd_lookup(fd, right, &t->file);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    bool writes = right == WASI_RIGHTS_FD_WRITE;
    if (writes ? t->file->ops->pwrite == NULL : t->file->ops->pread == NULL) {
        return WASI_ERRNO_SPIPE;
    }
    return fd_lookup(fd, right | WASI_RIGHTS_FD_SEEK, &t->file);
}

uint32_t wasi_fd_pread(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t offset,
                       uint32_t nread) {
    transfer_t t = {.positioned = true, .offset = offset};
    wasi_errno_t e = positioned_file(fd, WASI_RIGHTS_FD_READ, &t);
    return e != WASI_ERRNO_SUCCESS ? e : transfer(c, &t, false, iovs, n, nread);
}

uint32_t wasi_fd_pwrite(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t offset,
                        uint32_t nwritten) {
    transfer_t t = {.positioned = true, .offset = offset};
    wasi_errno_t e = positioned_file(fd, WASI_RIGHTS_FD_WRITE, &t);
    return e != WASI_ERRNO_SUCCESS ? e : transfer(c, &t, true, iovs, n, nwritten);
}
