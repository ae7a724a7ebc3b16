/* SPDX-License-Identifier: MIT */
/*
 * The file system in RAM, as other file systems build on it: a directory may have an `expand` hook
 * that fills it when it is first looked into, and a file may start over bytes that lie elsewhere.
 * So a tree of any size costs nothing until it is used, and writing to it never touches its source.
 *
 * A node lives as long as a name or a reference leads to it. Reading does not change atime.
 */
#ifndef INGOT_KERNEL_FS_RAMFS_H
#define INGOT_KERNEL_FS_RAMFS_H

#include "kernel/fs/ramdata.h"
#include "kernel/fs/ramdir.h"
#include "kernel/fs/vfs.h"

typedef struct ramfs_node ramfs_node_t;

/* What all nodes of one mounted tree share. */
typedef struct ramfs {
    uint64_t dev;
    uint64_t last_ino;
    /* Fills a directory through ramfs_add_*; called once, unless it fails. May be NULL. */
    wasi_errno_t (*expand)(ramfs_node_t *dir);
    const void *source; /* for expand */
} ramfs_t;

struct ramfs_node {
    vnode_t base;
    ramfs_t *fs;
    uint32_t links; /* names that lead here; a directory's own "." is not counted */
    bool expanded;
    uint32_t source_index; /* for expand */
    wasi_timestamp_t atime, mtime, ctime;
    union {
        ramdata_t data; /* files */
        struct {        /* directories */
            ramdir_t entries;
            ramfs_node_t *parent; /* itself for the root; NULL once removed */
            uint32_t subdirs;
        } dir;
        struct { /* symlinks */
            const char *text;
            uint32_t len;
            bool owned;
        } target;
    };
};

/* A new tree with an empty root, whose times are `time`. NOMEM. */
wasi_errno_t ramfs_new(wasi_errno_t (*expand)(ramfs_node_t *), const void *source,
                       wasi_timestamp_t time, ramfs_node_t **root);

/* Adds a node of this type to a directory, without regard to what its file system would say:
 * for expand. NOMEM. */
wasi_errno_t ramfs_add(ramfs_node_t *dir, const char *name, size_t len, wasi_filetype_t type,
                       ramfs_node_t **out);

/* Takes every entry out again: for an expand that fails half way. */
void ramfs_clear(ramfs_node_t *dir);

#endif
