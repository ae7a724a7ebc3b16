/* SPDX-License-Identifier: MIT */
/* Writing a filestat into guest memory in the layout of either preview. */
#ifndef INGOT_KERNEL_WASI_FILESTAT_H
#define INGOT_KERNEL_WASI_FILESTAT_H

#include "kernel/wasi/abi.h"
#include "kernel/wasm/guest.h"

static inline wasi_errno_t filestat_store(const wasm_caller_t *c, uint32_t at,
                                          const wasi_filestat_t *s) {
    void *out;
    if (!guest_span(c, at, sizeof *s, &out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(out, s, sizeof *s);
    return WASI_ERRNO_SUCCESS;
}

static inline wasi_errno_t filestat_store_unstable(const wasm_caller_t *c, uint32_t at,
                                                   const wasi_filestat_t *s) {
    wasi_unstable_filestat_t old = {
        .dev = s->dev,
        .ino = s->ino,
        .filetype = s->filetype,
        .nlink = s->nlink > UINT32_MAX ? UINT32_MAX : (uint32_t)s->nlink,
        .size = s->size,
        .atim = s->atim,
        .mtim = s->mtim,
        .ctim = s->ctim,
    };
    void *out;
    if (!guest_span(c, at, sizeof old, &out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(out, &old, sizeof old);
    return WASI_ERRNO_SUCCESS;
}

#endif
