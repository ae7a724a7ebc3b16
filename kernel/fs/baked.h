/* SPDX-License-Identifier: MIT */
/*
 * Directory trees baked into the image at build time by toolchain/bake/ingot-bake.
 *
 * The format, everything little-endian, offsets in bytes from the start of the blob:
 *
 *   baked_header_t
 *   baked_root_t[n_roots]   one for each --dir, in order
 *   baked_node_t[n_nodes]   breadth first: nodes 0..n_roots-1 are the roots, each a directory; the
 *                           children of each directory follow those of the directory before it
 *   names, symlink targets and file contents, in any order
 *
 * Children are sorted by the bytes of their names, without duplicates. Names are valid components
 * (see vfs.h). Nothing in it depends on when or where it was made, so equal trees give equal blobs.
 *
 * The blob is untrusted: baked_open checks all of it, once, before anything is mounted.
 *
 * A mounted tree is a ramfs whose directories are filled from the blob when they are first looked
 * into, and whose files show the blob's bytes until they are written.
 */
#ifndef INGOT_KERNEL_FS_BAKED_H
#define INGOT_KERNEL_FS_BAKED_H

#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"
#include "kernel/fs/vfs.h"

#define BAKED_MAGIC "INGOTBK1"

typedef struct baked_header {
    char magic[8];
    uint64_t size;     /* of the whole blob */
    uint64_t mtime_ns; /* of every node; 0 unless the build says otherwise */
    uint32_t n_roots, n_nodes;
} baked_header_t;
_Static_assert(sizeof(baked_header_t) == 32, "part of the format");

typedef struct baked_root {
    uint32_t name_at, name_len; /* the guest path, as --dir gives it: 1..VFS_PATH_MAX-1 bytes */
} baked_root_t;
_Static_assert(sizeof(baked_root_t) == 8, "part of the format");

typedef struct baked_node {
    uint32_t type;              /* wasi_filetype_t: DIRECTORY, REGULAR_FILE or SYMBOLIC_LINK */
    uint32_t name_at, name_len; /* roots: 0, 0 */
    uint32_t n_children;        /* directories, else 0 */
    uint64_t at;                /* directories: the first child's index; else where the bytes are */
    uint64_t size;              /* of those bytes; directories: 0 */
} baked_node_t;
_Static_assert(sizeof(baked_node_t) == 32, "part of the format");

/* A blob that has been checked. */
typedef struct baked_tree {
    const uint8_t *blob;
    const baked_root_t *roots;
    const baked_node_t *nodes;
    uint64_t mtime_ns;
    uint32_t n_roots, n_nodes;
} baked_tree_t;

/* The blob of this image; empty unless the build links one (kernel/fs/baked_image.S). */
typedef struct baked_image {
    const uint8_t *data; /* aligned to 8 bytes */
    uint64_t size;
} baked_image_t;
extern const baked_image_t ingot_baked_image;

/* ERR_CORRUPT, with *why saying in English what is wrong. */
status_t baked_open(const uint8_t *blob, uint64_t size, baked_tree_t *out, const char **why);

void baked_root_name(const baked_tree_t *t, uint32_t root, const char **name, size_t *len);

/* Mounts one root; `t` and the blob must outlive it. NOMEM. */
wasi_errno_t baked_mount(const baked_tree_t *t, uint32_t root, vnode_t **out);

#endif
