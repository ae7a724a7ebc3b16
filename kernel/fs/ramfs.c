/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ramfs.h"

#include <string.h>

#include "kernel/core/log.h"
#include "mm/heap.h"

static const vnode_ops_t ramfs_ops;

static ramfs_node_t *node_of(vnode_t *n) {
    return (ramfs_node_t *)n;
}

/* A node without a name and without a reference yet. */
static ramfs_node_t *new_node(ramfs_t *fs, wasi_filetype_t type, wasi_timestamp_t time) {
    ramfs_node_t *n = heap_zalloc(sizeof *n);
    if (n != NULL) {
        n->base = (vnode_t){
            .ops = &ramfs_ops,
            .type = type,
            .dev = fs->dev,
            .ino = ++fs->last_ino,
        };
        n->fs = fs;
        n->expanded = fs->expand == NULL;
        n->atime = n->mtime = n->ctime = time;
    }
    return n;
}

static void free_node(ramfs_node_t *n) {
    switch (n->base.type) {
    case WASI_FILETYPE_DIRECTORY:
        ramdir_free(&n->dir.entries);
        break;
    case WASI_FILETYPE_SYMBOLIC_LINK:
        if (n->target.owned) {
            heap_free((void *)(uintptr_t)n->target.text);
        }
        break;
    default:
        ramdata_truncate(&n->data, 0);
        break;
    }
    heap_free(n);
}

static void free_unless_used(ramfs_node_t *n) {
    if (n->base.refs == 0 && n->links == 0) {
        free_node(n);
    }
}

static void ramfs_release(vnode_t *n) {
    free_unless_used(node_of(n));
}

static void touch(ramfs_node_t *n, bool content) {
    n->ctime = vfs_now();
    if (content) {
        n->mtime = n->ctime;
    }
}

/* A directory that can be looked into: filled, and not removed in the meantime. */
static wasi_errno_t enter_dir(ramfs_node_t *dir) {
    if (dir->dir.parent == NULL) {
        return WASI_ERRNO_NOENT;
    }
    if (!dir->expanded) {
        wasi_errno_t e = dir->fs->expand(dir);
        if (e != WASI_ERRNO_SUCCESS) {
            return e;
        }
        dir->expanded = true;
    }
    return WASI_ERRNO_SUCCESS;
}

/* Gives `node` a name in `dir`. */
static wasi_errno_t attach(ramfs_node_t *dir, const char *name, size_t len, ramfs_node_t *node) {
    if (ramdir_add(&dir->dir.entries, name, len, node) != STATUS_OK) {
        return WASI_ERRNO_NOSPC;
    }
    node->links++;
    if (node->base.type == WASI_FILETYPE_DIRECTORY) {
        node->dir.parent = dir;
        dir->dir.subdirs++;
    }
    return WASI_ERRNO_SUCCESS;
}

/* Takes the name away; the node goes with its last one. */
static void detach(ramfs_node_t *dir, ramdir_entry_t *entry) {
    ramfs_node_t *node = entry->node;
    ramdir_remove(&dir->dir.entries, entry);
    node->links--;
    if (node->base.type == WASI_FILETYPE_DIRECTORY) {
        node->dir.parent = NULL;
        dir->dir.subdirs--;
    }
    free_unless_used(node);
}

wasi_errno_t ramfs_add(ramfs_node_t *dir, const char *name, size_t len, wasi_filetype_t type,
                       ramfs_node_t **out) {
    ramfs_node_t *n = new_node(dir->fs, type, dir->mtime);
    if (n == NULL) {
        return WASI_ERRNO_NOSPC;
    }
    wasi_errno_t e = attach(dir, name, len, n);
    if (e != WASI_ERRNO_SUCCESS) {
        free_node(n);
        return e;
    }
    *out = n;
    return WASI_ERRNO_SUCCESS;
}

void ramfs_clear(ramfs_node_t *dir) {
    const ramdir_entry_t *e;
    while ((e = ramdir_after(&dir->dir.entries, 0)) != NULL) {
        detach(dir, ramdir_find(&dir->dir.entries, e->name, e->name_len));
    }
}

