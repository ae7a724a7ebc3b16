/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/vnode_file.h"

#include <string.h>

#include "mm/heap.h"

typedef struct vnode_file {
    file_t base;
    vnode_t *node;
    uint64_t position;
} vnode_file_t;

static vnode_file_t *open_file(file_t *f) {
    return (vnode_file_t *)f;
}

static vnode_t *file_vnode(file_t *f) {
    return open_file(f)->node;
}

static void file_close_vnode(file_t *f) {
    vnode_unref(open_file(f)->node);
    heap_free(f);
}

static wasi_filetype_t file_filetype(file_t *f) {
    return open_file(f)->node->type;
}

wasi_errno_t vnode_stat(vnode_t *n, wasi_filestat_t *out) {
    vfs_attr_t a;
    wasi_errno_t e = n->ops->getattr(n, &a);
    if (e == WASI_ERRNO_SUCCESS) {
        *out = (wasi_filestat_t){
            .dev = n->dev,
            .ino = n->ino,
            .filetype = n->type,
            .nlink = a.nlink,
            .size = a.size,
            .atim = a.atime,
            .mtim = a.mtime,
            .ctim = a.ctime,
        };
    }
    return e;
}

static wasi_errno_t file_stat(file_t *f, wasi_filestat_t *out) {
    return vnode_stat(open_file(f)->node, out);
}

static wasi_errno_t file_set_times(file_t *f, unsigned which, wasi_timestamp_t atime,
                                   wasi_timestamp_t mtime) {
    vnode_t *n = open_file(f)->node;
    return n->ops->set_times == NULL ? WASI_ERRNO_NOTSUP
                                     : n->ops->set_times(n, which, atime, mtime);
}

/* A file system without `sync` keeps nothing back. */
static wasi_errno_t file_sync(file_t *f, bool data_only) {
    vnode_t *n = open_file(f)->node;
    return n->ops->sync == NULL ? WASI_ERRNO_SUCCESS : n->ops->sync(n, data_only);
}

static wasi_errno_t file_size(vnode_t *n, uint64_t *size) {
    vfs_attr_t a;
    wasi_errno_t e = n->ops->getattr(n, &a);
    if (e == WASI_ERRNO_SUCCESS) {
        *size = a.size;
    }
    return e;
}

static wasi_errno_t file_pread(file_t *f, uint64_t offset, void *buf, size_t len, size_t *got) {
    vnode_t *n = open_file(f)->node;
    return n->ops->read == NULL ? WASI_ERRNO_NOTSUP : n->ops->read(n, offset, buf, len, got);
}

/* Appending wins over the position, for pwrite too, as Linux has it. */
static wasi_errno_t write_at(file_t *f, uint64_t *offset, const void *buf, size_t len,
                             size_t *done) {
    vnode_t *n = open_file(f)->node;
    wasi_errno_t e = WASI_ERRNO_SUCCESS;
    if (n->ops->write == NULL) {
        return WASI_ERRNO_NOTSUP;
    }
    if (f->flags & WASI_FDFLAGS_APPEND) {
        e = file_size(n, offset);
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = n->ops->write(n, *offset, buf, len, done);
    }
    if (e == WASI_ERRNO_SUCCESS && f->flags & (WASI_FDFLAGS_DSYNC | WASI_FDFLAGS_SYNC)) {
        e = file_sync(f, (f->flags & WASI_FDFLAGS_SYNC) == 0);
    }
    return e;
}

static wasi_errno_t file_pwrite(file_t *f, uint64_t offset, const void *buf, size_t len,
                                size_t *done) {
    return write_at(f, &offset, buf, len, done);
}

static wasi_errno_t file_read(file_t *f, void *buf, size_t len, size_t *got) {
    vnode_file_t *v = open_file(f);
    wasi_errno_t e = file_pread(f, v->position, buf, len, got);
    if (e == WASI_ERRNO_SUCCESS) {
        v->position += *got;
    }
    return e;
}

static wasi_errno_t file_write(file_t *f, const void *buf, size_t len, size_t *done) {
    vnode_file_t *v = open_file(f);
    uint64_t offset = v->position;
    wasi_errno_t e = write_at(f, &offset, buf, len, done);
    if (e == WASI_ERRNO_SUCCESS) {
        v->position = offset + *done;
    }
    return e;
}

