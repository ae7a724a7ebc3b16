/* SPDX-License-Identifier: MIT */
/*
 * Path resolution: whatever the path and the symlinks, it never leaves the directory it starts in,
 * and gives back every reference and block. The input's lines are symlink targets, one for each of
 * the names l0, l1, ... in "pre" and in "pre/dir" by turns; the last line is the path.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/fs/path.h"
#include "kernel/fs/ramfs.h"
#include "tests/host/wasi/machine.h"
#include "tests/host/wasi/tree.h"

static void check(bool ok) {
    if (!ok) {
        abort();
    }
}

static vnode_t *make(vnode_t *dir, const char *name, bool directory) {
    vnode_t *n = NULL;
    size_t len = strlen(name);
    if (directory) {
        check(dir->ops->mkdir(dir, name, len) == 0 && dir->ops->lookup(dir, name, len, &n) == 0);
    } else {
        check(dir->ops->create(dir, name, len, &n) == 0);
    }
    return n;
}

/* Is `n` in the tree below `top`? */
static bool inside(vnode_t *n, vnode_t *top) {
    ramfs_node_t *dir = (ramfs_node_t *)n;
    while (&dir->base != top && dir->dir.parent != dir) {
        dir = dir->dir.parent;
    }
    return &dir->base == top;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    vnode_t *above;
    machine_reset();
    check(ramfs_mount(&above) == 0);
    vnode_t *secret = make(above, "secret", false), *pre = make(above, "pre", true);
    vnode_t *dir = make(pre, "dir", true), *file = make(dir, "f", false);

    const char *line = (const char *)data, *end = line + size, *newline;
    char name[3] = "l0";
    for (; (newline = memchr(line, '\n', (size_t)(end - line))) != NULL && name[1] <= '9';
         line = newline + 1, name[1]++) {
        vnode_t *in = name[1] % 2 ? pre : dir;
        if (newline > line) {
            in->ops->symlink(in, name, 2, line, (size_t)(newline - line));
        }
    }
    uint64_t before = machine.live_blocks;
    for (path_last_t last = PATH_FOLLOW; last <= PATH_ENTRY; last++) {
        path_target_t t;
        if (path_resolve(pre, line, (size_t)(end - line), last, &t) == WASI_ERRNO_SUCCESS) {
            check(inside(t.dir, pre));
            check(t.node != secret && t.node != above);
            check(t.node == NULL || t.name_len > 0 || t.node == t.dir);
            check(t.node != NULL || t.name_len > 0);
            check(memchr(t.name, '/', t.name_len) == NULL);
            path_release(&t);
        }
        check(machine.live_blocks == before);
        check(pre->refs == 1 && dir->refs == 1 && file->refs == 1 && above->refs == 1);
    }
    vnode_t *const all[] = {secret, pre, dir, file};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        vnode_unref(all[i]);
    }
    tree_remove_all(above);
    tree_unmount(above);
    check(machine.live_blocks == 0);
    return 0;
}
