/* SPDX-License-Identifier: MIT */
/* Builds small binary modules for tests. Sizes below 128 only, so that every LEB128 is one byte. */
#ifndef INGOT_TEST_BUILD_H
#define INGOT_TEST_BUILD_H

#include <string.h>

#include "toolchain/lib/text.h"

#define HEADER "\0asm\1\0\0\0"

/* Appends a string literal, its NULs included. */
#define ADD(t, literal) text_add(t, literal, sizeof(literal) - 1)

/* Appends section `id` with the literal as its contents. */
#define SECTION(t, id, literal)                                                                    \
    do {                                                                                           \
        char head_[2] = {(char)(id), (char)(sizeof(literal) - 1)};                                 \
        text_add(t, head_, 2);                                                                     \
        ADD(t, literal);                                                                           \
    } while (0)

/* (type (func)) (type (func (param i32 i32) (result i32))) */
#define TYPES "\2\x60\0\0\x60\2\x7f\x7f\1\x7f"

#endif
