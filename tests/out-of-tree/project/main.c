/* SPDX-License-Identifier: MIT */
/* Prints a few numbers that other modules know, and exits with what a host function counted. */
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("primes", "nth_prime") int32_t nth_prime(int32_t n);
IMPORT("fibonacci", "fibonacci") int64_t fibonacci(int32_t n);
IMPORT("counter", "next") int32_t counter_next(void);

struct iovec {
    const char *base;
    uint32_t len;
};
IMPORT("wasi_snapshot_preview1", "fd_write")
int32_t fd_write(int32_t fd, const struct iovec *iovs, int32_t n, uint32_t *written);
IMPORT("wasi_snapshot_preview1", "proc_exit") _Noreturn void proc_exit(int32_t code);

static void print(int64_t value) {
    char line[24];
    uint32_t at = sizeof line;
    line[--at] = '\n';
    do {
        line[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    uint32_t written;
    fd_write(1, &(struct iovec){line + at, (uint32_t)(sizeof line - at)}, 1, &written);
}

__attribute__((export_name("_start"))) void start(void) {
    print(nth_prime(100));
    print(fibonacci(90));
    counter_next();
    counter_next();
    proc_exit(counter_next());
}
