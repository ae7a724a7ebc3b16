/* SPDX-License-Identifier: MIT */
/*
 * The one table of descriptors, and what a descriptor is: an object with a const table of
 * operations, rights and flags. The standard streams are there from the start (0, 1, 2); preopened
 * directories are installed at boot when the image has file systems; sockets will be one more
 * file_ops.
 *
 * An operation that an object does not have is NULL; each call documents what that answers.
 * Operations are called with the rights already checked.
 */
#ifndef INGOT_KERNEL_WASI_FDTABLE_H
#define INGOT_KERNEL_WASI_FDTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wasi/abi.h"

typedef struct file file_t;
typedef struct file_ops file_ops_t;
struct vnode;

struct file {
    const file_ops_t *ops;
    wasi_rights_t rights, inheriting;
    wasi_fdflags_t flags;
    const char *preopen; /* the guest's name for a preopened directory, not terminated; or NULL */
    uint32_t preopen_len;
};

struct file_ops {
    /* Frees the object. NULL for static ones. */
    void (*close)(file_t *f);
    wasi_filetype_t (*filetype)(file_t *f);

    /* At the object's own position. `read` waits for the first byte unless NONBLOCK (AGAIN); 0 is
     * the end. Both may move less than `len`. */
    wasi_errno_t (*read)(file_t *f, void *buf, size_t len, size_t *got);
    wasi_errno_t (*write)(file_t *f, const void *buf, size_t len, size_t *done);
    /* At a given position. */
    wasi_errno_t (*pread)(file_t *f, uint64_t offset, void *buf, size_t len, size_t *got);
    wasi_errno_t (*pwrite)(file_t *f, uint64_t offset, const void *buf, size_t len, size_t *done);
    wasi_errno_t (*seek)(file_t *f, int64_t delta, unsigned whence, uint64_t *position);

    /* How many bytes a read would give at once (0: at the end); AGAIN when it would wait. NULL:
     * reading never waits. */
    wasi_errno_t (*readable)(file_t *f, uint64_t *n);

    wasi_errno_t (*stat)(file_t *f, wasi_filestat_t *out);
    wasi_errno_t (*set_size)(file_t *f, uint64_t size);
    /* `which`: VFS_ATIME, VFS_MTIME */
    wasi_errno_t (*set_times)(file_t *f, unsigned which, wasi_timestamp_t atime,
                              wasi_timestamp_t mtime);
    wasi_errno_t (*sync)(file_t *f, bool data_only);
    /* fd_readdir's buffer: entries after `cookie`, cut where the buffer ends. */
    wasi_errno_t (*readdir)(file_t *f, uint64_t cookie, uint8_t *buf, size_t len, size_t *used);
    /* The directory or file in the VFS behind this object. NULL: none. */
    struct vnode *(*vnode)(file_t *f);
};

#define FD_MAX 65536u

/* The file behind an open descriptor that has all of `needed`: BADF; without the right to read or
 * write BADF too, without another right NOTCAPABLE. The file stays the table's. */
wasi_errno_t fd_lookup(wasi_fd_t fd, wasi_rights_t needed, file_t **out);

/* Puts `f` at the lowest free number, and takes it over. MFILE, NOMEM. */
wasi_errno_t fd_install(file_t *f, wasi_fd_t *fd);

/* Takes the file out of the table, for the caller to close: BADF. */
wasi_errno_t fd_remove(wasi_fd_t fd, file_t **out);

/* Moves `from` over `to`, which is closed. BADF unless both are open. */
wasi_errno_t fd_move(wasi_fd_t from, wasi_fd_t to);

void file_close(file_t *f);

/* Descriptors 0, 1 and 2 (stdio.c). */
extern file_t *const stdio_files[3];

#endif
