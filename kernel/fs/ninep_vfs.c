/* SPDX-License-Identifier: MIT */
/*
 * A 9P server's tree as a file system (vfs.h): the live host directory.
 *
 * A node holds a fid that names it, for walking and attributes, and up to two open ones, for
 * reading and for writing. Nothing is cached: what the host changes is seen at once.
 *
 * Orphans. QEMU's server finds the attributes of a file by its path, so it loses sight of a file
 * that is open and whose name is gone; only its contents stay reachable. When this kernel itself
 * takes the name away (unlink, or rename onto it), the node becomes an orphan, which keeps its own
 * attributes. Nodes of one orphan share them by number. A file unlinked by the host answers NOENT.
 */
#include <string.h>

#include "kernel/core/log.h"
#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/ninep.h"
#include "kernel/fs/ninep_errno.h"
#include "kernel/fs/vfs.h"
#include "mm/heap.h"

#define NS_PER_S UINT64_C(1000000000)
#define FILE_MODE 0644u
#define DIR_MODE 0755u
#define MODE_TYPE_SHIFT 12u /* S_IFMT; what it selects are the numbers of DT_* */
#define ZEROS_LEN 4096u

typedef struct mount mount_t;
typedef struct node node_t;

struct node {
    vnode_t v;
    mount_t *m;
    node_t *prev, *next;
    uint32_t fid;
    uint32_t read_fid, write_fid; /* P9_NOFID, or open; may be one and the same */
    bool orphan;
    vfs_attr_t attr; /* of an orphan */
};

struct mount {
    p9_session_t session;
    uint64_t dev;
    node_t *nodes; /* all that are referenced */
};

static const vnode_ops_t ninep_ops;

static node_t *node_of(vnode_t *v) {
    return (node_t *)(void *)v;
}
_Static_assert(offsetof(node_t, v) == 0, "a node is its vnode");

static p9_session_t *session_of(node_t *n) {
    return &n->m->session;
}

/* ---- nodes ---- */

static wasi_filetype_t type_of(uint32_t dt) {
    static const wasi_filetype_t types[16] = {
        [2] = WASI_FILETYPE_CHARACTER_DEVICE, [4] = WASI_FILETYPE_DIRECTORY,
        [6] = WASI_FILETYPE_BLOCK_DEVICE,     [8] = WASI_FILETYPE_REGULAR_FILE,
        [10] = WASI_FILETYPE_SYMBOLIC_LINK,   [12] = WASI_FILETYPE_SOCKET_STREAM,
    };
    return dt < 16 ? types[dt] : WASI_FILETYPE_UNKNOWN;
}

/* A qid tells directories and symlinks only; the rest is in the mode. */
static p9_error_t find_type(mount_t *m, uint32_t fid, const p9_qid_t *qid, wasi_filetype_t *out) {
    if ((qid->type & (P9_QID_DIR | P9_QID_SYMLINK)) != 0) {
        *out =
            (qid->type & P9_QID_DIR) != 0 ? WASI_FILETYPE_DIRECTORY : WASI_FILETYPE_SYMBOLIC_LINK;
        return 0;
    }
    p9_attr_t attr;
    p9_error_t e = p9_getattr(&m->session, fid, &attr);
    if (e == 0) {
        *out = type_of(attr.mode >> MODE_TYPE_SHIFT);
    }
    return e;
}

/* Takes over `fid`, whatever happens. */
static wasi_errno_t node_new(mount_t *m, uint32_t fid, const p9_qid_t *qid, wasi_filetype_t type,
                             node_t **out) {
    node_t *n = heap_alloc(sizeof *n);
    if (n == NULL) {
        p9_clunk(&m->session, fid);
        return WASI_ERRNO_NOMEM;
    }
    *n = (node_t){
        .v = {.ops = &ninep_ops, .refs = 1, .type = type, .dev = m->dev, .ino = qid->path},
        .m = m,
        .next = m->nodes,
        .fid = fid,
        .read_fid = P9_NOFID,
        .write_fid = P9_NOFID,
    };
    if (m->nodes != NULL) {
        m->nodes->prev = n;
    }
    m->nodes = n;
    *out = n;
    return WASI_ERRNO_SUCCESS;
}

