/* SPDX-License-Identifier: MIT */
/* The native forms of the bench programs; the table is written by CMake and ends with a NULL name. */
#ifndef INGOT_TESTS_BENCH_NATIVES_H
#define INGOT_TESTS_BENCH_NATIVES_H

#include <stdint.h>

typedef struct native_program {
    const char *name;
    uint64_t (*run)(uint32_t n);
} native_program_t;

extern const native_program_t native_programs[];

#endif
