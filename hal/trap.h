/* SPDX-License-Identifier: MIT */
/*
 * Traps, told upward. The HAL saves the interrupted state on a stack of its own (so a fault on an
 * exhausted stack is still reported), and calls the one handler that the kernel registered.
 */
#ifndef INGOT_HAL_TRAP_H
#define INGOT_HAL_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/addr.h"

typedef enum hal_trap_kind {
    HAL_TRAP_LOAD_FAULT,
    HAL_TRAP_STORE_FAULT,
    HAL_TRAP_FETCH_FAULT,
    HAL_TRAP_MISALIGNED,
    HAL_TRAP_ILLEGAL,
    HAL_TRAP_BREAKPOINT,
    HAL_TRAP_TIMER,
    HAL_TRAP_EXTERNAL,
    HAL_TRAP_OTHER,
} hal_trap_kind_t;

/* The interrupted state; opaque but for these accessors. Valid while the handler runs. */
typedef struct hal_trap hal_trap_t;

hal_trap_kind_t hal_trap_kind(const hal_trap_t *t);
vaddr_t hal_trap_address(const hal_trap_t *t); /* the faulting address; 0 where there is none */
uint64_t hal_trap_pc(const hal_trap_t *t);
uint64_t hal_trap_sp(const hal_trap_t *t);
uint64_t hal_trap_fp(const hal_trap_t *t);
uint64_t hal_trap_ra(const hal_trap_t *t);
bool hal_trap_from_user(const hal_trap_t *t);   /* user code was interrupted, not the kernel */
bool hal_trap_user_access(const hal_trap_t *t); /* the kernel, while it could reach user pages */
uint64_t hal_trap_cause(const hal_trap_t *t);   /* raw, for messages */

/* Prints the registers that the trap saved through `print`, a few a line, each after `prefix`. */
void hal_trap_dump(const hal_trap_t *t, const char *prefix,
                   void (*print)(const char *format, ...) __attribute__((format(printf, 1, 2))));

/* On return the hart continues in (never to return) `fn(arg)`, which is the kernel's, on the stack
 * `sp` instead. */
void hal_trap_resume_in(hal_trap_t *t, void (*fn)(uint64_t), uint64_t arg, uint64_t sp);

/* On return, continue after the current instruction (for tests that provoke a fault). */
void hal_trap_skip(hal_trap_t *t);

/* The handler answers true when the interrupted code may continue. False, or no handler: the HAL
 * calls hal_unhandled_trap. */
typedef bool (*hal_trap_handler_t)(hal_trap_t *t);
void hal_trap_set_handler(hal_trap_handler_t handler);

/* Provided by the kernel. `nested` tells that the fault hit the trap path itself. */
_Noreturn void hal_unhandled_trap(const hal_trap_t *t, bool nested);

#endif
