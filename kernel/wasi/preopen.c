/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/preopen.h"

#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/log.h"
#include "kernel/fs/baked.h"
#include "kernel/fs/utf8.h"
#include "kernel/wasi/vnode_file.h"

#define SERVICE_ORDER 20u
#define FIRST_PREOPEN 3u

/* The descriptor of the preopen with this name; the number of preopens when there is none. */
static wasi_fd_t find_preopen(const char *name, size_t len) {
    wasi_fd_t fd = FIRST_PREOPEN;
    file_t *f;
    while (fd_lookup(fd, 0, &f) == WASI_ERRNO_SUCCESS &&
           (f->preopen_len != len || memcmp(f->preopen, name, len) != 0)) {
        fd++;
    }
    return fd;
}

wasi_errno_t preopen_add(const char *name, size_t len, vnode_t *root) {
    file_t *f, *old;
    wasi_fd_t same = find_preopen(name, len), fd;
    wasi_errno_t e = vnode_file_new(root, DIRECTORY_RIGHTS, INHERITING_RIGHTS, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    f->preopen = name;
    f->preopen_len = (uint32_t)len;
    e = fd_install(f, &fd);
    if (e != WASI_ERRNO_SUCCESS) {
        vnode_ref(root); /* stays the caller's */
        file_close(f);
        return e;
    }
    LOG(LOG_INFO, wasi, "fd %u is the directory `%.*s`", (unsigned)fd, (int)len, name);
    return fd_lookup(same, 0, &old) == WASI_ERRNO_SUCCESS && same != fd ? fd_move(fd, same) : e;
}

static status_t add_baked(void) {
    static baked_tree_t tree; /* the mounts read on in it */
    const char *why = NULL;
    if (ingot_baked_image.size == 0) {
        return STATUS_OK;
    }
    status_t s = baked_open(ingot_baked_image.data, ingot_baked_image.size, &tree, &why);
    if (s != STATUS_OK) {
        LOG(LOG_ERROR, wasi, "the files baked into the image are damaged: %s", why);
        return s;
    }
    for (uint32_t i = 0; i < tree.n_roots; i++) {
        const char *name;
        size_t len;
        vnode_t *root;
        baked_root_name(&tree, i, &name, &len);
        if (baked_mount(&tree, i, &root) != WASI_ERRNO_SUCCESS ||
            preopen_add(name, len, root) != WASI_ERRNO_SUCCESS) {
            return ERR_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

/* TAG:GUEST-PATH */
static status_t add_host_directory(const char *value) {
    char tag[64];
    vnode_t *root;
    const char *colon = strchr(value, ':'), *name = colon != NULL ? colon + 1 : "";
    size_t tag_len = colon != NULL ? (size_t)(colon - value) : 0, len = strlen(name);
    if (tag_len == 0 || tag_len >= sizeof tag || len == 0 || len >= VFS_PATH_MAX ||
        !utf8_valid(name, len)) {
        LOG(LOG_ERROR, wasi, "ingot.mount=%s: expected TAG:GUEST-PATH", value);
        return ERR_INVALID;
    }
    memcpy(tag, value, tag_len);
    tag[tag_len] = '\0';
    wasi_errno_t e = ninep_mount(tag, &root);
    if (e != WASI_ERRNO_SUCCESS) {
        LOG(LOG_ERROR, wasi, "ingot.mount=%s: %s (WASI errno %u)", value,
            e == WASI_ERRNO_NODEV ? "the machine has no virtio-9p device with this tag"
                                  : "the host directory cannot be attached",
            (unsigned)e);
        return e == WASI_ERRNO_NOMEM ? ERR_NO_MEMORY : ERR_NOT_FOUND;
    }
    return preopen_add(name, len, root) == WASI_ERRNO_SUCCESS ? STATUS_OK : ERR_NO_MEMORY;
}

static status_t start(void) {
    status_t s = add_baked();
    const char *value;
    for (unsigned i = 0; s == STATUS_OK && (value = bootargs_option_nth("mount", i)) != NULL; i++) {
        s = add_host_directory(value);
    }
    if (s == STATUS_OK && bootargs_option("tmp") != NULL) {
        vnode_t *root;
        static const char name[] = "/tmp";
        if (ramfs_mount(&root) != WASI_ERRNO_SUCCESS ||
            preopen_add(name, sizeof name - 1, root) != WASI_ERRNO_SUCCESS) {
            s = ERR_NO_MEMORY;
        }
    }
    return s;
}

SERVICE(preopen_service) = {
    .name = "preopened directories", .order = SERVICE_ORDER, .start = start};