static void ninep_release(vnode_t *v) {
    node_t *n = node_of(v);
    p9_session_t *s = session_of(n);
    if (n->read_fid != P9_NOFID) {
        p9_clunk(s, n->read_fid);
    }
    if (n->write_fid != P9_NOFID && n->write_fid != n->read_fid) {
        p9_clunk(s, n->write_fid);
    }
    p9_clunk(s, n->fid);
    if (n->next != NULL) {
        n->next->prev = n->prev;
    }
    if (n->prev != NULL) {
        n->prev->next = n->next;
    } else {
        n->m->nodes = n->next;
    }
    heap_free(n);
}

/* ---- opening ---- */

static p9_error_t open_fid(node_t *n, uint32_t flags, uint32_t *out) {
    p9_session_t *s = session_of(n);
    uint32_t fid;
    p9_error_t e = p9_walk(s, n->fid, NULL, 0, &fid, NULL);
    if (e != 0) {
        return e;
    }
    e = p9_lopen(s, fid, flags, NULL);
    if (e != 0) {
        p9_clunk(s, fid);
        return e;
    }
    *out = fid;
    return 0;
}

static wasi_errno_t ninep_open(vnode_t *v, unsigned access) {
    node_t *n = node_of(v);
    bool dir = v->type == WASI_FILETYPE_DIRECTORY;
    bool read = (access & VFS_READ) != 0 && n->read_fid == P9_NOFID;
    bool write = (access & VFS_WRITE) != 0 && n->write_fid == P9_NOFID && !dir;
    p9_error_t e = 0;
    if (read && write) {
        e = open_fid(n, P9_O_RDWR, &n->read_fid);
        n->write_fid = n->read_fid;
    } else if (read) {
        e = open_fid(n, dir ? P9_O_RDONLY | P9_O_DIRECTORY : P9_O_RDONLY, &n->read_fid);
    } else if (write) {
        e = open_fid(n, P9_O_WRONLY, &n->write_fid);
    }
    return p9_wasi_errno(e);
}

/* ---- attributes ---- */

/* Times before 1970 come as huge numbers and after 2554 do not fit: the nearest that does. */
static wasi_timestamp_t to_ns(p9_time_t t) {
    uint64_t ns;
    if ((int64_t)t.sec < 0) {
        return 0;
    }
    if (__builtin_mul_overflow(t.sec, NS_PER_S, &ns) || __builtin_add_overflow(ns, t.nsec, &ns)) {
        return UINT64_MAX;
    }
    return ns;
}

static vfs_attr_t to_vfs(const p9_attr_t *a) {
    return (vfs_attr_t){.nlink = a->nlink,
                        .size = a->size,
                        .atime = to_ns(a->atime),
                        .mtime = to_ns(a->mtime),
                        .ctime = to_ns(a->ctime)};
}

static wasi_errno_t ninep_getattr(vnode_t *v, vfs_attr_t *out) {
    node_t *n = node_of(v);
    if (n->orphan) {
        *out = n->attr;
        return WASI_ERRNO_SUCCESS;
    }
    p9_attr_t attr;
    p9_error_t e = p9_getattr(session_of(n), n->fid, &attr);
    if (e != 0) {
        return p9_wasi_errno(e);
    }
    *out = to_vfs(&attr);
    return WASI_ERRNO_SUCCESS;
}

/* Every node of the orphan `n` learns its new attributes. */
static void share(node_t *n) {
    for (node_t *other = n->m->nodes; other != NULL; other = other->next) {
        if (other != n && other->orphan && other->v.ino == n->v.ino) {
            other->attr = n->attr;
        }
    }
}

