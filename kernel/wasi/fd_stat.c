/* SPDX-License-Identifier: MIT */
/* fdstat and filestat of a descriptor. */
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/filestat.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

uint32_t wasi_fd_fdstat_get(wasm_caller_t *c, uint32_t fd, uint32_t fdstat) {
    file_t *f;
    void *out;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    wasi_fdstat_t s = {
        .fs_filetype = f->ops->filetype(f),
        .fs_flags = f->flags,
        .fs_rights_base = f->rights,
        .fs_rights_inheriting = f->inheriting,
    };
    if (!guest_span(c, fdstat, sizeof s, &out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(out, &s, sizeof s);
    return WASI_ERRNO_SUCCESS;
}

uint32_t wasi_fd_fdstat_set_flags(wasm_caller_t *c, uint32_t fd, uint32_t flags) {
    (void)c;
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, WASI_RIGHTS_FD_FDSTAT_SET_FLAGS, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (flags & ~(uint32_t)WASI_FDFLAGS_ALL) {
        return WASI_ERRNO_INVAL;
    }
    f->flags = (wasi_fdflags_t)flags;
    return WASI_ERRNO_SUCCESS;
}

uint32_t wasi_fd_fdstat_set_rights(wasm_caller_t *c, uint32_t fd, uint64_t base,
                                   uint64_t inheriting) {
    (void)c;
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if ((base & ~f->rights) != 0 || (inheriting & ~f->inheriting) != 0) {
        return WASI_ERRNO_NOTCAPABLE;
    }
    f->rights = base;
    f->inheriting = inheriting;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t stat_fd(uint32_t fd, wasi_filestat_t *out) {
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, WASI_RIGHTS_FD_FILESTAT_GET, &f);
    return e != WASI_ERRNO_SUCCESS ? e : f->ops->stat(f, out);
}

uint32_t wasi_fd_filestat_get(wasm_caller_t *c, uint32_t fd, uint32_t filestat) {
    wasi_filestat_t s;
    wasi_errno_t e = stat_fd(fd, &s);
    return e != WASI_ERRNO_SUCCESS ? e : filestat_store(c, filestat, &s);
}

uint32_t wasi_unstable_fd_filestat_get(wasm_caller_t *c, uint32_t fd, uint32_t filestat) {
    wasi_filestat_t s;
    wasi_errno_t e = stat_fd(fd, &s);
    return e != WASI_ERRNO_SUCCESS ? e : filestat_store_unstable(c, filestat, &s);
}
