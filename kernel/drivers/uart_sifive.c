/* SPDX-License-Identifier: MIT */
/* The UART of SiFive's chips. Source: SiFive FU540-C000 Manual v1p4, chapter 13. */
#include "kernel/core/device.h"
#include "kernel/core/irq.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/uart.h"

enum {
    REG_TXDATA = 0x00,
    REG_RXDATA = 0x04,
    REG_TXCTRL = 0x08,
    REG_RXCTRL = 0x0c,
    REG_IE = 0x10,
    REG_IP = 0x14,
    REGS_LEN = 0x1c,
};

#define TX_FULL 0x80000000u
#define RX_EMPTY 0x80000000u
#define TXCTRL_ENABLE 0x1u
#define TXCTRL_COUNT_SHIFT 16u /* the watermark is pending while fewer entries than this wait */
#define TXCTRL_COUNT_MASK (7u << TXCTRL_COUNT_SHIFT)
#define RXCTRL_ENABLE 0x1u
#define IP_TX_WATERMARK 0x1u
#define IE_RX_WATERMARK 0x2u

static struct {
    stream_t stream;
    void *regs;
    bool has_irq;
    bool held; /* reading RXDATA takes the byte, so looking ahead must keep it */
    uint8_t held_byte;
} uart;

/* As in the 16550: an unread byte must not keep a waiter for something else awake. */
static void quiet(void *arg) {
    (void)arg;
    mmio_write32(uart.regs, REG_IE, 0);
}

static status_t sifive_ready(stream_t *s, size_t *n) {
    (void)s;
    if (!uart.held) {
        uint32_t data = mmio_read32(uart.regs, REG_RXDATA);
        if ((data & RX_EMPTY) != 0) {
            if (uart.has_irq) {
                mmio_write32(uart.regs, REG_IE, IE_RX_WATERMARK);
            }
            return ERR_BUSY;
        }
        uart.held = true;
        uart.held_byte = (uint8_t)data;
    }
    *n = 1;
    return STATUS_OK;
}

static status_t sifive_read(stream_t *s, void *buf, size_t len, size_t *got) {
    uint8_t *to = buf;
    size_t done = 0, n;
    while (done < len && sifive_ready(s, &n) == STATUS_OK) {
        to[done++] = uart.held_byte;
        uart.held = false;
    }
    if (done == 0 && len > 0) {
        return ERR_BUSY;
    }
    *got = done;
    return STATUS_OK;
}

static status_t sifive_write(stream_t *s, const void *buf, size_t len) {
    (void)s;
    const uint8_t *from = buf;
    for (size_t i = 0; i < len; i++) {
        while ((mmio_read32(uart.regs, REG_TXDATA) & TX_FULL) != 0) {
        }
        mmio_write32(uart.regs, REG_TXDATA, from[i]);
    }
    return STATUS_OK;
}

static status_t sifive_flush(stream_t *s) {
    (void)s;
    while ((mmio_read32(uart.regs, REG_IP) & IP_TX_WATERMARK) == 0) {
    }
    return STATUS_OK;
}

static status_t sifive_open(const uart_port_t *port, stream_t **out) {
    if (port->reg.len < REGS_LEN) {
        return ERR_CORRUPT;
    }
    void *regs;
    status_t s = device_map(port->reg, "uart", &regs);
    if (s != STATUS_OK) {
        return s;
    }
    uart.regs = regs;
    uint32_t tx = mmio_read32(regs, REG_TXCTRL) & ~TXCTRL_COUNT_MASK;
    mmio_write32(regs, REG_TXCTRL, tx | TXCTRL_ENABLE | 1u << TXCTRL_COUNT_SHIFT);
    mmio_write32(regs, REG_RXCTRL, mmio_read32(regs, REG_RXCTRL) | RXCTRL_ENABLE);
    uart.has_irq = port->irq != 0 && irq_enable(port->irq, quiet, NULL) == STATUS_OK;
    uart.stream = (stream_t){.read = sifive_read,
                             .write = sifive_write,
                             .flush = sifive_flush,
                             .ready = sifive_ready,
                             .is_terminal = true};
    *out = &uart.stream;
    return STATUS_OK;
}

static status_t sifive_probe(const dt_device_t *dev) {
    return uart_remember(dev, sifive_open);
}

static const char *const sifive_compatible[] = {"sifive,uart0", NULL};

DRIVER(sifive_uart_driver) = {
    .name = "sifive-uart", .compatible = sifive_compatible, .probe = sifive_probe};
