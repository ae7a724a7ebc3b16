/* SPDX-License-Identifier: MIT */
/*
 * What is linked to the modules of an image and runs with them at user level. The kernel knows
 * these by their addresses only: it neither calls nor reads them directly (kernel/wasm/user.h).
 */
#ifndef INGOT_KERNEL_USER_USER_H
#define INGOT_KERNEL_USER_USER_H

#include "kernel/user/call.h"
#include "kernel/wasm/value.h"

/* Where user functions return to. */
void user_back(void);

/* The canary of the modules' stack. */
extern uint64_t user_stack_guard;

/* The innermost handler of exceptions. The kernel sets it to NULL for each function that it runs:
 * what that throws and does not catch is a trap, and handlers around a trap are gone. */
extern WASM_RT_UNWIND_TARGET *user_unwind_target;

/* The calls of kernel/user/call.h; extern, so that the compiler takes none for what its body shows.
 */
_Noreturn void user_trap_indirect(wasm_rt_trap_t code, uint64_t index, uint64_t size,
                                  wasm_rt_func_type_t expected, wasm_rt_func_type_t found);
_Noreturn void user_trap_range(uint64_t handle, uint64_t address, bool carry);
user_pages_t user_memory_new(uint64_t pages, uint64_t max_pages, bool is64, uint32_t page_size);
bool user_memory_grow(uint64_t handle, uint64_t pages); /* false when it cannot */
user_pages_t user_table_new(uint64_t bytes, uint64_t capacity);
bool user_table_grow(uint64_t handle, uint64_t bytes);

/* A call by name: the glue's thunk, the state of its instance, and the values. */
typedef struct user_invocation {
    void (*call)(void *state, const wasm_value_t *params, wasm_value_t *results);
    void *state;
    wasm_value_t params[USER_MAX_VALUES], results[USER_MAX_VALUES];
} user_invocation_t;

/* Does what is written here; `unused` is not used. */
extern user_invocation_t user_invocation;
void user_invoke(void *unused);

#endif
