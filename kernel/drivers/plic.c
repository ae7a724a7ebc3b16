/* SPDX-License-Identifier: MIT */
/*
 * The platform-level interrupt controller, as far as waking a hart from wfi needs it.
 * Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.0, chapters 3 to 8.
 */
#include "kernel/core/device.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/drivers/mmio.h"

#define PRIORITY(irq) ((size_t)(irq) * 4)
#define ENABLE(ctx, irq) (0x2000u + (size_t)(ctx) * 0x80 + (size_t)(irq) / 32 * 4)
#define THRESHOLD(ctx) (0x200000u + (size_t)(ctx) * 0x1000)
#define CLAIM(ctx) (THRESHOLD(ctx) + 4)
#define MAX_IRQ 1023u
#define MAX_CONTEXTS 15872u
#define S_EXTERNAL 9u /* the cause that a context for supervisor mode raises in its hart */

#define MAX_LINES 16u

static struct line {
    uint32_t irq;
    irq_quiet_t quiet;
    void *arg;
} lines[MAX_LINES];
static unsigned n_lines;

static struct {
    void *regs;
    uint32_t context;
    uint32_t ndev;
} plic;

static void enable(uint32_t irq) {
    if (irq > plic.ndev) {
        log_message(LOG_WARN, "plic", "line %u of %u does not exist", (unsigned)irq,
                    (unsigned)plic.ndev);
        return;
    }
    mmio_write32(plic.regs, PRIORITY(irq), 1);
    size_t at = ENABLE(plic.context, irq);
    mmio_write32(plic.regs, at, mmio_read32(plic.regs, at) | 1u << irq % 32);
}

static uint32_t be32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Contexts are numbered by their place in interrupts-extended: pairs of the phandle of a hart's
 * interrupt controller and the cause raised there. */
static status_t find_context(const dt_device_t *dev, uint32_t hart_phandle, uint32_t *out) {
    int len;
    const uint8_t *p = dt_prop(dev->node, "interrupts-extended", &len);
    if (p == NULL || len <= 0 || len % 8 != 0) {
        return ERR_CORRUPT;
    }
    for (uint32_t i = 0; i < (uint32_t)len / 8 && i < MAX_CONTEXTS; i++) {
        if (be32_at(p + i * 8) == hart_phandle && be32_at(p + i * 8 + 4) == S_EXTERNAL) {
            *out = i;
            return STATUS_OK;
        }
    }
    return ERR_NOT_FOUND;
}

static status_t probe(const dt_device_t *dev) {
    uint32_t phandle, context;
    status_t s = dt_boot_hart_intc(&phandle);
    if (s == STATUS_OK) {
        s = find_context(dev, phandle, &context);
    }
    if (s != STATUS_OK) {
        return s;
    }
    uint32_t ndev = dt_prop_u32(dev->node, "riscv,ndev", 0);
    if (ndev > MAX_IRQ || dev->reg.len < CLAIM(context) + 4) {
        return ERR_CORRUPT;
    }
    void *regs;
    s = device_map(dev->reg, "plic", &regs);
    if (s != STATUS_OK) {
        return s;
    }
    plic.regs = regs;
    plic.context = context;
    plic.ndev = ndev;
    mmio_write32(regs, THRESHOLD(context), 0);
    for (unsigned i = 0; i < n_lines; i++) {
        enable(lines[i].irq);
    }
    return STATUS_OK;
}

static const char *const compatible[] = {"riscv,plic0", "sifive,plic-1.0.0", NULL};

DRIVER(plic_driver) = {.name = "plic", .compatible = compatible, .probe = probe};

bool irq_available(void) {
    return plic.regs != NULL;
}

status_t irq_enable(uint32_t irq, irq_quiet_t quiet, void *arg) {
    ENTRY_USE(plic_driver);
    if (irq == 0 || irq > MAX_IRQ) {
        return ERR_INVALID;
    }
    if (n_lines == MAX_LINES) {
        return ERR_NO_MEMORY;
    }
    lines[n_lines++] = (struct line){irq, quiet, arg};
    if (plic.regs != NULL) {
        enable(irq);
    }
    return STATUS_OK;
}

void irq_ack_pending(void) {
    if (plic.regs == NULL) {
        return;
    }
    uint32_t irq;
    while ((irq = mmio_read32(plic.regs, CLAIM(plic.context))) != 0) {
        for (unsigned i = 0; i < n_lines; i++) {
            if (lines[i].irq == irq && lines[i].quiet != NULL) {
                lines[i].quiet(lines[i].arg);
            }
        }
        mmio_write32(plic.regs, CLAIM(plic.context), irq);
    }
}