static wasi_errno_t ninep_set_times(vnode_t *v, unsigned which, wasi_timestamp_t atime,
                                    wasi_timestamp_t mtime) {
    node_t *n = node_of(v);
    if (n->orphan) {
        n->attr.atime = (which & VFS_ATIME) != 0 ? atime : n->attr.atime;
        n->attr.mtime = (which & VFS_MTIME) != 0 ? mtime : n->attr.mtime;
        n->attr.ctime = vfs_now();
        share(n);
        return WASI_ERRNO_SUCCESS;
    }
    p9_setattr_t set = {.atime = {atime / NS_PER_S, atime % NS_PER_S},
                        .mtime = {mtime / NS_PER_S, mtime % NS_PER_S}};
    if ((which & VFS_ATIME) != 0) {
        set.valid |= P9_SETATTR_ATIME | P9_SETATTR_ATIME_SET;
    }
    if ((which & VFS_MTIME) != 0) {
        set.valid |= P9_SETATTR_MTIME | P9_SETATTR_MTIME_SET;
    }
    return p9_wasi_errno(p9_setattr(session_of(n), n->fid, &set));
}

/* ---- contents ---- */

/* As much as one message carries at a time, until a short answer. */
static wasi_errno_t read_all(node_t *n, uint64_t offset, void *buf, size_t len, size_t *got) {
    size_t done = 0;
    while (done < len) {
        size_t part;
        p9_error_t e = p9_read(session_of(n), n->read_fid, offset + done, (uint8_t *)buf + done,
                               len - done, &part);
        if (e != 0 && done == 0) {
            return p9_wasi_errno(e);
        }
        if (e != 0 || part == 0) {
            break;
        }
        done += part;
    }
    *got = done;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t write_all(node_t *n, uint64_t offset, const void *buf, size_t len,
                              size_t *out) {
    size_t done = 0;
    while (done < len) {
        size_t part;
        p9_error_t e = p9_write(session_of(n), n->write_fid, offset + done,
                                (const uint8_t *)buf + done, len - done, &part);
        if (e != 0 && done == 0) {
            return p9_wasi_errno(e);
        }
        if (e != 0 || part == 0) {
            break;
        }
        done += part;
    }
    *out = done;
    return WASI_ERRNO_SUCCESS;
}

/* The server's offsets are signed. */
static bool offset_ok(uint64_t offset, size_t len) {
    return offset <= INT64_MAX && len <= INT64_MAX - offset;
}

static wasi_errno_t ninep_read(vnode_t *v, uint64_t offset, void *buf, size_t len, size_t *got) {
    node_t *n = node_of(v);
    if (n->read_fid == P9_NOFID) {
        return WASI_ERRNO_BADF;
    }
    if (!offset_ok(offset, len)) {
        return WASI_ERRNO_INVAL;
    }
    if (n->orphan) {
        uint64_t left = offset < n->attr.size ? n->attr.size - offset : 0;
        len = len < left ? len : left;
    }
    return read_all(n, offset, buf, len, got);
}

static wasi_errno_t ninep_write(vnode_t *v, uint64_t offset, const void *buf, size_t len,
                                size_t *done) {
    node_t *n = node_of(v);
    if (n->write_fid == P9_NOFID) {
        return WASI_ERRNO_BADF;
    }
    if (!offset_ok(offset, len)) {
        return WASI_ERRNO_FBIG;
    }
    size_t written;
    wasi_errno_t e = write_all(n, offset, buf, len, &written);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (n->orphan && written > 0) {
        uint64_t end = offset + written;
        n->attr.size = end > n->attr.size ? end : n->attr.size;
        n->attr.mtime = n->attr.ctime = vfs_now();
        share(n);
    }
    *done = written;
    return WASI_ERRNO_SUCCESS;
}

/* The server cannot cut an orphan. So its length is kept here, and what is cut off is overwritten
 * with zeros, which is what a later extension must find there. */
static wasi_errno_t truncate_orphan(node_t *n, uint64_t size) {
    static const uint8_t zeros[ZEROS_LEN];
    if (n->attr.nlink != 0) {
        return WASI_ERRNO_NOTSUP; /* another name still shows the contents */
    }
    if (n->write_fid == P9_NOFID) {
        return WASI_ERRNO_BADF;
    }
    for (uint64_t at = size; at < n->attr.size;) {
        uint64_t left = n->attr.size - at;
        size_t done;
        wasi_errno_t e = write_all(n, at, zeros, left < ZEROS_LEN ? left : ZEROS_LEN, &done);
        if (e != WASI_ERRNO_SUCCESS || done == 0) {
            return e != WASI_ERRNO_SUCCESS ? e : WASI_ERRNO_IO;
        }
        at += done;
    }
    if (size > n->attr.size) { /* so that the bytes in between can be read */
        size_t done;
        wasi_errno_t e = write_all(n, size - 1, zeros, 1, &done);
        if (e != WASI_ERRNO_SUCCESS) {
            return e;
        }
    }
    n->attr.size = size;
    n->attr.mtime = n->attr.ctime = vfs_now();
    share(n);
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ninep_truncate(vnode_t *v, uint64_t size) {
    node_t *n = node_of(v);
    if (size > INT64_MAX) {
        return WASI_ERRNO_FBIG;
    }
    if (n->orphan) {
        return truncate_orphan(n, size);
    }
    p9_setattr_t set = {.valid = P9_SETATTR_SIZE, .size = size};
    return p9_wasi_errno(p9_setattr(session_of(n), n->fid, &set));
}

static wasi_errno_t ninep_sync(vnode_t *v, bool data_only) {
    node_t *n = node_of(v);
    uint32_t fid = n->write_fid != P9_NOFID ? n->write_fid : n->read_fid;
    if (fid == P9_NOFID) {
        return WASI_ERRNO_SUCCESS; /* nothing can have been written through it */
    }
    return p9_wasi_errno(p9_fsync(session_of(n), fid, data_only));
}

static wasi_errno_t ninep_readlink(vnode_t *v, char *buf, size_t cap, size_t *got) {
    node_t *n = node_of(v);
    const char *target;
    uint16_t len;
    p9_error_t e = p9_readlink(session_of(n), n->fid, &target, &len);
    if (e != 0) {
        return p9_wasi_errno(e);
    }
    size_t take = len < cap ? len : cap;
    if (take > 0) {
        memcpy(buf, target, take);
    }
    *got = take;
    return WASI_ERRNO_SUCCESS;
}

/* ---- directories ---- */

static wasi_errno_t ninep_lookup(vnode_t *dir, const char *name, size_t len, vnode_t **out) {
    node_t *d = node_of(dir);
    uint32_t fid;
    p9_qid_t qid;
    p9_error_t e = p9_walk(session_of(d), d->fid, name, len, &fid, &qid);
    if (e != 0) {
        return p9_wasi_errno(e);
    }
    wasi_filetype_t type;
    e = find_type(d->m, fid, &qid, &type);
    if (e != 0) {
        p9_clunk(session_of(d), fid);
        return p9_wasi_errno(e);
    }
    node_t *n;
    wasi_errno_t err = node_new(d->m, fid, &qid, type, &n);
    if (err == WASI_ERRNO_SUCCESS) {
        *out = &n->v;
    }
    return err;
}

/* The fid that created the file is open on it; the name needs another. */
static wasi_errno_t ninep_create(vnode_t *dir, const char *name, size_t len, vnode_t **out) {
    node_t *d = node_of(dir);
    p9_session_t *s = session_of(d);
    uint32_t open, fid;
    p9_qid_t created, found;
    p9_error_t e = p9_walk(s, d->fid, NULL, 0, &open, NULL);
    if (e != 0) {
        return p9_wasi_errno(e);
    }
    e = p9_lcreate(s, open, name, len, P9_O_RDWR | P9_O_CREAT | P9_O_EXCL, FILE_MODE, &created);
    if (e == 0) {
        e = p9_walk(s, d->fid, name, len, &fid, &found);
    }
    if (e != 0) {
        p9_clunk(s, open);
        return p9_wasi_errno(e);
    }
    node_t *n;
    wasi_errno_t err = node_new(d->m, fid, &found, WASI_FILETYPE_REGULAR_FILE, &n);
    if (err != WASI_ERRNO_SUCCESS) {
        p9_clunk(s, open);
        return err;
    }
    if (found.path == created.path) {
        n->read_fid = n->write_fid = open;
    } else {
        p9_clunk(s, open); /* the host has put another file there: that one, then */
    }
    *out = &n->v;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t ninep_mkdir(vnode_t *dir, const char *name, size_t len) {
    node_t *d = node_of(dir);
    return p9_wasi_errno(p9_mkdir(session_of(d), d->fid, name, len, DIR_MODE));
}

static wasi_errno_t ninep_symlink(vnode_t *dir, const char *name, size_t len, const char *target,
                                  size_t target_len) {
    node_t *d = node_of(dir);
    return p9_wasi_errno(p9_symlink(session_of(d), d->fid, name, len, target, target_len));
}

static wasi_errno_t ninep_link(vnode_t *dir, const char *name, size_t len, vnode_t *node) {
    node_t *d = node_of(dir);
    node_t *n = node_of(node);
    if (n->orphan) {
        return WASI_ERRNO_NOENT;
    }
    return p9_wasi_errno(p9_link(session_of(d), d->fid, n->fid, name, len));
}

/* ---- taking names away ---- */

typedef struct victim {
    bool referenced; /* the module has the file that is about to lose a name */
    uint64_t ino;
    vfs_attr_t attr;
} victim_t;

/* `ino` NULL: any file at all. */
static bool is_referenced(const mount_t *m, const uint64_t *ino) {
    for (const node_t *n = m->nodes; n != NULL; n = n->next) {
        if (n->v.type != WASI_FILETYPE_DIRECTORY && !n->orphan &&
            (ino == NULL || n->v.ino == *ino)) {
            return true;
        }
    }
    return false;
}

/* Before: looks at what has the name. An error is left to the operation itself to report. */
static victim_t find_victim(node_t *d, const char *name, size_t len) {
    victim_t v = {0};
    p9_session_t *s = session_of(d);
    uint32_t fid;
    p9_qid_t qid;
    if (!is_referenced(d->m, NULL) || p9_walk(s, d->fid, name, len, &fid, &qid) != 0) {
        return v;
    }
    p9_attr_t attr;
    if (is_referenced(d->m, &qid.path) && p9_getattr(s, fid, &attr) == 0) {
        v = (victim_t){true, qid.path, to_vfs(&attr)};
    }
    p9_clunk(s, fid);
    return v;
}

/* After: the nodes whose path leads to the file no more keep its attributes themselves. */
static void make_orphans(mount_t *m, victim_t *v) {
    if (!v->referenced) {
        return;
    }
    v->attr.nlink -= v->attr.nlink > 0 ? 1 : 0;
    v->attr.ctime = vfs_now();
    for (node_t *n = m->nodes; n != NULL; n = n->next) {
        p9_attr_t now;
        if (n->v.ino == v->ino && !n->orphan &&
            (p9_getattr(&m->session, n->fid, &now) != 0 || now.qid.path != v->ino)) {
            n->orphan = true;
            n->attr = v->attr;
        }
    }
}

static wasi_errno_t ninep_unlink(vnode_t *dir, const char *name, size_t len) {
    node_t *d = node_of(dir);
    victim_t victim = find_victim(d, name, len);
    p9_error_t e = p9_unlinkat(session_of(d), d->fid, name, len, 0);
    if (e == 0) {
        make_orphans(d->m, &victim);
    }
    return p9_wasi_errno(e);
}

static wasi_errno_t ninep_rmdir(vnode_t *dir, const char *name, size_t len) {
    node_t *d = node_of(dir);
    return p9_wasi_errno(p9_unlinkat(session_of(d), d->fid, name, len, P9_AT_REMOVEDIR));
}

static wasi_errno_t ninep_rename(vnode_t *dir, const char *name, size_t len, vnode_t *new_dir,
                                 const char *new_name, size_t new_len) {
    node_t *d = node_of(dir);
    node_t *to = node_of(new_dir);
    victim_t victim = find_victim(to, new_name, new_len);
    p9_error_t e = p9_renameat(session_of(d), d->fid, name, len, to->fid, new_name, new_len);
    if (e == 0) {
        make_orphans(d->m, &victim);
    }
    return p9_wasi_errno(e);
}

static wasi_errno_t ninep_readdir(vnode_t *dir, uint64_t cookie, vfs_emit_t emit, void *ctx) {
    node_t *d = node_of(dir);
    wasi_errno_t err = ninep_open(dir, VFS_READ);
    if (err != WASI_ERRNO_SUCCESS) {
        return err;
    }
    for (;;) {
        p9_cursor_t entries;
        p9_dirent_t entry;
        p9_error_t e = p9_readdir(session_of(d), d->read_fid, cookie, &entries);
        if (e != 0) {
            return p9_wasi_errno(e);
        }
        bool any = false;
        while (p9_get_dirent(&entries, &entry)) {
            any = true;
            if (entry.next == 0) {
                return WASI_ERRNO_PROTO; /* it would start again for ever */
            }
            cookie = entry.next;
            vfs_dirent_t out = {entry.name, entry.name_len, entry.qid.path, entry.next,
                                type_of(entry.type)};
            if (!emit(ctx, &out)) {
                return WASI_ERRNO_SUCCESS;
            }
        }
        if (!any) {
            return WASI_ERRNO_SUCCESS;
        }
    }
}

static const vnode_ops_t ninep_ops = {
    .release = ninep_release,
    .open = ninep_open,
    .getattr = ninep_getattr,
    .set_times = ninep_set_times,
    .read = ninep_read,
    .write = ninep_write,
    .truncate = ninep_truncate,
    .sync = ninep_sync,
    .readlink = ninep_readlink,
    .lookup = ninep_lookup,
    .create = ninep_create,
    .mkdir = ninep_mkdir,
    .symlink = ninep_symlink,
    .link = ninep_link,
    .unlink = ninep_unlink,
    .rmdir = ninep_rmdir,
    .rename = ninep_rename,
    .readdir = ninep_readdir,
};

wasi_errno_t ninep_mount(const char *tag, vnode_t **root) {
    p9_transport_t *transport;
    status_t s = virtio_9p_open(tag, &transport);
    if (s != STATUS_OK) {
        return s == ERR_NOT_FOUND   ? WASI_ERRNO_NODEV
               : s == ERR_NO_MEMORY ? WASI_ERRNO_NOMEM
                                    : WASI_ERRNO_IO;
    }
    mount_t *m = heap_zalloc(sizeof *m);
    if (m == NULL) {
        return WASI_ERRNO_NOMEM;
    }
    p9_qid_t qid;
    p9_error_t e = p9_attach(&m->session, transport, "", &qid);
    if (e == 0 && (qid.type & P9_QID_DIR) == 0) {
        e = P9_EPROTO;
    }
    if (e != 0) {
        heap_free(m);
        return p9_wasi_errno(e);
    }
    m->dev = vfs_new_dev();
    node_t *n;
    wasi_errno_t err = node_new(m, m->session.root, &qid, WASI_FILETYPE_DIRECTORY, &n);
    if (err != WASI_ERRNO_SUCCESS) {
        heap_free(m);
        return err;
    }
    LOG(LOG_INFO, fs, "9p: share `%s`, messages of %u bytes", tag, (unsigned)m->session.msize);
    *root = &n->v; /* the mount itself stays for good: its device can be started only once */
    return WASI_ERRNO_SUCCESS;
}
