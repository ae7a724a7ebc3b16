/* SPDX-License-Identifier: MIT */
/* Sockets come with the network. Until then no descriptor is one, and each call says so. */
#include "kernel/wasi/abi.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/wasi.h"

static wasi_errno_t lookup_socket(uint32_t fd) {
    file_t *f;
    wasi_errno_t e = fd_lookup(fd, 0, &f);
    return e != WASI_ERRNO_SUCCESS ? e : WASI_ERRNO_NOTSOCK;
}

uint32_t wasi_sock_accept(wasm_caller_t *c, uint32_t fd, uint32_t flags, uint32_t new_fd) {
    (void)c, (void)flags, (void)new_fd;
    return lookup_socket(fd);
}

uint32_t wasi_sock_recv(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags,
                        uint32_t nread, uint32_t roflags) {
    (void)c, (void)iovs, (void)n, (void)flags, (void)nread, (void)roflags;
    return lookup_socket(fd);
}

uint32_t wasi_sock_send(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags,
                        uint32_t nwritten) {
    (void)c, (void)iovs, (void)n, (void)flags, (void)nwritten;
    return lookup_socket(fd);
}

uint32_t wasi_sock_shutdown(wasm_caller_t *c, uint32_t fd, uint32_t how) {
    (void)c;
    wasi_errno_t e = lookup_socket(fd);
    return e == WASI_ERRNO_NOTSOCK && (how == 0 || how > WASI_SDFLAGS_ALL) ? WASI_ERRNO_INVAL : e;
}
