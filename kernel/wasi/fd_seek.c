/* SPDX-License-Identifier: MIT */
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

static uint32_t seek(wasm_caller_t *c, uint32_t fd, int64_t delta, unsigned whence,
                     uint32_t new_offset) {
    file_t *f;
    uint64_t position;
    void *out;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    /* What cannot seek says so, whatever its rights: stdio tells a pipe from a file by it. */
    if (f->ops->seek == NULL) {
        return f->ops->vnode != NULL ? WASI_ERRNO_BADF : WASI_ERRNO_SPIPE;
    }
    /* Asking where the position is needs no more than the right to tell, which is part of the right
     * to seek. */
    bool tells = delta == 0 && whence == WASI_WHENCE_CUR && (f->rights & WASI_RIGHTS_FD_TELL);
    e = fd_lookup(fd, tells ? WASI_RIGHTS_FD_TELL : WASI_RIGHTS_FD_SEEK, &f);
    if (e != WASI_ERRNO_SUCCESS) {
        return e;
    }
    if (whence > WASI_WHENCE_END) {
        return WASI_ERRNO_INVAL;
    }
    if (!guest_span(c, new_offset, sizeof position, &out)) {
        return WASI_ERRNO_FAULT;
    }
    e = f->ops->seek(f, delta, whence, &position);
    if (e == WASI_ERRNO_SUCCESS) {
        memcpy(out, &position, sizeof position);
    }
    return e;
}

uint32_t wasi_fd_seek(wasm_caller_t *c, uint32_t fd, uint64_t delta, uint32_t whence,
                      uint32_t new_offset) {
    return seek(c, fd, (int64_t)delta, whence, new_offset);
}

uint32_t wasi_unstable_fd_seek(wasm_caller_t *c, uint32_t fd, uint64_t delta, uint32_t whence,
                               uint32_t new_offset) {
    static const uint8_t of_preview0[] = {WASI_WHENCE_CUR, WASI_WHENCE_END, WASI_WHENCE_SET};
    unsigned mapped = whence < sizeof of_preview0 ? of_preview0[whence] : whence;
    return seek(c, fd, (int64_t)delta, mapped, new_offset);
}

uint32_t wasi_fd_tell(wasm_caller_t *c, uint32_t fd, uint32_t offset) {
    return seek(c, fd, 0, WASI_WHENCE_CUR, offset);
}
