/* SPDX-License-Identifier: MIT */
/* The firmware's console as a stream, for boards whose serial port we have no driver for. */
#ifndef INGOT_KERNEL_DRIVERS_SBI_CONSOLE_H
#define INGOT_KERNEL_DRIVERS_SBI_CONSOLE_H

#include "kernel/core/stream.h"

/* The stream keeps no state of its own and may be copied. */
stream_t *sbi_console_stream(void);

#endif
