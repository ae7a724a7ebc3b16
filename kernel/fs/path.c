/* SPDX-License-Identifier: MIT */
#include "kernel/fs/path.h"

#include <string.h>

#include "kernel/fs/utf8.h"
#include "mm/heap.h"

#define DEPTH_INLINE 16u

/*
 * The directories from the root down to where the walk is. ".." goes back by this, not by what a
 * file system says is above, so nothing above the root can be reached.
 */
typedef struct trail {
    vnode_t *few[DEPTH_INLINE];
    vnode_t **dirs;
    size_t depth, capacity;
} trail_t;

typedef struct walk {
    trail_t trail;
    const char *rest; /* what is still to be walked */
    size_t rest_len;
    char *spliced; /* the heap block that `rest` points into after a symlink, or NULL */
    unsigned symlinks;
} walk_t;

static vnode_t *here(const walk_t *w) {
    return w->trail.dirs[w->trail.depth - 1];
}

/* Takes over the reference to `dir`, also on failure. */
static wasi_errno_t enter(trail_t *t, vnode_t *dir) {
    if (t->depth == t->capacity) {
        size_t bytes = t->capacity * 2 * sizeof(vnode_t *);
        vnode_t **more = heap_realloc(t->dirs == t->few ? NULL : t->dirs, bytes);
        if (more == NULL) {
            vnode_unref(dir);
            return WASI_ERRNO_NOMEM;
        }
        if (t->dirs == t->few) {
            memcpy(more, t->few, sizeof t->few);
        }
        t->dirs = more;
        t->capacity *= 2;
    }
    t->dirs[t->depth++] = dir;
    return WASI_ERRNO_SUCCESS;
}

static void finish(walk_t *w) {
    while (w->trail.depth > 0) {
        vnode_unref(w->trail.dirs[--w->trail.depth]);
    }
    if (w->trail.dirs != w->trail.few) {
        heap_free(w->trail.dirs);
    }
    heap_free(w->spliced);
}

/* Puts the target of `link` in front of what is left. */
static wasi_errno_t splice(walk_t *w, vnode_t *link) {
    if (++w->symlinks > PATH_SYMLINKS_MAX) {
        return WASI_ERRNO_LOOP;
    }
    if (link->ops->readlink == NULL) {
        return WASI_ERRNO_NOTSUP;
    }
    char *text = heap_alloc(VFS_PATH_MAX);
    if (text == NULL) {
        return WASI_ERRNO_NOMEM;
    }
    size_t len = 0;
    wasi_errno_t e = link->ops->readlink(link, text, VFS_PATH_MAX, &len);
    if (e == WASI_ERRNO_SUCCESS && len + w->rest_len >= VFS_PATH_MAX) {
        e = WASI_ERRNO_NAMETOOLONG;
    }
    if (e == WASI_ERRNO_SUCCESS) {
        e = path_check(text, len);
    }
    if (e == WASI_ERRNO_SUCCESS && text[0] == '/') {
        e = WASI_ERRNO_PERM;
    }
    if (e != WASI_ERRNO_SUCCESS) {
        heap_free(text);
        return e;
    }
    memcpy(text + len, w->rest, w->rest_len); /* empty, or starts with a slash */
    heap_free(w->spliced);
    w->spliced = text;
    w->rest = text;
    w->rest_len += len;
    return WASI_ERRNO_SUCCESS;
}

wasi_errno_t path_check(const char *path, size_t len) {
    if (len == 0) {
        return WASI_ERRNO_NOENT;
    }
    if (len >= VFS_PATH_MAX) {
        return WASI_ERRNO_NAMETOOLONG;
    }
    if (memchr(path, '\0', len) != NULL) {
        return WASI_ERRNO_INVAL;
    }
    return utf8_valid(path, len) ? WASI_ERRNO_SUCCESS : WASI_ERRNO_ILSEQ;
}

/* Cuts the next component off; *n is 0 at the end. */
static const char *next_component(walk_t *w, size_t *n) {
    while (w->rest_len > 0 && *w->rest == '/') {
        w->rest++, w->rest_len--;
    }
    const char *name = w->rest, *slash = memchr(name, '/', w->rest_len);
    *n = slash != NULL ? (size_t)(slash - name) : w->rest_len;
    w->rest += *n;
    w->rest_len -= *n;
    return name;
}

static bool only_slashes(const walk_t *w) {
    for (size_t i = 0; i < w->rest_len; i++) {
        if (w->rest[i] != '/') {
            return false;
        }
    }
    return true;
}

/* Fills in the answer; takes over the reference to `node`. */
static void arrive(walk_t *w, const char *name, size_t n, vnode_t *node, path_target_t *out) {
    out->dir = vnode_ref(here(w));
    out->node = node;
    memcpy(out->name, name, n);
    out->name[n] = '\0';
    out->name_len = n;
    out->trailing_slash = w->rest_len > 0;
}

/* Whether a symlink in the last place is followed. */
static bool follows_last(const walk_t *w, path_last_t mode) {
    return mode == PATH_FOLLOW || (mode == PATH_NOFOLLOW && w->rest_len > 0);
}

/* One component; *done when it was the last. */
static wasi_errno_t step(walk_t *w, path_last_t mode, path_target_t *out, bool *done) {
    size_t n;
    const char *name = next_component(w, &n);
    bool last = only_slashes(w);

    if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.')) {
        if (n == 2) {
            if (w->trail.depth == 1) {
                return WASI_ERRNO_PERM;
            }
            vnode_unref(w->trail.dirs[--w->trail.depth]);
        }
        if (last) {
            arrive(w, "", 0, vnode_ref(here(w)), out);
            *done = true;
        }
        return WASI_ERRNO_SUCCESS;
    }
    if (n > VFS_NAME_MAX) {
        return WASI_ERRNO_NAMETOOLONG;
    }

    vnode_t *node = NULL;
    wasi_errno_t e = here(w)->ops->lookup(here(w), name, n, &node);
    if (e == WASI_ERRNO_NOENT && last) {
        arrive(w, name, n, NULL, out);
        *done = true;
        return WASI_ERRNO_SUCCESS;
    }
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (node->type == WASI_FILETYPE_SYMBOLIC_LINK && (!last || follows_last(w, mode))) {
        e = splice(w, node);
        vnode_unref(node);
        return e;
    }
    bool slash_is_fine = last && mode == PATH_ENTRY;
    if (node->type != WASI_FILETYPE_DIRECTORY && w->rest_len > 0 && !slash_is_fine) {
        vnode_unref(node);
        return WASI_ERRNO_NOTDIR;
    }
    if (last) {
        arrive(w, name, n, node, out);
        *done = true;
        return WASI_ERRNO_SUCCESS;
    }
    return enter(&w->trail, node);
}

wasi_errno_t path_resolve(vnode_t *root, const char *path, size_t len, path_last_t last,
                          path_target_t *out) {
    wasi_errno_t e = path_check(path, len);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (path[0] == '/') {
        return WASI_ERRNO_PERM;
    }
    walk_t w = {.rest = path, .rest_len = len};
    w.trail.dirs = w.trail.few;
    w.trail.capacity = DEPTH_INLINE;
    enter(&w.trail, vnode_ref(root));

    bool done = false;
    while (e == WASI_ERRNO_SUCCESS && !done) {
        e = step(&w, last, out, &done);
    }
    finish(&w);
    return e;
}

void path_release(path_target_t *t) {
    vnode_unref(t->node);
    vnode_unref(t->dir);
}
