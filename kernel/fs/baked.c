/* SPDX-License-Identifier: MIT */
#include "kernel/fs/baked.h"

#include <string.h>

#include "kernel/core/log.h"
#include "kernel/fs/ramfs.h"
#include "kernel/fs/utf8.h"

__attribute__((weak)) const baked_image_t ingot_baked_image;

static bool in_blob(const baked_tree_t *t, uint64_t size, uint64_t at, uint64_t len,
                    const char **text) {
    if (at > size || len > size - at) {
        return false;
    }
    *text = (const char *)t->blob + at;
    return true;
}

static bool is_component(const char *name, size_t len) {
    return len >= 1 && len <= VFS_NAME_MAX && !(len == 1 && name[0] == '.') &&
           !(len == 2 && name[0] == '.' && name[1] == '.') && memchr(name, '/', len) == NULL &&
           memchr(name, '\0', len) == NULL && utf8_valid(name, len);
}

static bool is_path(const char *text, uint64_t len) {
    return len >= 1 && len < VFS_PATH_MAX && memchr(text, '\0', len) == NULL &&
           utf8_valid(text, len);
}

static int compare_names(const char *a, size_t a_len, const char *b, size_t b_len) {
    int c = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return c != 0 ? c : a_len < b_len ? -1 : a_len > b_len;
}

/* One directory's children: they start where the last one's ended, and are in order. */
static const char *check_children(const baked_tree_t *t, const baked_node_t *dir, uint64_t next) {
    if (dir->size != 0) {
        return "a directory with a size";
    }
    if (dir->n_children == 0) {
        return NULL;
    }
    if (dir->at != next || dir->n_children > t->n_nodes - next) {
        return "a directory whose children are not where they should be";
    }
    const baked_node_t *child = t->nodes + next;
    for (uint32_t i = 1; i < dir->n_children; i++, child++) {
        if (compare_names((const char *)t->blob + child[0].name_at, child[0].name_len,
                          (const char *)t->blob + child[1].name_at, child[1].name_len) >= 0) {
            return "entries that are not sorted by name, or come twice";
        }
    }
    return NULL;
}

static const char *check_node(const baked_tree_t *t, uint64_t size, uint32_t i) {
    const baked_node_t *n = &t->nodes[i];
    const char *text;
    bool root = i < t->n_roots;
    if (root && (n->type != WASI_FILETYPE_DIRECTORY || n->name_len != 0)) {
        return "a root that is no nameless directory";
    }
    if (!root &&
        (!in_blob(t, size, n->name_at, n->name_len, &text) || !is_component(text, n->name_len))) {
        return "a name that is no valid path component";
    }
    switch (n->type) {
    case WASI_FILETYPE_DIRECTORY:
        return NULL;
    case WASI_FILETYPE_REGULAR_FILE:
    case WASI_FILETYPE_SYMBOLIC_LINK:
        if (n->n_children != 0) {
            return "a file with children";
        }
        if (!in_blob(t, size, n->at, n->size, &text)) {
            return "contents that lie outside";
        }
        if (n->type == WASI_FILETYPE_SYMBOLIC_LINK && !is_path(text, n->size)) {
            return "a symlink with an impossible target";
        }
        return NULL;
    default:
        return "a node of unknown type";
    }
}

static const char *check(const baked_tree_t *t, uint64_t size) {
    const char *text, *why = NULL;
    for (uint32_t i = 0; i < t->n_roots; i++) {
        if (!in_blob(t, size, t->roots[i].name_at, t->roots[i].name_len, &text) ||
            !is_path(text, t->roots[i].name_len)) {
            return "a root without a valid guest path";
        }
    }
    for (uint32_t i = 0; i < t->n_nodes && why == NULL; i++) {
        why = check_node(t, size, i);
    }
    uint64_t next = t->n_roots;
    for (uint32_t i = 0; i < t->n_nodes && why == NULL; i++) {
        if (t->nodes[i].type == WASI_FILETYPE_DIRECTORY) {
            why = check_children(t, &t->nodes[i], next);
            next += t->nodes[i].n_children;
        }
    }
    return why != NULL ? why : next != t->n_nodes ? "a node in no directory" : NULL;
}

status_t baked_open(const uint8_t *blob, uint64_t size, baked_tree_t *out, const char **why) {
    baked_header_t h;
    if (size < sizeof h || (uintptr_t)blob % _Alignof(baked_node_t) != 0) {
        *why = "too short, or not aligned";
        return ERR_CORRUPT;
    }
    memcpy(&h, blob, sizeof h);
    if (memcmp(h.magic, BAKED_MAGIC, sizeof h.magic) != 0 || h.size != size) {
        *why = "not a tree of this version, or cut short";
        return ERR_CORRUPT;
    }
    uint64_t roots_len = (uint64_t)h.n_roots * sizeof(baked_root_t);
    uint64_t nodes_len = (uint64_t)h.n_nodes * sizeof(baked_node_t);
    if (h.n_roots > h.n_nodes || roots_len > size - sizeof h ||
        nodes_len > size - sizeof h - roots_len) {
        *why = "tables longer than the whole";
        return ERR_CORRUPT;
    }
    baked_tree_t t = {
        .blob = blob,
        .roots = (const baked_root_t *)(blob + sizeof h),
        .nodes = (const baked_node_t *)(blob + sizeof h + roots_len),
        .mtime_ns = h.mtime_ns,
        .n_roots = h.n_roots,
        .n_nodes = h.n_nodes,
    };
    const char *wrong = check(&t, size);
    if (wrong != NULL) {
        *why = wrong;
        return ERR_CORRUPT;
    }
    LOG(LOG_INFO, fs, "%u directories in the image, %u entries in %lu bytes", (unsigned)t.n_roots,
        (unsigned)t.n_nodes, size);
    *out = t;
    return STATUS_OK;
}

void baked_root_name(const baked_tree_t *t, uint32_t root, const char **name, size_t *len) {
    *name = (const char *)t->blob + t->roots[root].name_at;
    *len = t->roots[root].name_len;
}

/* Fills a directory of the mounted tree from the blob. */
static wasi_errno_t expand(ramfs_node_t *dir) {
    const baked_tree_t *t = dir->fs->source;
    const baked_node_t *from = &t->nodes[dir->source_index];
    for (uint32_t i = 0; i < from->n_children; i++) {
        const baked_node_t *child = &t->nodes[from->at + i];
        ramfs_node_t *n;
        wasi_errno_t e = ramfs_add(dir, (const char *)t->blob + child->name_at, child->name_len,
                                   (wasi_filetype_t)child->type, &n);
        if (e != WASI_ERRNO_SUCCESS) {
            ramfs_clear(dir);
            return e;
        }
        n->atime = n->mtime = n->ctime = t->mtime_ns;
        if (child->type == WASI_FILETYPE_DIRECTORY) {
            n->source_index = (uint32_t)(from->at + i);
        } else if (child->type == WASI_FILETYPE_SYMBOLIC_LINK) {
            n->target.text = (const char *)t->blob + child->at;
            n->target.len = (uint32_t)child->size;
        } else {
            ramdata_init_base(&n->data, t->blob + child->at, child->size);
        }
    }
    return WASI_ERRNO_SUCCESS;
}

wasi_errno_t baked_mount(const baked_tree_t *t, uint32_t root, vnode_t **out) {
    ramfs_node_t *n;
    wasi_errno_t e = ramfs_new(expand, t, t->mtime_ns, &n);
    if (e == WASI_ERRNO_SUCCESS) {
        n->source_index = root;
        *out = &n->base;
    }
    return e;
}
