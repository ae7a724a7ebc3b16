/* SPDX-License-Identifier: MIT */
/* The clock device that knows the time of day: Google's goldfish RTC, as QEMU's virt has it. */
#ifndef INGOT_KERNEL_DRIVERS_RTC_H
#define INGOT_KERNEL_DRIVERS_RTC_H

#include <stdint.h>

#include "hal/status.h"

/* Nanoseconds since 1970-01-01 UTC. ERR_NOT_FOUND without the device. */
status_t rtc_read_ns(uint64_t *out);

#endif
