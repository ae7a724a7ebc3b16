/* SPDX-License-Identifier: MIT */
/*
 * Clocks. Monotonic time is in kernel/core/wait.h; both count nanoseconds.
 */
#ifndef INGOT_KERNEL_CORE_CLOCK_H
#define INGOT_KERNEL_CORE_CLOCK_H

#include <stdint.h>

#include "hal/status.h"

/* Ticks per second of the timebase, from the device tree; called once at boot, never 0. */
void clock_set_timebase(uint64_t hz);

/* The step of both clocks in nanoseconds: that of the timebase, at least 1. */
uint64_t clock_resolution_ns(void);

/* Nanoseconds since 1970-01-01 UTC, from the clock device or from ingot.time.
 * ERR_NOT_FOUND where the machine has neither. */
status_t clock_realtime_ns(uint64_t *out);

#endif
