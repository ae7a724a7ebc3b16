/* SPDX-License-Identifier: MIT */
/*
 * A machine for kernel/wasi and kernel/fs to run on natively: streams, clocks, boot arguments, heap
 * and exit, all under the test's control.
 */
#ifndef INGOT_TESTS_HOST_WASI_MACHINE_H
#define INGOT_TESTS_HOST_WASI_MACHINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/stream.h"

typedef struct machine {
    uint64_t monotonic, realtime; /* ns; reading the monotonic clock does not move it */
    bool has_realtime;
    unsigned waits;        /* calls of wait_for_interrupt */
    void (*on_wait)(void); /* what arrives meanwhile; NULL: nothing does */
    jmp_buf exited;        /* where machine_exit goes */
    int exit_code;
    const char *mounts[4], *tmp; /* boot options */
    unsigned warnings;
    /* Allocations that still succeed; UINT64_MAX for all. */
    uint64_t allocations_left;
    uint64_t live_blocks;
} machine_t;

extern machine_t machine;

/* A stream over memory. Reading: `input` from `at` up to `available`, then BUSY until `closed`. */
typedef struct memory_stream {
    stream_t base;
    const char *input;
    size_t at, available;
    bool closed;
    char output[1 << 16];
    size_t written;
    unsigned writes; /* calls */
    bool broken;
} memory_stream_t;

extern memory_stream_t machine_stdin, machine_stdout, machine_stderr;

/* Everything as after power-on; what the code under test has allocated is not touched. */
void machine_reset(void);

#endif
