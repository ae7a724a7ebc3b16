/* SPDX-License-Identifier: MIT */
/*
 * The user level of the guest tests: functions that stand where an app's modules would, linked and
 * mapped like them. The kernel's side of a test runs them by user_call (tests/guest/user.h).
 */
#ifndef INGOT_TESTS_GUEST_USER_USER_H
#define INGOT_TESTS_GUEST_USER_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/user/user.h"

typedef uint64_t (*user_fn_t)(uint64_t);

/* Calls of these tests (tests/guest/main.c). */
#define USER_CALL_TEST_UNKNOWN_IMPORT (USER_CALLS + 0)
#define USER_CALL_TEST_NEST (USER_CALLS + 1)
#define USER_CALL_TEST_INSIDE (USER_CALLS + 2)

/* ---- access.c ---- */

/* One load or store instruction, as translated code would do it. */
typedef struct user_access {
    uint64_t at, value;
    uint32_t bytes; /* 1, 4 or 8 */
    bool store;
} user_access_t;
extern user_access_t user_access;
uint64_t user_do_access(uint64_t unused); /* what user_access says */

uint64_t user_load(uint64_t at); /* a byte */
uint64_t user_store(uint64_t at);
uint64_t user_jump(uint64_t at);
/* A store to the first byte of each of user_access.value pages from user_access.at on. */
uint64_t user_touch(uint64_t unused);

uint64_t user_read_sstatus(uint64_t unused);
uint64_t user_write_satp(uint64_t value);
uint64_t user_write_stvec(uint64_t value);
uint64_t user_call_unknown(uint64_t number);
uint64_t user_smash(uint64_t len);
uint64_t user_add_one(uint64_t n);
uint64_t user_stack_pointer(uint64_t unused);
uint64_t user_registers(uint64_t unused); /* all that the kernel left in them, or-ed together */

/* ---- trap.c ---- */

uint64_t user_raise(uint64_t kind);
uint64_t user_indirect(uint64_t index); /* of a table of two: null, and another type */
extern uint64_t user_depth;             /* of the recursions */
uint64_t user_recurse(uint64_t unused);
uint64_t user_recurse_large(uint64_t unused);       /* frames of 200 KiB */
uint64_t user_recurse_into_kernel(uint64_t handle); /* memory.grow by too much, at every depth */
uint64_t user_clobber(uint64_t at);                 /* all registers that are kept, then a load */

/* ---- table.c, exception.c ---- */

/* 0, or the line that did not find what it should. */
uint64_t user_tables_grow(uint64_t unused);
uint64_t user_thrown_is_caught(uint64_t unused);
uint64_t user_handlers_nest(uint64_t unused);
uint64_t user_largest_values(uint64_t unused);
uint64_t user_throw(uint64_t unused);
uint64_t user_trap_inside_try(uint64_t unused);
uint64_t user_values_too_large(uint64_t unused);

#endif
