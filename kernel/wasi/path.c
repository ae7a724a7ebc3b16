/* SPDX-License-Identifier: MIT */
/*
 * The calls that change directories. All have the same shape: resolve the path, look at what
 * stands there, and ask the file system. A file system that lacks an operation answers NOTSUP.
 */
#include "kernel/wasi/pathargs.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

#define HAS(t, op) ((t).dir->ops->op != NULL)

uint32_t wasi_path_create_directory(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len) {
    path_target_t t;
    wasi_errno_t e = path_entry_arg(c, dirfd, WASI_RIGHTS_PATH_CREATE_DIRECTORY, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (t.node != NULL) {
        e = WASI_ERRNO_EXIST;
    } else {
        e = HAS(t, mkdir) ? t.dir->ops->mkdir(t.dir, t.name, t.name_len) : WASI_ERRNO_NOTSUP;
    }
    path_release(&t);
    return e;
}

uint32_t wasi_path_remove_directory(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len) {
    path_target_t t;
    wasi_errno_t e = path_entry_arg(c, dirfd, WASI_RIGHTS_PATH_REMOVE_DIRECTORY, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (t.node == NULL) {
        e = WASI_ERRNO_NOENT;
    } else if (t.name_len == 0) {
        e = WASI_ERRNO_INVAL; /* "." and "..": not by these names */
    } else if (t.node->type != WASI_FILETYPE_DIRECTORY) {
        e = WASI_ERRNO_NOTDIR;
    } else {
        e = HAS(t, rmdir) ? t.dir->ops->rmdir(t.dir, t.name, t.name_len) : WASI_ERRNO_NOTSUP;
    }
    path_release(&t);
    return e;
}

uint32_t wasi_path_unlink_file(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len) {
    path_target_t t;
    wasi_errno_t e = path_entry_arg(c, dirfd, WASI_RIGHTS_PATH_UNLINK_FILE, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (t.node == NULL) {
        e = WASI_ERRNO_NOENT;
    } else if (t.node->type == WASI_FILETYPE_DIRECTORY) {
        e = WASI_ERRNO_ISDIR;
    } else if (t.trailing_slash) {
        e = WASI_ERRNO_NOTDIR;
    } else {
        e = HAS(t, unlink) ? t.dir->ops->unlink(t.dir, t.name, t.name_len) : WASI_ERRNO_NOTSUP;
    }
    path_release(&t);
    return e;
}

static wasi_errno_t link_targets(path_target_t *from, path_target_t *to) {
    if (from->node == NULL) {
        return WASI_ERRNO_NOENT;
    }
    if (to->node != NULL) {
        return WASI_ERRNO_EXIST;
    }
    if (from->node->type == WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_PERM;
    }
    if (to->trailing_slash) {
        return WASI_ERRNO_NOENT;
    }
    if (from->node->dev != to->dir->dev) {
        return WASI_ERRNO_XDEV;
    }
    return HAS(*to, link) ? to->dir->ops->link(to->dir, to->name, to->name_len, from->node)
                          : WASI_ERRNO_NOTSUP;
}

uint32_t wasi_path_link(wasm_caller_t *c, uint32_t old_dirfd, uint32_t lookup, uint32_t old_path,
                        uint32_t old_len, uint32_t new_dirfd, uint32_t new_path, uint32_t new_len) {
    path_target_t from, to;
    wasi_errno_t e =
        path_arg(c, old_dirfd, WASI_RIGHTS_PATH_LINK_SOURCE, lookup, old_path, old_len, &from);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    e = path_entry_arg(c, new_dirfd, WASI_RIGHTS_PATH_LINK_TARGET, new_path, new_len, &to);
    if (e == WASI_ERRNO_SUCCESS) {
        e = link_targets(&from, &to);
        path_release(&to);
    }
    path_release(&from);
    return e;
}

static wasi_errno_t rename_targets(path_target_t *from, path_target_t *to) {
    if (from->node == NULL) {
        return WASI_ERRNO_NOENT;
    }
    if (from->name_len == 0 || to->name_len == 0) {
        return WASI_ERRNO_BUSY; /* "." and "..": what POSIX lets rename answer for them */
    }
    if ((from->trailing_slash || to->trailing_slash) &&
        from->node->type != WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_NOTDIR;
    }
    if (from->dir->dev != to->dir->dev) {
        return WASI_ERRNO_XDEV;
    }
    return HAS(*from, rename) ? from->dir->ops->rename(from->dir, from->name, from->name_len,
                                                       to->dir, to->name, to->name_len)
                              : WASI_ERRNO_NOTSUP;
}

uint32_t wasi_path_rename(wasm_caller_t *c, uint32_t old_dirfd, uint32_t old_path, uint32_t old_len,
                          uint32_t new_dirfd, uint32_t new_path, uint32_t new_len) {
    path_target_t from, to;
    wasi_errno_t e =
        path_entry_arg(c, old_dirfd, WASI_RIGHTS_PATH_RENAME_SOURCE, old_path, old_len, &from);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    e = path_entry_arg(c, new_dirfd, WASI_RIGHTS_PATH_RENAME_TARGET, new_path, new_len, &to);
    if (e == WASI_ERRNO_SUCCESS) {
        e = rename_targets(&from, &to);
        path_release(&to);
    }
    path_release(&from);
    return e;
}

uint32_t wasi_path_symlink(wasm_caller_t *c, uint32_t target, uint32_t target_len, uint32_t dirfd,
                           uint32_t path, uint32_t len) {
    path_target_t t;
    void *text;
    wasi_errno_t e = path_entry_arg(c, dirfd, WASI_RIGHTS_PATH_SYMLINK, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (!guest_span(c, target, target_len, &text)) {
        e = WASI_ERRNO_FAULT;
    } else {
        e = path_check(text, target_len);
    }
    if (e == WASI_ERRNO_SUCCESS && ((const char *)text)[0] == '/') {
        e = WASI_ERRNO_PERM; /* it could only lead outside */
    }
    if (e == WASI_ERRNO_SUCCESS && t.node != NULL) {
        e = WASI_ERRNO_EXIST;
    }
    if (e == WASI_ERRNO_SUCCESS && t.trailing_slash) {
        e = WASI_ERRNO_NOENT;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = HAS(t, symlink) ? t.dir->ops->symlink(t.dir, t.name, t.name_len, text, target_len)
                            : WASI_ERRNO_NOTSUP;
    }
    path_release(&t);
    return e;
}

uint32_t wasi_path_readlink(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len,
                            uint32_t buf, uint32_t buf_len, uint32_t used) {
    path_target_t t;
    void *to, *count;
    size_t n;
    if (!guest_span(c, buf, buf_len, &to) || !guest_span(c, used, 4, &count)) {
        return WASI_ERRNO_FAULT;
    }
    wasi_errno_t e = path_arg(c, dirfd, WASI_RIGHTS_PATH_READLINK, 0, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (t.node == NULL) {
        e = WASI_ERRNO_NOENT;
    } else if (t.node->type != WASI_FILETYPE_SYMBOLIC_LINK || t.node->ops->readlink == NULL) {
        e = WASI_ERRNO_INVAL;
    } else {
        e = t.node->ops->readlink(t.node, to, buf_len, &n);
    }
    path_release(&t);
    if (e == WASI_ERRNO_SUCCESS) {
        memcpy(count, &(uint32_t){(uint32_t)n}, 4);
    }
    return e;
}
