/* SPDX-License-Identifier: MIT */
/* args_* and environ_*: two lists of strings, handed over in the same way. */
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

static uint64_t strings_size(const char *const *list, uint32_t n) {
    uint64_t size = 0;
    for (uint32_t i = 0; i < n; i++) {
        size += strlen(list[i]) + 1;
    }
    return size;
}

static uint32_t strings_sizes_get(wasm_caller_t *c, const char *const *list, uint32_t n,
                                  uint32_t count_at, uint32_t size_at) {
    uint64_t size = strings_size(list, n);
    void *count_out, *size_out;
    if (size > UINT32_MAX) {
        return WASI_ERRNO_OVERFLOW;
    }
    if (!guest_span(c, count_at, 4, &count_out) || !guest_span(c, size_at, 4, &size_out)) {
        return WASI_ERRNO_FAULT;
    }
    memcpy(count_out, &n, 4);
    memcpy(size_out, &(uint32_t){(uint32_t)size}, 4);
    return WASI_ERRNO_SUCCESS;
}

static uint32_t strings_get(wasm_caller_t *c, const char *const *list, uint32_t n,
                            uint32_t pointers_at, uint32_t text_at) {
    uint64_t size = strings_size(list, n);
    void *pointers, *text;
    if (!guest_span(c, pointers_at, (uint64_t)n * 4, &pointers) ||
        !guest_span(c, text_at, size, &text)) {
        return WASI_ERRNO_FAULT;
    }
    for (uint32_t i = 0, at = 0; i < n; i++) {
        uint32_t len = (uint32_t)strlen(list[i]) + 1;
        memcpy((char *)pointers + (size_t)i * 4, &(uint32_t){text_at + at}, 4);
        memcpy((char *)text + at, list[i], len);
        at += len;
    }
    return WASI_ERRNO_SUCCESS;
}

uint32_t wasi_args_sizes_get(wasm_caller_t *c, uint32_t argc, uint32_t buf_size) {
    return strings_sizes_get(c, bootargs.args, bootargs.n_args, argc, buf_size);
}

uint32_t wasi_args_get(wasm_caller_t *c, uint32_t argv, uint32_t buf) {
    return strings_get(c, bootargs.args, bootargs.n_args, argv, buf);
}

uint32_t wasi_environ_sizes_get(wasm_caller_t *c, uint32_t count, uint32_t buf_size) {
    return strings_sizes_get(c, bootargs.env, bootargs.n_env, count, buf_size);
}

uint32_t wasi_environ_get(wasm_caller_t *c, uint32_t environ, uint32_t buf) {
    return strings_get(c, bootargs.env, bootargs.n_env, environ, buf);
}
