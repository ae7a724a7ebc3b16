/* SPDX-License-Identifier: MIT */
/* Walking whole ramfs trees, for the fuzzers. */
#ifndef INGOT_TESTS_HOST_WASI_TREE_H
#define INGOT_TESTS_HOST_WASI_TREE_H

#include "kernel/fs/vfs.h"

/* Lists, stats, reads and writes everything below. */
void tree_read_all(vnode_t *dir);
/* Takes every name below away. */
void tree_remove_all(vnode_t *dir);
/* Frees the root of an empty tree, which the kernel never does. */
void tree_unmount(vnode_t *root);

#endif
