/* SPDX-License-Identifier: MIT */
/* The calls that only files and directories answer. */
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/fsttimes.h"
#include "kernel/wasi/preopen.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

/* Everything is in memory, or one message away: there is nothing to prepare. */
uint32_t wasi_fd_advise(wasm_caller_t *c, uint32_t fd, uint64_t offset, uint64_t len,
                        uint32_t advice) {
    (void)c;
    file_t *f;
    uint64_t end;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (f->ops->set_size == NULL) {
        return f->ops->vnode != NULL ? WASI_ERRNO_BADF : WASI_ERRNO_SPIPE;
    }
    e = fd_lookup(fd, WASI_RIGHTS_FD_ADVISE, &f);
    if (e == WASI_ERRNO_SUCCESS && (advice >= WASI_ADVICE_COUNT ||
                                    __builtin_add_overflow(offset, len, &end) || end > INT64_MAX)) {
        e = WASI_ERRNO_INVAL;
    }
    return e;
}

/* The size is what is promised; memory is taken when it is written. */
uint32_t wasi_fd_allocate(wasm_caller_t *c, uint32_t fd, uint64_t offset, uint64_t len) {
    (void)c;
    file_t *f;
    uint64_t end;
    wasi_filestat_t s;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e == WASI_ERRNO_SUCCESS && f->ops->set_size == NULL) {
        return f->ops->vnode != NULL ? WASI_ERRNO_BADF : WASI_ERRNO_SPIPE;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = fd_lookup(fd, WASI_RIGHTS_FD_ALLOCATE, &f);
    }
    if (e == WASI_ERRNO_SUCCESS && len == 0) {
        e = WASI_ERRNO_INVAL;
    }
    if (e == WASI_ERRNO_SUCCESS && (__builtin_add_overflow(offset, len, &end) || end > INT64_MAX)) {
        e = WASI_ERRNO_FBIG;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = f->ops->stat(f, &s);
    }
    return e == WASI_ERRNO_SUCCESS && s.size < end ? f->ops->set_size(f, end) : e;
}

static wasi_errno_t sync_fd(uint32_t fd, wasi_rights_t right, bool data_only) {
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, right, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    return f->ops->sync == NULL ? WASI_ERRNO_INVAL : f->ops->sync(f, data_only);
}

uint32_t wasi_fd_datasync(wasm_caller_t *c, uint32_t fd) {
    (void)c;
    return sync_fd(fd, WASI_RIGHTS_FD_DATASYNC, true);
}

uint32_t wasi_fd_sync(wasm_caller_t *c, uint32_t fd) {
    (void)c;
    return sync_fd(fd, WASI_RIGHTS_FD_SYNC, false);
}

uint32_t wasi_fd_filestat_set_size(wasm_caller_t *c, uint32_t fd, uint64_t size) {
    (void)c;
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e == WASI_ERRNO_SUCCESS && f->ops->set_size == NULL) {
        e = f->ops->vnode != NULL ? WASI_ERRNO_BADF : WASI_ERRNO_INVAL;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = fd_lookup(fd, WASI_RIGHTS_FD_FILESTAT_SET_SIZE, &f);
    }
    return e == WASI_ERRNO_SUCCESS ? f->ops->set_size(f, size) : e;
}

uint32_t wasi_fd_filestat_set_times(wasm_caller_t *c, uint32_t fd, uint64_t atim, uint64_t mtim,
                                    uint32_t flags) {
    (void)c;
    file_t *f;
    fst_times_t t;
    wasi_errno_t e = fd_lookup(fd, WASI_RIGHTS_FD_FILESTAT_SET_TIMES, &f);
    if (e == WASI_ERRNO_SUCCESS && f->ops->set_times == NULL) {
        e = WASI_ERRNO_BADF;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = fst_times(atim, mtim, flags, &t);
    }
    return e == WASI_ERRNO_SUCCESS ? f->ops->set_times(f, t.which, t.atime, t.mtime) : e;
}

uint32_t wasi_fd_readdir(wasm_caller_t *c, uint32_t fd, uint32_t buf, uint32_t len, uint64_t cookie,
                         uint32_t used) {
    file_t *f;
    void *to, *count;
    size_t n;
    ENTRY_USE(preopen_service);
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e == WASI_ERRNO_SUCCESS && f->ops->readdir == NULL) {
        e = f->ops->vnode != NULL ? WASI_ERRNO_NOTDIR : WASI_ERRNO_BADF;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = fd_lookup(fd, WASI_RIGHTS_FD_READDIR, &f);
    }
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (!guest_span(c, buf, len, &to) || !guest_span(c, used, 4, &count)) {
        return WASI_ERRNO_FAULT;
    }
    e = f->ops->readdir(f, cookie, to, len, &n);
    if (e == WASI_ERRNO_SUCCESS) {
        memcpy(count, &(uint32_t){(uint32_t)n}, 4);
    }
    return e;
}
