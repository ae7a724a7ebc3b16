/* SPDX-License-Identifier: MIT */
/*
 * The small VFS: what a file system is to the kernel.
 *
 * A file system is a set of vnodes, each with a const table of operations. There is one user, WASI,
 * so errors are WASI's errno numbers (kernel/wasi/abi.h); out-params are untouched on failure.
 *
 * Ownership: a vnode has a reference count. Every function that answers a vnode in an out-param
 * gives the caller one reference, to be dropped with vnode_unref; `release` is called for the last
 * one. A file system may answer the same vnode twice (ramfs) or a new one each time (9p).
 *
 * Names given to operations are one path component: 1..VFS_NAME_MAX bytes of valid UTF-8, with no
 * '/' and no NUL, and neither "." nor "..": kernel/fs/path.c sees to that, and to everything else
 * about paths, symlinks included. Directory operations are called on directories only, readlink on
 * symlinks only, read/write/truncate on regular files only. An operation that a file system does
 * not have is NULL and answers NOTSUP (ROFS would be for the file system itself to say).
 * Operations are not re-entered; nothing here is called from interrupts.
 */
#ifndef INGOT_KERNEL_FS_VFS_H
#define INGOT_KERNEL_FS_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wasi/abi.h"

#define VFS_NAME_MAX 255u
#define VFS_PATH_MAX 4096u /* a path, and a symlink's target, has fewer bytes than this */

typedef struct vnode vnode_t;
typedef struct vnode_ops vnode_ops_t;

struct vnode {
    const vnode_ops_t *ops;
    uint32_t refs;
    wasi_filetype_t type; /* DIRECTORY, REGULAR_FILE, SYMBOLIC_LINK or what the host has */
    uint64_t dev;         /* the same for all nodes of one mounted file system, see vfs_new_dev */
    uint64_t ino;
};

typedef struct vfs_attr {
    uint64_t nlink;
    uint64_t size;                        /* of a symlink: the target's length */
    wasi_timestamp_t atime, mtime, ctime; /* ns since 1970 */
} vfs_attr_t;

/* One directory entry. `next` is the cookie that continues after this entry: any value but 0. */
typedef struct vfs_dirent {
    const char *name; /* not terminated; valid during emit only */
    size_t name_len;
    uint64_t ino;
    uint64_t next;
    wasi_filetype_t type;
} vfs_dirent_t;

/* Answers false to stop. */
typedef bool (*vfs_emit_t)(void *ctx, const vfs_dirent_t *entry);

enum { VFS_READ = 1, VFS_WRITE = 2 };  /* access for open */
enum { VFS_ATIME = 1, VFS_MTIME = 2 }; /* which times set_times sets */

struct vnode_ops {
    /* The last reference is gone: frees the vnode. Never NULL. */
    void (*release)(vnode_t *n);

    /* Before the first read, write, truncate or readdir through a descriptor with that access; may
     * be called several times. The place to open a host file. NULL: nothing to do. */
    wasi_errno_t (*open)(vnode_t *n, unsigned access);

    wasi_errno_t (*getattr)(vnode_t *n, vfs_attr_t *out);
    wasi_errno_t (*set_times)(vnode_t *n, unsigned which, wasi_timestamp_t atime,
                              wasi_timestamp_t mtime);

    /* Files. *got and *done may be less than `len`; a read of 0 bytes is the end. A write past the
     * end fills the gap with zeros. */
    wasi_errno_t (*read)(vnode_t *n, uint64_t offset, void *buf, size_t len, size_t *got);
    wasi_errno_t (*write)(vnode_t *n, uint64_t offset, const void *buf, size_t len, size_t *done);
    wasi_errno_t (*truncate)(vnode_t *n, uint64_t size);
    wasi_errno_t (*sync)(vnode_t *n, bool data_only);

    /* Symlinks: up to `cap` bytes of the target; *got is what was copied. */
    wasi_errno_t (*readlink)(vnode_t *n, char *buf, size_t cap, size_t *got);

    /* Directories. */
    wasi_errno_t (*lookup)(vnode_t *dir, const char *name, size_t len, vnode_t **out);
    /* A new empty file or directory; EXIST when the name is taken, by anything. */
    wasi_errno_t (*create)(vnode_t *dir, const char *name, size_t len, vnode_t **out);
    wasi_errno_t (*mkdir)(vnode_t *dir, const char *name, size_t len);
    wasi_errno_t (*symlink)(vnode_t *dir, const char *name, size_t len, const char *target,
                            size_t target_len);
    /* `node` is of the same device (else the caller answers XDEV) and no directory. */
    wasi_errno_t (*link)(vnode_t *dir, const char *name, size_t len, vnode_t *node);
    /* Anything but a directory (ISDIR); an empty directory (NOTDIR, NOTEMPTY). Open files live on
     * until their last reference goes. */
    wasi_errno_t (*unlink)(vnode_t *dir, const char *name, size_t len);
    wasi_errno_t (*rmdir)(vnode_t *dir, const char *name, size_t len);
    /* POSIX rename: replaces a file, or an empty directory by a directory. ISDIR, NOTDIR, NOTEMPTY;
     * INVAL into its own subtree. Both directories are of the same device. */
    wasi_errno_t (*rename)(vnode_t *dir, const char *name, size_t len, vnode_t *new_dir,
                           const char *new_name, size_t new_len);
    /* Entries after `cookie` (0: from the start), "." and ".." included, until emit answers false
     * or there are no more. A cookie stays good while entries come and go; an unknown one is
     * INVAL or continues where it would have been. */
    wasi_errno_t (*readdir)(vnode_t *dir, uint64_t cookie, vfs_emit_t emit, void *ctx);
};

static inline vnode_t *vnode_ref(vnode_t *n) {
    n->refs++;
    return n;
}

/* NULL is fine. */
static inline void vnode_unref(vnode_t *n) {
    if (n != NULL && --n->refs == 0) {
        n->ops->release(n);
    }
}

/* A device number for a newly mounted file system, never 0. */
uint64_t vfs_new_dev(void);

/* Realtime, or the time since boot where the machine does not know the date. */
wasi_timestamp_t vfs_now(void);

/*
 * The file systems. Each answers the root of a newly mounted tree.
 */

/* An empty tree in RAM. NOMEM. */
wasi_errno_t ramfs_mount(vnode_t **root);

/* The virtio-9p device with this mount tag: NODEV when there is none, IO, PROTO. */
wasi_errno_t ninep_mount(const char *tag, vnode_t **root);

#endif
