/* SPDX-License-Identifier: MIT */
/* What calls into the host cost. Each export answers 0 when all calls went well. */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

typedef struct ciovec {
    uint32_t buf, len;
} ciovec_t;

WASI("sched_yield") uint32_t sched_yield(void);
WASI("fd_write")
uint32_t fd_write(uint32_t fd, const ciovec_t *iovs, uint32_t n, uint32_t *written);

static uint8_t bytes[1 << 20], copy[1 << 20];

/* A thousand calls that do nothing. */
EXPORT("host-call-times-1000") uint32_t yield_often(void) {
    uint32_t errors = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        errors |= sched_yield();
    }
    return errors;
}

/* One mebibyte of zeroes to stdout, which is the cost of the device too; and a copy of as much. */
EXPORT("fd-write-1MiB") uint32_t write_much(void) {
    ciovec_t iov = {(uint32_t)(uintptr_t)bytes, sizeof bytes};
    uint32_t written = 0;
    uint32_t error = fd_write(1, &iov, 1, &written);
    return error != 0 ? error : written != sizeof bytes;
}

EXPORT("copy-1MiB") uint32_t copy_much(void) {
    __builtin_memcpy(copy, bytes, sizeof copy);
    __asm__ volatile("" ::"r"(copy) : "memory");
    return copy[17];
}
