/* SPDX-License-Identifier: MIT */
/*
 * Sleeping. There are no asynchronous handlers: a device interrupt only ends `wfi`, and whoever
 * waits looks again. So no kernel data is ever touched from an interrupt.
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

#endif
