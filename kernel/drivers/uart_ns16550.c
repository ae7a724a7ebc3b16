/* SPDX-License-Identifier: MIT */
/*
 * The 16550 and its many relatives. Registers lie `reg-shift` apart and are `reg-io-width` bytes
 * wide (device tree). Source: National Semiconductor PC16550D data sheet, section 8.
 */
#include "kernel/core/device.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/uart.h"

enum { REG_DATA = 0, REG_IER = 1, REG_IIR = 2, REG_LSR = 5, N_REGS = 8 };

#define IER_RECEIVED 0x01u
#define IIR_FIFO_ON 0xc0u
#define LSR_DATA_READY 0x01u
#define LSR_FIFO_EMPTY 0x20u /* the transmit FIFO, or the one holding register */
#define LSR_ALL_SENT 0x40u   /* and the shift register */
#define FIFO_SIZE 16u

static struct {
    stream_t stream;
    void *regs;
    unsigned shift;
    bool wide;
    bool has_irq;
    size_t burst; /* bytes that fit once the transmitter is empty */
} uart;

static uint8_t reg_read(unsigned reg) {
    size_t at = (size_t)reg << uart.shift;
    return uart.wide ? (uint8_t)mmio_read32(uart.regs, at) : mmio_read8(uart.regs, at);
}

static void reg_write(unsigned reg, uint8_t value) {
    size_t at = (size_t)reg << uart.shift;
    if (uart.wide) {
        mmio_write32(uart.regs, at, value);
    } else {
        mmio_write8(uart.regs, at, value);
    }
}

/* A received byte keeps the line up until it is read; whoever waits for something else must not be
 * kept awake by it. The next read that finds nothing turns the interrupt on again. */
static void quiet(void *arg) {
    (void)arg;
    reg_write(REG_IER, 0);
}

static status_t ns_ready(stream_t *s, size_t *n) {
    (void)s;
    if ((reg_read(REG_LSR) & LSR_DATA_READY) == 0) {
        if (uart.has_irq) {
            reg_write(REG_IER, IER_RECEIVED);
        }
        return ERR_BUSY;
    }
    *n = 1;
    return STATUS_OK;
}

static status_t ns_read(stream_t *s, void *buf, size_t len, size_t *got) {
    uint8_t *to = buf;
    size_t done = 0, n;
    while (done < len && ns_ready(s, &n) == STATUS_OK) {
        to[done++] = reg_read(REG_DATA);
    }
    if (done == 0 && len > 0) {
        return ERR_BUSY;
    }
    *got = done;
    return STATUS_OK;
}

static status_t ns_write(stream_t *s, const void *buf, size_t len) {
    (void)s;
    const uint8_t *from = buf;
    while (len > 0) {
        while ((reg_read(REG_LSR) & LSR_FIFO_EMPTY) == 0) {
        }
        for (size_t n = uart.burst; n > 0 && len > 0; n--, len--) {
            reg_write(REG_DATA, *from++);
        }
    }
    return STATUS_OK;
}

static status_t ns_flush(stream_t *s) {
    (void)s;
    while ((reg_read(REG_LSR) & LSR_ALL_SENT) == 0) {
    }
    return STATUS_OK;
}

static status_t ns_open(const uart_port_t *port, stream_t **out) {
    uint32_t shift = dt_prop_u32(port->node, "reg-shift", 0);
    uint32_t width = dt_prop_u32(port->node, "reg-io-width", 1);
    if (shift > 3 || (width != 1 && width != 4) || (width == 4 && shift < 2) ||
        port->reg.len < ((uint64_t)(N_REGS - 1) << shift) + width) {
        LOG(LOG_ERROR, drivers, "uart: reg-shift %u, reg-io-width %u, window %u: not a 16550",
            (unsigned)shift, (unsigned)width, (unsigned)port->reg.len);
        return ERR_CORRUPT;
    }
    void *regs;
    status_t s = device_map(port->reg, "uart", &regs);
    if (s != STATUS_OK) {
        return s;
    }
    uart.regs = regs;
    uart.shift = shift;
    uart.wide = width == 4;
    uart.burst = (reg_read(REG_IIR) & IIR_FIFO_ON) == IIR_FIFO_ON ? FIFO_SIZE : 1;
    uart.has_irq = port->irq != 0 && irq_enable(port->irq, quiet, NULL) == STATUS_OK;
    uart.stream = (stream_t){.read = ns_read,
                             .write = ns_write,
                             .flush = ns_flush,
                             .ready = ns_ready,
                             .is_terminal = true};
    *out = &uart.stream;
    return STATUS_OK;
}

static status_t ns_probe(const dt_device_t *dev) {
    return uart_remember(dev, ns_open);
}

static const char *const ns_compatible[] = {"ns16550a", "ns16550", "snps,dw-apb-uart", NULL};

DRIVER(ns16550_driver) = {.name = "ns16550", .compatible = ns_compatible, .probe = ns_probe};
