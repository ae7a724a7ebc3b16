/* SPDX-License-Identifier: MIT */
/* Any bytes as a baked tree: refused, or a tree that can be walked, read, written and emptied. */
#include <stdlib.h>
#include <string.h>

#include "kernel/fs/baked.h"
#include "tests/host/wasi/machine.h"
#include "tests/host/wasi/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    baked_tree_t tree;
    const char *why = NULL;
    machine_reset();
    /* In a block of its own, so that reading past the end shows. */
    uint8_t *blob = malloc(size > 0 ? size : 1);
    memcpy(blob, data, size);
    if (baked_open(blob, size, &tree, &why) == STATUS_OK) {
        for (uint32_t i = 0; i < tree.n_roots; i++) {
            vnode_t *root;
            if (baked_mount(&tree, i, &root) != WASI_ERRNO_SUCCESS) {
                abort();
            }
            tree_read_all(root);
            tree_remove_all(root);
            tree_unmount(root);
        }
    } else if (why == NULL) {
        abort();
    }
    free(blob);
    if (machine.live_blocks != 0) {
        abort();
    }
    return 0;
}
