/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/filestat.h"
#include "kernel/wasi/fsttimes.h"
#include "kernel/wasi/pathargs.h"
#include "kernel/wasi/vnode_file.h"
#include "kernel/wasi/wasi.h"

/* path_arg for what must exist. */
static wasi_errno_t existing(wasm_caller_t *c, uint32_t fd, wasi_rights_t needed, uint32_t lookup,
                             uint32_t path, uint32_t len, path_target_t *t) {
    wasi_errno_t e = path_arg(c, fd, needed, lookup, path, len, t);
    if (e == WASI_ERRNO_SUCCESS && t->node == NULL) {
        path_release(t);
        e = WASI_ERRNO_NOENT;
    }
    return e;
}

static wasi_errno_t stat_path(wasm_caller_t *c, uint32_t fd, uint32_t lookup, uint32_t path,
                              uint32_t len, wasi_filestat_t *s) {
    path_target_t t;
    wasi_errno_t e = existing(c, fd, WASI_RIGHTS_PATH_FILESTAT_GET, lookup, path, len, &t);
    if (e == WASI_ERRNO_SUCCESS) {
        e = vnode_stat(t.node, s);
        path_release(&t);
    }
    return e;
}

uint32_t wasi_path_filestat_get(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup, uint32_t path,
                                uint32_t len, uint32_t filestat) {
    wasi_filestat_t s;
    wasi_errno_t e = stat_path(c, dirfd, lookup, path, len, &s);
    return e != WASI_ERRNO_SUCCESS ? e : filestat_store(c, filestat, &s);
}

uint32_t wasi_unstable_path_filestat_get(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup,
                                         uint32_t path, uint32_t len, uint32_t filestat) {
    wasi_filestat_t s;
    wasi_errno_t e = stat_path(c, dirfd, lookup, path, len, &s);
    return e != WASI_ERRNO_SUCCESS ? e : filestat_store_unstable(c, filestat, &s);
}

uint32_t wasi_path_filestat_set_times(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup,
                                      uint32_t path, uint32_t len, uint64_t atim, uint64_t mtim,
                                      uint32_t flags) {
    path_target_t t;
    fst_times_t times;
    wasi_errno_t e = existing(c, dirfd, WASI_RIGHTS_PATH_FILESTAT_SET_TIMES, lookup, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    e = fst_times(atim, mtim, flags, &times);
    if (e == WASI_ERRNO_SUCCESS) {
        e = t.node->ops->set_times == NULL
                ? WASI_ERRNO_NOTSUP
                : t.node->ops->set_times(t.node, times.which, times.atime, times.mtime);
    }
    path_release(&t);
    return e;
}
