/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/pathargs.h"
#include "kernel/wasi/vnode_file.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

/* Access to the data that these rights amount to. */
static unsigned access_of(wasi_rights_t rights) {
    return (rights & WASI_RIGHTS_FD_READ ? VFS_READ : 0u) |
           (rights & WASI_RIGHTS_FD_WRITE ? VFS_WRITE : 0u);
}

/* May what stands there be opened in this way? */
static wasi_errno_t check_existing(const path_target_t *t, uint32_t oflags, unsigned access) {
    if ((oflags & WASI_OFLAGS_CREAT) && (oflags & WASI_OFLAGS_EXCL)) {
        return WASI_ERRNO_EXIST;
    }
    switch (t->node->type) {
    case WASI_FILETYPE_SYMBOLIC_LINK:
        return WASI_ERRNO_LOOP;
    case WASI_FILETYPE_DIRECTORY:
        return (oflags & (WASI_OFLAGS_CREAT | WASI_OFLAGS_TRUNC)) || access & VFS_WRITE
                   ? WASI_ERRNO_ISDIR
                   : WASI_ERRNO_SUCCESS;
    default:
        return oflags & WASI_OFLAGS_DIRECTORY ? WASI_ERRNO_NOTDIR : WASI_ERRNO_SUCCESS;
    }
}

static wasi_errno_t create(path_target_t *t, uint32_t oflags) {
    if ((oflags & WASI_OFLAGS_CREAT) == 0) {
        return WASI_ERRNO_NOENT;
    }
    if (t->trailing_slash) {
        return WASI_ERRNO_ISDIR;
    }
    if (t->dir->ops->create == NULL) {
        return WASI_ERRNO_NOTSUP;
    }
    return t->dir->ops->create(t->dir, t->name, t->name_len, &t->node);
}

/* Opens the data and cuts it, as asked. */
static wasi_errno_t open_data(vnode_t *n, uint32_t oflags, unsigned access) {
    if (n->type == WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_SUCCESS;
    }
    bool cuts = oflags & WASI_OFLAGS_TRUNC;
    unsigned wanted = access | (cuts ? VFS_WRITE : 0u);
    wasi_errno_t e = WASI_ERRNO_SUCCESS;
    if (n->ops->open != NULL && wanted != 0) {
        e = n->ops->open(n, wanted);
    }
    if (e == WASI_ERRNO_SUCCESS && cuts) {
        e = n->ops->truncate == NULL ? WASI_ERRNO_NOTSUP : n->ops->truncate(n, 0);
    }
    return e;
}

static wasi_errno_t open_target(path_target_t *t, uint32_t oflags, wasi_rights_t base,
                                wasi_rights_t inheriting, wasi_fdflags_t fdflags, wasi_fd_t *fd) {
    file_t *f;
    bool created = t->node == NULL;
    wasi_errno_t e = created ? create(t, oflags) : check_existing(t, oflags, access_of(base));
    if (e == WASI_ERRNO_SUCCESS) {
        e = open_data(t->node, created ? oflags & ~(uint32_t)WASI_OFLAGS_TRUNC : oflags,
                      access_of(base));
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = vnode_file_new(t->node, base, inheriting, fdflags, &f);
    }
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    vnode_ref(t->node); /* the file's own */
    e = fd_install(f, fd);
    if (e != WASI_ERRNO_SUCCESS) {
        file_close(f);
    }
    return e;
}

uint32_t wasi_path_open(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup, uint32_t path,
                        uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting,
                        uint32_t fdflags, uint32_t fd) {
    file_t *dir_file;
    vnode_t *dir;
    void *out;
    path_target_t t;
    wasi_rights_t needed = WASI_RIGHTS_PATH_OPEN;
    needed |= oflags & WASI_OFLAGS_CREAT ? WASI_RIGHTS_PATH_CREATE_FILE : 0;
    needed |= oflags & WASI_OFLAGS_TRUNC ? WASI_RIGHTS_PATH_FILESTAT_SET_SIZE : 0;

    wasi_errno_t e = path_dir(dirfd, needed, &dir_file, &dir);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if ((oflags & ~(uint32_t)WASI_OFLAGS_ALL) != 0 ||
        (fdflags & ~(uint32_t)WASI_FDFLAGS_ALL) != 0 ||
        ((oflags & WASI_OFLAGS_DIRECTORY) &&
         (oflags & (WASI_OFLAGS_CREAT | WASI_OFLAGS_EXCL | WASI_OFLAGS_TRUNC)))) {
        return WASI_ERRNO_INVAL;
    }
    if (!guest_span(c, fd, 4, &out)) {
        return WASI_ERRNO_FAULT;
    }
    /* O_CREAT with O_EXCL does not look behind a symlink. */
    if ((oflags & WASI_OFLAGS_CREAT) && (oflags & WASI_OFLAGS_EXCL)) {
        lookup &= ~(uint32_t)WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    }
    e = path_arg(c, dirfd, needed, lookup, path, len, &t);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    /* A program asks for all that it may ever want; it gets what the directory can hand on. */
    wasi_fd_t opened;
    e = open_target(&t, oflags, base & dir_file->inheriting, inheriting & dir_file->inheriting,
                    (wasi_fdflags_t)fdflags, &opened);
    path_release(&t);
    if (e == WASI_ERRNO_SUCCESS) {
        memcpy(out, &opened, 4);
    }
    return e;
}
