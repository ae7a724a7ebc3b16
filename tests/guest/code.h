/* SPDX-License-Identifier: MIT */
/* A function as bytes: `li a0, value; ret`, for tests that write code and run it (or must not). */
#ifndef INGOT_TESTS_GUEST_CODE_H
#define INGOT_TESTS_GUEST_CODE_H

#include <stdint.h>

typedef struct code {
    uint32_t words[2];
} code_t;

/* addi a0, x0, value; jalr x0, 0(ra). Unprivileged ISA 20191213, 2.4 and 2.5. value < 2048. */
#define CODE_RETURNING(value) ((code_t){{(uint32_t)(value) << 20 | 0x00000513, 0x00008067}})

static inline int code_call(const void *at) {
    int (*volatile fn)(void) = (int (*)(void))(uintptr_t)at;
    return fn();
}

#endif
