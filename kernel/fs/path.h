/* SPDX-License-Identifier: MIT */
/*
 * Path resolution, in one place. It starts at a directory (a preopen, or a directory opened below
 * one) and never gets above it: not by "..", not by an absolute path, not through a symlink.
 *
 * Errors: NOENT (empty path, or a component is missing), INVAL (NUL), ILSEQ (not UTF-8),
 * NAMETOOLONG, PERM (leaves the root), NOTDIR (a component in the middle, or before a trailing
 * slash but for PATH_ENTRY, is no directory), LOOP (more than PATH_SYMLINKS_MAX symlinks), NOMEM,
 * and what the file system answers.
 */
#ifndef INGOT_KERNEL_FS_PATH_H
#define INGOT_KERNEL_FS_PATH_H

#include <stdbool.h>

#include "kernel/fs/vfs.h"

#define PATH_SYMLINKS_MAX 40u

/* Where a path leads. Both vnodes are references of the caller: path_release drops them. */
typedef struct path_target {
    vnode_t *dir;  /* holds the last component */
    vnode_t *node; /* what stands there, or NULL: nothing */
    char name[VFS_NAME_MAX + 1];
    size_t name_len;     /* 0: the path ended in "." or "..", and node == dir */
    bool trailing_slash; /* the last component was written as a directory */
} path_target_t;

/* What becomes of a symlink in the last place; in all others it is followed. */
typedef enum path_last {
    PATH_FOLLOW,   /* followed; one that dangles tells where it points */
    PATH_NOFOLLOW, /* followed before a trailing slash only */
    PATH_ENTRY, /* never followed, and neither is a slash after anything but a directory an error:
                   for calls that make, remove or move the entry itself */
} path_last_t;

wasi_errno_t path_resolve(vnode_t *root, const char *path, size_t len, path_last_t last,
                          path_target_t *out);

void path_release(path_target_t *t);

/* What path_resolve asks of the text of a path, and path_symlink of a target. */
wasi_errno_t path_check(const char *path, size_t len);

#endif
