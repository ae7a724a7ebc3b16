/* SPDX-License-Identifier: MIT */
/*
 * Streams over a virtio console device with ports. Source: VIRTIO 1.2, section 5.3.
 *
 * Three ports of a virtio-serial device, known by their names, one direction each:
 *     ingot.stdin   host -> module     ingot.stdout, ingot.stderr   module -> host
 * One port each, because QEMU throws the output of a port away once its input has ended. Their
 * numbers must be 1 to 3, as QEMU gives them in order (0 is kept for consoles).
 *
 * The host's input is not touched before the first read of stdin. A missing stdin port is an input
 * that has ended. Other ports and other virtio-serial devices are left alone.
 */
#ifndef INGOT_KERNEL_DRIVERS_VIRTIO_CONSOLE_H
#define INGOT_KERNEL_DRIVERS_VIRTIO_CONSOLE_H

#include "kernel/core/stream.h"
#include "kernel/drivers/virtio.h"

extern const virtio_driver_t virtio_console_driver;

/* After the drivers were probed: the streams found, NULL where there is none. */
typedef struct virtio_console {
    stream_t *in;
    stream_t *out;
    stream_t *err;
} virtio_console_t;

virtio_console_t virtio_console_streams(void);

#endif