/* A node with a new name, for the directory operations that make one. */
static wasi_errno_t make(vnode_t *in, const char *name, size_t len, wasi_filetype_t type,
                         ramfs_node_t **out) {
    ramfs_node_t *dir = node_of(in);
    wasi_errno_t e = enter_dir(dir);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (ramdir_find(&dir->dir.entries, name, len) != NULL) {
        return WASI_ERRNO_EXIST;
    }
    e = ramfs_add(dir, name, len, type, out);
    if (e == WASI_ERRNO_SUCCESS) {
        touch(dir, true);
        (*out)->expanded = true;
        (*out)->atime = (*out)->mtime = (*out)->ctime = dir->mtime;
    }
    return e;
}

static wasi_errno_t ramfs_create(vnode_t *dir, const char *name, size_t len, vnode_t **out) {
    ramfs_node_t *n;
    wasi_errno_t e = make(dir, name, len, WASI_FILETYPE_REGULAR_FILE, &n);
    if (e == WASI_ERRNO_SUCCESS) {
        *out = vnode_ref(&n->base);
    }
    return e;
}

static wasi_errno_t ramfs_mkdir(vnode_t *dir, const char *name, size_t len) {
    ramfs_node_t *n;
    return make(dir, name, len, WASI_FILETYPE_DIRECTORY, &n);
}

static wasi_errno_t ramfs_symlink(vnode_t *dir, const char *name, size_t len, const char *target,
                                  size_t target_len) {
    ramfs_node_t *n;
    char *text = heap_alloc(target_len);
    if (text == NULL) {
        return WASI_ERRNO_NOSPC;
    }
    wasi_errno_t e = make(dir, name, len, WASI_FILETYPE_SYMBOLIC_LINK, &n);
    if (e != WASI_ERRNO_SUCCESS) {
        heap_free(text);
        return e;
    }
    memcpy(text, target, target_len);
    n->target.text = text;
    n->target.len = (uint32_t)target_len;
    n->target.owned = true;
    return e;
}

