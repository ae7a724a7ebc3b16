/* SPDX-License-Identifier: MIT */
/*
 * What the firmware (SBI) offers: a console, power-off and a way out for tests.
 * Source: RISC-V SBI specification 2.0, chapters 5 (legacy), 10 (SRST), 12 (DBCN), 9 (HSM).
 */
#ifndef INGOT_HAL_FIRMWARE_H
#define INGOT_HAL_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/addr.h"
#include "hal/status.h"

/* Writes up to `len` bytes through DBCN, or byte-wise through the legacy call; *done may be less
 * than `len`. `buf` lies in the kernel image or in the direct map for DBCN; others go byte-wise. */
status_t hal_console_write(const void *buf, size_t len, size_t *done);
/* Reads what is there: ERR_BUSY when nothing is, ERR_UNSUPPORTED without a firmware console. */
status_t hal_console_read(void *buf, size_t len, size_t *got);

/* SRST shutdown, or the legacy one, in which a firmware that cannot may hang; else returns if it
 * cannot. */
void hal_power_off(bool failure);
/* Whether the firmware has SRST. */
bool hal_can_power_off(void);

/* Ends an emulator through semihosting with an exit code; a plain machine hangs on it, so it is
 * used only when the boot arguments ask (ingot.exit=semihosting). */
_Noreturn void hal_semihosting_exit(int code);

/* Harts that the firmware says can be started (HSM), the boot hart included; 1 without HSM. */
bool hal_firmware_has_hsm(void);

#endif
