/* SPDX-License-Identifier: MIT */
/*
 * A spinlock. Not recursive; held shortly, and never across something that can fault or wait.
 * Interrupts are not taken in the kernel (hal/cpu.h), so a lock does not mask them.
 * Order, outermost first: heap, address space, region nodes, frames.
 */
#ifndef INGOT_HAL_LOCK_H
#define INGOT_HAL_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct hal_lock {
    atomic_bool held;
} hal_lock_t;

#define HAL_LOCK_INIT                                                                              \
    { false }

/* False when it is held; never waits. */
static inline bool hal_lock_try(hal_lock_t *lock) {
    return !atomic_exchange_explicit(&lock->held, true, memory_order_acquire);
}

static inline void hal_lock_take(hal_lock_t *lock) {
    while (!hal_lock_try(lock)) {
        while (atomic_load_explicit(&lock->held, memory_order_relaxed)) {
        }
    }
}

static inline void hal_lock_release(hal_lock_t *lock) {
    atomic_store_explicit(&lock->held, false, memory_order_release);
}

#endif
