/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of user level: running the modules' functions, reading and writing their data,
 * and what they call. A pointer to what is theirs is an address to the kernel, which follows none
 * that they give it; user_read() and user_write() are for those that the link gave.
 */
#ifndef INGOT_KERNEL_WASM_USER_H
#define INGOT_KERNEL_WASM_USER_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/user/call.h"
#include "kernel/wasm/wasm-rt.h"

/* Before anything runs: where the stack of user level ends, and the canary of its functions. */
void wasm_user_init(uint64_t stack_top, uint64_t canary);

/* Runs fn(arg) at user level, within the innermost protected call (kernel/wasm/trap.h). */
uint64_t wasm_user_run(void (*fn)(void *), void *arg);

/* Copies between the kernel and statics of the modules. */
void user_read(void *to, const void *user, size_t len);
void user_write(void *user, const void *from, size_t len);

/* ---- What user code calls, by the numbers of kernel/user/call.h ---- */

_Noreturn void call_unknown(void);
_Noreturn void call_trap(wasm_rt_trap_t kind);
_Noreturn void call_trap_indirect(wasm_rt_trap_t kind, uint64_t index, uint64_t size,
                                  wasm_rt_func_type_t expected, wasm_rt_func_type_t found);
_Noreturn void call_trap_range(uint64_t handle, uint64_t address, bool carry);
_Noreturn void call_trap_segment(uint64_t offset, uint64_t size);
_Noreturn void call_stack_smashed(void);
user_pages_t call_memory_new(uint64_t pages, uint64_t max_pages, bool is64, uint32_t page_size);
bool call_memory_grow(uint64_t handle, uint64_t pages);
user_pages_t call_table_new(uint64_t bytes, uint64_t capacity);
bool call_table_grow(uint64_t handle, uint64_t bytes);

#endif
