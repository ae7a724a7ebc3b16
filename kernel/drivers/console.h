/* SPDX-License-Identifier: MIT */
/*
 * Which device carries the module's standard streams:
 *   1. the virtio-serial ports ingot.stdin, ingot.stdout, ingot.stderr (virtio_console.h);
 *   2. else the serial port of /chosen/stdout-path, or the first one in the device tree;
 *   3. else the firmware's console.
 * With ports for some streams only, a missing stdin has ended, and a missing output goes where 2
 * and 3 say.
 *
 * Boot argument ingot.tty=DIGITS: which of 0, 1, 2 are terminals on the host ("ingot.tty=02"; empty
 * for none). Without it virtio ports are none and a serial port is one.
 */
#ifndef INGOT_KERNEL_DRIVERS_CONSOLE_H
#define INGOT_KERNEL_DRIVERS_CONSOLE_H

/* Sets stream_stdin, stream_stdout and stream_stderr. After the drivers were probed. */
void console_choose_streams(void);

#endif