/* The entry of this name, in a directory that can be looked into. */
static wasi_errno_t find(vnode_t *in, const char *name, size_t len, ramdir_entry_t **out) {
    wasi_errno_t e = enter_dir(node_of(in));
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    ramdir_entry_t *entry = ramdir_find(&node_of(in)->dir.entries, name, len);
    if (entry == NULL) {
        return WASI_ERRNO_NOENT;
    }
    *out = entry;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_lookup(vnode_t *dir, const char *name, size_t len, vnode_t **out) {
    ramdir_entry_t *entry;
    wasi_errno_t e = find(dir, name, len, &entry);
    if (e == WASI_ERRNO_SUCCESS) {
        *out = vnode_ref(&entry->node->base);
    }
    return e;
}

static wasi_errno_t ramfs_link(vnode_t *in, const char *name, size_t len, vnode_t *node) {
    ramfs_node_t *dir = node_of(in);
    wasi_errno_t e = enter_dir(dir);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (ramdir_find(&dir->dir.entries, name, len) != NULL) {
        return WASI_ERRNO_EXIST;
    }
    if (node_of(node)->links == 0) {
        return WASI_ERRNO_NOENT; /* what was unlinked stays so */
    }
    e = attach(dir, name, len, node_of(node));
    if (e == WASI_ERRNO_SUCCESS) {
        touch(dir, true);
        touch(node_of(node), false);
    }
    return e;
}

static void remove_entry(ramfs_node_t *dir, ramdir_entry_t *entry) {
    touch(entry->node, false);
    detach(dir, entry);
    touch(dir, true);
}

static wasi_errno_t ramfs_unlink(vnode_t *dir, const char *name, size_t len) {
    ramdir_entry_t *entry;
    wasi_errno_t e = find(dir, name, len, &entry);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (entry->node->base.type == WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_ISDIR;
    }
    remove_entry(node_of(dir), entry);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t check_empty(ramfs_node_t *dir) {
    wasi_errno_t e = enter_dir(dir);
    if (e == WASI_ERRNO_SUCCESS && dir->dir.entries.live > 0) {
        e = WASI_ERRNO_NOTEMPTY;
    }
    return e;
}

static wasi_errno_t ramfs_rmdir(vnode_t *dir, const char *name, size_t len) {
    ramdir_entry_t *entry;
    wasi_errno_t e = find(dir, name, len, &entry);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (entry->node->base.type != WASI_FILETYPE_DIRECTORY) {
        return WASI_ERRNO_NOTDIR;
    }
    e = check_empty(entry->node);
    if (e == WASI_ERRNO_SUCCESS) {
        remove_entry(node_of(dir), entry);
    }
    return e;
}

static bool is_inside(const ramfs_node_t *n, const ramfs_node_t *top) {
    while (n != NULL && n != top && n->dir.parent != n) {
        n = n->dir.parent;
    }
    return n == top;
}

/* Whether `moved` may take the place of `old`. */
static wasi_errno_t check_replace(const ramfs_node_t *moved, ramfs_node_t *old) {
    bool moves_dir = moved->base.type == WASI_FILETYPE_DIRECTORY;
    if (old->base.type != WASI_FILETYPE_DIRECTORY) {
        return moves_dir ? WASI_ERRNO_NOTDIR : WASI_ERRNO_SUCCESS;
    }
    return moves_dir ? check_empty(old) : WASI_ERRNO_ISDIR;
}

static wasi_errno_t ramfs_rename(vnode_t *in, const char *name, size_t len, vnode_t *new_in,
                                 const char *new_name, size_t new_len) {
    ramfs_node_t *dir = node_of(in), *new_dir = node_of(new_in);
    ramdir_entry_t *entry, *old = NULL;
    wasi_errno_t e = find(in, name, len, &entry);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    e = find(new_in, new_name, new_len, &old);
    if (e != WASI_ERRNO_SUCCESS && (e != WASI_ERRNO_NOENT || new_dir->dir.parent == NULL)) {
        return e;
    }
    ramfs_node_t *moved = entry->node;
    if (old != NULL && old->node == moved) {
        return WASI_ERRNO_SUCCESS; /* two names of one file: POSIX leaves both */
    }
    if (moved->base.type == WASI_FILETYPE_DIRECTORY && is_inside(new_dir, moved)) {
        return WASI_ERRNO_INVAL;
    }
    if (old != NULL && (e = check_replace(moved, old->node)) != WASI_ERRNO_SUCCESS) {
        return e;
    }

    /* From here on only running out of memory can fail, and it does so before anything changes. */
    if (old != NULL) {
        ramfs_node_t *replaced = old->node;
        old->node = moved;
        replaced->links--;
        if (replaced->base.type == WASI_FILETYPE_DIRECTORY) {
            replaced->dir.parent = NULL;
        } else {
            touch(replaced, false);
        }
        free_unless_used(replaced);
    } else {
        if (ramdir_add(&new_dir->dir.entries, new_name, new_len, moved) != STATUS_OK) {
            return WASI_ERRNO_NOSPC;
        }
        if (moved->base.type == WASI_FILETYPE_DIRECTORY) {
            new_dir->dir.subdirs++;
        }
    }
    ramdir_remove(&dir->dir.entries, entry);
    if (moved->base.type == WASI_FILETYPE_DIRECTORY) {
        moved->dir.parent = new_dir;
        dir->dir.subdirs--;
    }
    touch(moved, false);
    touch(dir, true);
    touch(new_dir, true);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_readdir(vnode_t *in, uint64_t cookie, vfs_emit_t emit, void *ctx) {
    ramfs_node_t *dir = node_of(in);
    wasi_errno_t e = enter_dir(dir);
    if (e != WASI_ERRNO_SUCCESS) {
        return dir->dir.parent == NULL ? WASI_ERRNO_SUCCESS : e; /* a removed one is empty */
    }
    static const char dots[] = "..";
    const ramfs_node_t *known[] = {dir, dir->dir.parent};
    for (; cookie < RAMDIR_FIRST_COOKIE - 1; cookie++) {
        vfs_dirent_t d = {dots, cookie + 1, known[cookie]->base.ino, cookie + 1,
                          WASI_FILETYPE_DIRECTORY};
        if (!emit(ctx, &d)) {
            return WASI_ERRNO_SUCCESS;
        }
    }
    const ramdir_entry_t *entry;
    while ((entry = ramdir_after(&dir->dir.entries, cookie)) != NULL) {
        const vnode_t *n = &entry->node->base;
        vfs_dirent_t d = {entry->name, entry->name_len, n->ino, entry->cookie, n->type};
        if (!emit(ctx, &d)) {
            break;
        }
        cookie = entry->cookie;
    }
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_readlink(vnode_t *n, char *buf, size_t cap, size_t *got) {
    const ramfs_node_t *link = node_of(n);
    *got = link->target.len < cap ? link->target.len : cap;
    memcpy(buf, link->target.text, *got);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_read(vnode_t *n, uint64_t offset, void *buf, size_t len, size_t *got) {
    *got = ramdata_read(&node_of(n)->data, offset, buf, len);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_write(vnode_t *n, uint64_t offset, const void *buf, size_t len,
                                size_t *done) {
    status_t s = ramdata_write(&node_of(n)->data, offset, buf, len, done);
    if (s != STATUS_OK) {
        return s == ERR_RANGE ? WASI_ERRNO_FBIG : WASI_ERRNO_NOSPC;
    }
    touch(node_of(n), true);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_truncate(vnode_t *n, uint64_t size) {
    if (ramdata_truncate(&node_of(n)->data, size) != STATUS_OK) {
        return WASI_ERRNO_FBIG;
    }
    touch(node_of(n), true);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_getattr(vnode_t *n, vfs_attr_t *out) {
    const ramfs_node_t *r = node_of(n);
    *out = (vfs_attr_t){
        .nlink = r->links,
        .atime = r->atime,
        .mtime = r->mtime,
        .ctime = r->ctime,
    };
    switch (n->type) {
    case WASI_FILETYPE_DIRECTORY:
        out->nlink += 1 + r->dir.subdirs;
        break;
    case WASI_FILETYPE_SYMBOLIC_LINK:
        out->size = r->target.len;
        break;
    default:
        out->size = r->data.size;
        break;
    }
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ramfs_set_times(vnode_t *n, unsigned which, wasi_timestamp_t atime,
                                    wasi_timestamp_t mtime) {
    ramfs_node_t *r = node_of(n);
    if (which & VFS_ATIME) {
        r->atime = atime;
    }
    if (which & VFS_MTIME) {
        r->mtime = mtime;
    }
    touch(r, false);
    return WASI_ERRNO_SUCCESS;
}

static const vnode_ops_t ramfs_ops = {
    .release = ramfs_release,
    .getattr = ramfs_getattr,
    .set_times = ramfs_set_times,
    .read = ramfs_read,
    .write = ramfs_write,
    .truncate = ramfs_truncate,
    .readlink = ramfs_readlink,
    .lookup = ramfs_lookup,
    .create = ramfs_create,
    .mkdir = ramfs_mkdir,
    .symlink = ramfs_symlink,
    .link = ramfs_link,
    .unlink = ramfs_unlink,
    .rmdir = ramfs_rmdir,
    .rename = ramfs_rename,
    .readdir = ramfs_readdir,
};

wasi_errno_t ramfs_new(wasi_errno_t (*expand)(ramfs_node_t *), const void *source,
                       wasi_timestamp_t time, ramfs_node_t **root) {
    ramfs_t *fs = heap_zalloc(sizeof *fs);
    if (fs == NULL) {
        return WASI_ERRNO_NOMEM;
    }
    fs->expand = expand;
    fs->source = source;
    ramfs_node_t *n = new_node(fs, WASI_FILETYPE_DIRECTORY, time);
    if (n == NULL) {
        heap_free(fs);
        return WASI_ERRNO_NOMEM;
    }
    fs->dev = n->base.dev = vfs_new_dev();
    n->dir.parent = n;
    n->links = 1; /* its mount: the root stays */
    n->base.refs = 1;
    *root = n;
    return WASI_ERRNO_SUCCESS;
}

wasi_errno_t ramfs_mount(vnode_t **root) {
    ramfs_node_t *n;
    wasi_errno_t e = ramfs_new(NULL, NULL, vfs_now(), &n);
    if (e == WASI_ERRNO_SUCCESS) {
        LOG(LOG_INFO, fs, "an empty file system in RAM");
        *root = &n->base;
    }
    return e;
}
