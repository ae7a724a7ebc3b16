/* SPDX-License-Identifier: MIT */
/* The calls about descriptors as such: close, renumber, and what the preopened ones are called. */
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

uint32_t wasi_fd_close(wasm_caller_t *c, uint32_t fd) {
    (void)c;
    file_t *f;
    wasi_errno_t e = fd_remove(fd, &f);
    if (e == WASI_ERRNO_SUCCESS) {
        file_close(f);
    }
    return e;
}

uint32_t wasi_fd_renumber(wasm_caller_t *c, uint32_t from, uint32_t to) {
    (void)c;
    return fd_move(from, to);
}

/* libc asks for 3, 4, ... until the answer is BADF. */
static wasi_errno_t lookup_preopen(uint32_t fd, file_t **f) {
    wasi_errno_t e = fd_lookup(fd, 0, f);
    if (e == WASI_ERRNO_SUCCESS && (*f)->preopen == NULL) {
        e = WASI_ERRNO_BADF;
    }
    return e;
}

uint32_t wasi_fd_prestat_get(wasm_caller_t *c, uint32_t fd, uint32_t prestat) {
    file_t *f;
    void *out;
    wasi_errno_t e = lookup_preopen(fd, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    wasi_prestat_t p = {.tag = WASI_PREOPENTYPE_DIR, .dir_name_len = f->preopen_len};
    if (!guest_span(c, prestat, sizeof p, &out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(out, &p, sizeof p);
    return WASI_ERRNO_SUCCESS;
}

uint32_t wasi_fd_prestat_dir_name(wasm_caller_t *c, uint32_t fd, uint32_t path, uint32_t len) {
    file_t *f;
    void *out;
    wasi_errno_t e = lookup_preopen(fd, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (len < f->preopen_len) {
        return WASI_ERRNO_NAMETOOLONG;
    }
    if (!guest_span(c, path, f->preopen_len, &out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(out, f->preopen, f->preopen_len);
    return WASI_ERRNO_SUCCESS;
}
