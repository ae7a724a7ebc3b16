/* SPDX-License-Identifier: MIT */
/*
 * Sleeping. A device interrupt only ends `wfi`, and whoever waits looks again: no kernel data is
 * ever touched from an interrupt. The timer's is taken only on request (kernel/wasm/timer.h).
 */
#ifndef INGOT_KERNEL_CORE_WAIT_H
#define INGOT_KERNEL_CORE_WAIT_H

#include <stdint.h>

#define WAIT_FOREVER UINT64_MAX

/* Nanoseconds since boot from the timebase; never goes back. */
uint64_t monotonic_ns(void);

/* Sleeps until a device interrupt is pending or `deadline_ns` (monotonic) has passed. May return
 * early for no reason; callers loop over their own condition. Acknowledges what is pending. */
void wait_for_interrupt(uint64_t deadline_ns);

/* Makes the timer trap at `ns` (monotonic), wherever the hart then is if it takes interrupts;
 * WAIT_FOREVER: never. */
void timer_interrupt_at(uint64_t ns);

/* Whoever has the timer trap shares it with those who wait: waiting ends at earliest() at the latest,
 * then calls check(), which need not return, and takes the timer back with rearm(). */
void wait_set_hooks(uint64_t (*earliest)(void), void (*check)(void), void (*rearm)(void));

#endif
