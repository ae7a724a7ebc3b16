/* SPDX-License-Identifier: MIT */
/*
 * Serial ports as byte streams: 8-bit clean, no translation of line ends, the line settings left as
 * the firmware made them. Only the port that is used as the console is ever mapped or touched.
 */
#ifndef INGOT_KERNEL_DRIVERS_UART_H
#define INGOT_KERNEL_DRIVERS_UART_H

#include "hal/status.h"
#include "kernel/core/dt.h"
#include "kernel/core/registry.h"
#include "kernel/core/stream.h"

extern const driver_t ns16550_driver, sifive_uart_driver;

/* The port that /chosen/stdout-path names, or the first in the tree when it names none of ours.
 * To be called once, after the drivers were probed. The stream keeps no state of its own and may be
 * copied. ERR_NOT_FOUND without any. */
status_t uart_open_console(stream_t **out);

/* For the drivers: how a port that probe() saw is opened later. */
typedef struct uart_port uart_port_t;
struct uart_port {
    int node;
    prange_t reg;
    uint32_t irq;
    status_t (*open)(const uart_port_t *port, stream_t **out);
};

/* Remembers a port; more than the table holds are left out. */
status_t uart_remember(const dt_device_t *dev,
                       status_t (*open)(const uart_port_t *port, stream_t **out));

#endif
