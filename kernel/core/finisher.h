/* SPDX-License-Identifier: MIT */
/* SiFive's test finisher: the one power switch of QEMU's virt machine that carries an exit code. */
#ifndef INGOT_KERNEL_CORE_FINISHER_H
#define INGOT_KERNEL_CORE_FINISHER_H

#include "hal/status.h"

/* Ends the machine with `code` (0..255); returns only when it cannot: ERR_NOT_FOUND without the
 * device, ERR_TIMEOUT when the machine runs on. */
status_t finisher_exit(int code);

#endif