static wasi_errno_t file_seek(file_t *f, int64_t delta, unsigned whence, uint64_t *position) {
    vnode_file_t *v = open_file(f);
    uint64_t from = whence == WASI_WHENCE_CUR ? v->position : 0;
    int64_t to;
    if (whence == WASI_WHENCE_END) {
        wasi_errno_t e = file_size(v->node, &from);
        if (e != WASI_ERRNO_SUCCESS) {
            return e;
        }
    }
    if (from > (uint64_t)INT64_MAX || __builtin_add_overflow((int64_t)from, delta, &to) || to < 0) {
        return WASI_ERRNO_INVAL;
    }
    *position = v->position = (uint64_t)to;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t file_readable(file_t *f, uint64_t *n) {
    uint64_t size;
    wasi_errno_t e = file_size(open_file(f)->node, &size);
    if (e == WASI_ERRNO_SUCCESS) {
        *n = size > open_file(f)->position ? size - open_file(f)->position : 0;
    }
    return e;
}

static wasi_errno_t file_set_size(file_t *f, uint64_t size) {
    vnode_t *n = open_file(f)->node;
    if (n->ops->truncate == NULL) {
        return WASI_ERRNO_NOTSUP;
    }
    return size > INT64_MAX ? WASI_ERRNO_INVAL : n->ops->truncate(n, size);
}

/* fd_readdir's buffer as it fills. */
typedef struct listing {
    uint8_t *buf;
    size_t len, used;
} listing_t;

/* Answers false when something did not fit. */
static bool list_bytes(listing_t *l, const void *bytes, size_t n) {
    size_t fits = n < l->len - l->used ? n : l->len - l->used;
    memcpy(l->buf + l->used, bytes, fits);
    l->used += fits;
    return fits == n;
}

static bool list_entry(void *ctx, const vfs_dirent_t *entry) {
    wasi_dirent_t d = {
        .d_next = entry->next,
        .d_ino = entry->ino,
        .d_namlen = (uint32_t)entry->name_len,
        .d_type = entry->type,
    };
    return list_bytes(ctx, &d, sizeof d) && list_bytes(ctx, entry->name, entry->name_len);
}

static wasi_errno_t directory_readdir(file_t *f, uint64_t cookie, uint8_t *buf, size_t len,
                                      size_t *used) {
    vnode_t *n = open_file(f)->node;
    listing_t l = {.buf = buf, .len = len};
    wasi_errno_t e = WASI_ERRNO_SUCCESS;
    if (n->ops->open != NULL) {
        e = n->ops->open(n, VFS_READ);
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = n->ops->readdir(n, cookie, list_entry, &l);
    }
    if (e == WASI_ERRNO_SUCCESS) {
        *used = l.used;
    }
    return e;
}

static const file_ops_t file_ops = {
    .close = file_close_vnode,
    .filetype = file_filetype,
    .read = file_read,
    .write = file_write,
    .pread = file_pread,
    .pwrite = file_pwrite,
    .seek = file_seek,
    .readable = file_readable,
    .stat = file_stat,
    .set_size = file_set_size,
    .set_times = file_set_times,
    .sync = file_sync,
    .vnode = file_vnode,
};

static const file_ops_t directory_ops = {
    .close = file_close_vnode,
    .filetype = file_filetype,
    .stat = file_stat,
    .set_times = file_set_times,
    .sync = file_sync,
    .readdir = directory_readdir,
    .vnode = file_vnode,
};

wasi_errno_t vnode_file_new(vnode_t *n, wasi_rights_t rights, wasi_rights_t inheriting,
                            wasi_fdflags_t flags, file_t **out) {
    vnode_file_t *v = heap_zalloc(sizeof *v);
    if (v == NULL) {
        return WASI_ERRNO_NOMEM;
    }
    bool is_directory = n->type == WASI_FILETYPE_DIRECTORY;
    v->node = n;
    v->base = (file_t){
        .ops = is_directory ? &directory_ops : &file_ops,
        .rights = rights & (is_directory ? DIRECTORY_RIGHTS : FILE_RIGHTS),
        .inheriting = is_directory ? inheriting & INHERITING_RIGHTS : 0,
        .flags = flags,
    };
    *out = &v->base;
    return WASI_ERRNO_SUCCESS;
}
