/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/uart.h"

#define MAX_PORTS 8u

static uart_port_t ports[MAX_PORTS];
static unsigned n_ports;

status_t uart_remember(const dt_device_t *dev,
                       status_t (*open)(const uart_port_t *port, stream_t **out)) {
    if (n_ports < MAX_PORTS) {
        ports[n_ports++] = (uart_port_t){dev->node, dev->reg, dev->irq, open};
    }
    return STATUS_OK;
}

status_t uart_open_console(stream_t **out) {
    ENTRY_USE(ns16550_driver);
    ENTRY_USE(sifive_uart_driver);
    if (n_ports == 0) {
        return ERR_NOT_FOUND;
    }
    const uart_port_t *chosen = &ports[0];
    /* Resolving the path walks the tree, which a machine with one port can do without. */
    int node = n_ports > 1 ? dt_stdout_node() : -1;
    for (unsigned i = 0; i < n_ports && node >= 0; i++) {
        if (ports[i].node == node) {
            chosen = &ports[i];
        }
    }
    return chosen->open(chosen, out);
}
