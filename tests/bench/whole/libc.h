/* SPDX-License-Identifier: MIT */
/*
 * What a whole program of the bench gets beside picolibc's portable C: a heap, an output, and no
 * files. It is compiled into each program twice, as the program itself is.
 */
#ifndef INGOT_TESTS_BENCH_LIBC_H
#define INGOT_TESTS_BENCH_LIBC_H

#include <stdint.h>

/* Empties the heap and forgets the output: every run of a program starts here. */
void libc_start(void);

/* A hash of all that was written to stdout and stderr since libc_start. */
uint64_t libc_output(void);

#endif
