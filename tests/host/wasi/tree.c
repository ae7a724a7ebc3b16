/* SPDX-License-Identifier: MIT */
#include "tests/host/wasi/tree.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/fs/ramfs.h"
#include "mm/heap.h"

typedef struct found {
    char name[VFS_NAME_MAX + 1];
    size_t len;
    uint64_t cookie;
    bool any;
} found_t;

static bool is_dots(const vfs_dirent_t *e) {
    return e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'));
}

static bool take_first(void *ctx, const vfs_dirent_t *e) {
    found_t *f = ctx;
    if (is_dots(e)) {
        return true;
    }
    memcpy(f->name, e->name, e->name_len);
    f->len = e->name_len;
    f->cookie = e->next;
    f->any = true;
    return false;
}

static void check(wasi_errno_t e) {
    if (e != WASI_ERRNO_SUCCESS) {
        abort();
    }
}

static bool next(vnode_t *dir, uint64_t cookie, found_t *f, vnode_t **n) {
    f->any = false;
    check(dir->ops->readdir(dir, cookie, take_first, f));
    if (f->any) {
        check(dir->ops->lookup(dir, f->name, f->len, n));
    }
    return f->any;
}

static void read_file(vnode_t *n) {
    char buf[1000];
    size_t got;
    vfs_attr_t a;
    check(n->ops->getattr(n, &a));
    check(n->ops->read(n, a.size / 2, buf, sizeof buf, &got));
    check(n->ops->write(n, a.size / 2, "x", 1, &got));
}

void tree_read_all(vnode_t *dir) {
    found_t f;
    vnode_t *n;
    for (uint64_t cookie = 0; next(dir, cookie, &f, &n); cookie = f.cookie) {
        char target[VFS_PATH_MAX];
        size_t got;
        if (n->type == WASI_FILETYPE_DIRECTORY) {
            tree_read_all(n);
        } else if (n->type == WASI_FILETYPE_SYMBOLIC_LINK) {
            check(n->ops->readlink(n, target, sizeof target, &got));
        } else {
            read_file(n);
        }
        vnode_unref(n);
    }
}

void tree_remove_all(vnode_t *dir) {
    found_t f;
    vnode_t *n;
    while (next(dir, 0, &f, &n)) {
        if (n->type == WASI_FILETYPE_DIRECTORY) {
            tree_remove_all(n);
            check(dir->ops->rmdir(dir, f.name, f.len));
        } else {
            check(dir->ops->unlink(dir, f.name, f.len));
        }
        vnode_unref(n);
    }
}

void tree_unmount(vnode_t *root) {
    ramfs_node_t *n = (ramfs_node_t *)root;
    ramfs_t *fs = n->fs;
    n->links = 0;
    vnode_unref(root);
    heap_free(fs);
}
