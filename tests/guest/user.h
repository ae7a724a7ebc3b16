/* SPDX-License-Identifier: MIT */
/* The kernel's side of tests that run at user level (tests/guest/user/). */
#ifndef INGOT_TESTS_GUEST_USER_H
#define INGOT_TESTS_GUEST_USER_H

#include "kernel/wasm/trap.h"
#include "tests/guest/fault.h"
#include "tests/guest/user/user.h"

/* Runs fn(arg) at user level within a protected call; *answer, unless NULL, is what it answered. */
bool user_call(user_fn_t fn, uint64_t arg, uint64_t *answer, wasm_trap_t *trap);
/* One access, as user_access_t says; a load's value is in *access. */
bool user_try_access(user_access_t *access, wasm_trap_t *trap);
uint64_t user_last_depth(void); /* of the recursions */

/* fn(at) at user level must fault, of this kind and at this address: told by the hart itself, with
 * nothing of the kernel's fault handler but demand-zero pages in between. */
#define CHECK_USER_FAULTS(want_kind, function, at)                                                 \
    do {                                                                                           \
        fault_t user_fault;                                                                        \
        user_run_t user_run = {.fn = (function), .arg = (uint64_t)(uintptr_t)(at)};                \
        if (!fault_catch(user_run_bare, &user_run, &user_fault)) {                                 \
            FAIL("%s(%s) at user level did not fault", #function, #at);                            \
        }                                                                                          \
        if (user_fault.kind != (want_kind) ||                                                      \
            ((want_kind) != HAL_TRAP_ILLEGAL && user_fault.address != user_run.arg)) {             \
            FAIL("%s(%s = 0x%lx): %s at 0x%lx, expected %s", #function, #at, user_run.arg,         \
                 fault_kind_text(user_fault.kind), user_fault.address,                             \
                 fault_kind_text(want_kind));                                                      \
        }                                                                                          \
    } while (0)

typedef struct user_run {
    user_fn_t fn;
    uint64_t arg, answer;
} user_run_t;
void user_run_bare(void *run);

#endif
