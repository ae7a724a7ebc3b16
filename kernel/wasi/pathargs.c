/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/pathargs.h"

#include "kernel/wasi/preopen.h"
#include "kernel/wasm/guest.h"

wasi_errno_t path_dir(uint32_t fd, wasi_rights_t needed, file_t **file, vnode_t **dir) {
    file_t *f;
    ENTRY_USE(preopen_service);
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (f->ops->vnode == NULL) {
        return WASI_ERRNO_BADF;
    }
    vnode_t *n = f->ops->vnode(f);
    if (n->type != WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_NOTDIR;
    }
    e = fd_lookup(fd, needed, &f);
    if (e == WASI_ERRNO_SUCCESS) {
        *file = f;
        *dir = n;
    }
    return e;
}

static wasi_errno_t resolve_arg(wasm_caller_t *c, vnode_t *dir, uint32_t path, uint32_t len,
                                path_last_t last, path_target_t *out) {
    void *text;
    return guest_span(c, path, len, &text) ? path_resolve(dir, text, len, last, out)
                                           : WASI_ERRNO_FAULT;
}

wasi_errno_t path_arg(wasm_caller_t *c, uint32_t fd, wasi_rights_t needed, uint32_t lookup,
                      uint32_t path, uint32_t len, path_target_t *out) {
    file_t *f;
    vnode_t *dir;
    wasi_errno_t e = path_dir(fd, needed, &f, &dir);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if ((lookup & ~(uint32_t)WASI_LOOKUPFLAGS_ALL) != 0) {
        return WASI_ERRNO_INVAL;
    }
    bool follow = lookup & WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    return resolve_arg(c, dir, path, len, follow ? PATH_FOLLOW : PATH_NOFOLLOW, out);
}

wasi_errno_t path_entry_arg(wasm_caller_t *c, uint32_t fd, wasi_rights_t needed, uint32_t path,
                            uint32_t len, path_target_t *out) {
    file_t *f;
    vnode_t *dir;
    wasi_errno_t e = path_dir(fd, needed, &f, &dir);
    return e == WASI_ERRNO_SUCCESS ? resolve_arg(c, dir, path, len, PATH_ENTRY, out) : e;
}
