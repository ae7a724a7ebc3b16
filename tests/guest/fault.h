/* SPDX-License-Identifier: MIT */
/*
 * Faults that a test provokes: caught by a trap handler of its own, which brings in demand-zero
 * pages as the kernel's does, and lands every other fault back in the test.
 */
#ifndef INGOT_TESTS_GUEST_FAULT_H
#define INGOT_TESTS_GUEST_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/trap.h"
#include "kernel/core/vmap.h"
#include "tests/guest/ktap.h"

typedef struct fault {
    hal_trap_kind_t kind;
    uint64_t address, pc;
    vmap_fault_t verdict; /* for page faults: what the kernel says was hit */
} fault_t;

/* Calls fn(arg). True when that ended in a fault, with *out filled. Does not nest. */
bool fault_catch(void (*fn)(void *), void *arg, fault_t *out);

/* Calls fn(arg), which must not fault; answers how many pages were faulted in on demand. */
uint64_t fault_count(void (*fn)(void *), void *arg);

/* One byte is read or written, or one function without arguments called, at the address. */
void touch_read(void *at);
void touch_write(void *at); /* writes what it read, where it can */
void touch_write_blind(void *at);
void touch_execute(void *at);

const char *fault_kind_text(hal_trap_kind_t kind);

/* The access must fault, of this kind and at this address. */
#define CHECK_FAULTS(want_kind, fn, at)                                                            \
    do {                                                                                           \
        fault_t check_fault;                                                                       \
        void *check_at = (void *)(uintptr_t)(at);                                                  \
        if (!fault_catch(fn, check_at, &check_fault)) {                                            \
            FAIL("%s(%s = %p) did not fault", #fn, #at, check_at);                                 \
        }                                                                                          \
        if (check_fault.kind != (want_kind) || check_fault.address != (uintptr_t)check_at) {       \
            FAIL("%s(%s = %p): %s at 0x%lx, expected %s", #fn, #at, check_at,                      \
                 fault_kind_text(check_fault.kind), check_fault.address,                           \
                 fault_kind_text(want_kind));                                                      \
        }                                                                                          \
    } while (0)

#define CHECK_NO_FAULT(fn, at)                                                                     \
    do {                                                                                           \
        fault_t check_fault;                                                                       \
        if (fault_catch(fn, (void *)(uintptr_t)(at), &check_fault)) {                              \
            FAIL("%s(%s): %s at 0x%lx", #fn, #at, fault_kind_text(check_fault.kind),               \
                 check_fault.address);                                                             \
        }                                                                                          \
    } while (0)

#endif
