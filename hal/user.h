/* SPDX-License-Identifier: MIT */
/*
 * User level: code that reaches only pages with HAL_USER, on a stack of such pages. It comes back
 * by a call, by returning, or by a fault (hal/trap.h). The kernel in turn reaches none of those
 * pages, but between hal_user_access(true) and hal_user_access(false), and executes none. Source:
 * RISC-V Privileged Architecture 20211203, 4.1.1 (SPP, SUM) and 4.3.1 (U).
 */
#ifndef INGOT_HAL_USER_H
#define INGOT_HAL_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/unwind.h"

/* A function that user code may call, of any type whose arguments and result are in registers: they
 * arrive as they were, t2 to t6 too. */
typedef void (*hal_user_function_t)(void);

/* functions[n] is what call number n runs, n from 1 on; functions[0] what any other number does.
 * The table stays the caller's. */
void hal_user_set_calls(const hal_user_function_t *functions, uint64_t count);

/*
 * Runs `pc(arg)` at user level on the stack that ends at `sp`, which is 16-byte aligned; answers
 * what it returned. `back` is where it returns to: code at user level that makes call number 0.
 * Calls of user code run on this stack, below the frame of this function, and may use it again.
 */
uint64_t hal_user_run(uint64_t pc, uint64_t arg, uint64_t sp, uint64_t back);

/* Which hal_user_run is the innermost: to be saved by who leaves it by longjmp, and restored. */
typedef struct hal_user_state {
    uint64_t words[5];
} hal_user_state_t;
void hal_user_save(hal_user_state_t *out);
void hal_user_restore(const hal_user_state_t *state);

/* The user function that made the call that is running; false when none is. */
bool hal_user_frame(hal_frame_t *out);

/* Whether the kernel may read and write pages with HAL_USER; answers whether it could. */
bool hal_user_access(bool on);

#endif
