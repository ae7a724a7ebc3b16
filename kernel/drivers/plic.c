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

#define PRIORITIES_LEN 0x1000u
#define ENABLES_LEN 0x80u
#define ENABLES(ctx) (0x2000u + (uint64_t)(ctx) * ENABLES_LEN)
#define CONTEXT_LEN 0x1000u
#define CONTEXT(ctx) (0x200000u + (uint64_t)(ctx) * CONTEXT_LEN)
#define CONTEXT_THRESHOLD 0x0u
#define CONTEXT_CLAIM 0x4u
#define MAX_IRQ 1023u
#define MAX_CONTEXTS 15872u
#define S_EXTERNAL 9u /* the cause that a context for supervisor mode raises in its hart */

#define MAX_LINES 16u

static struct line {
    uint32_t irq;
    bool seen;
    irq_quiet_t quiet;
    void *arg;
} lines[MAX_LINES];
static unsigned n_lines;

static struct {
    bool found, tried, ready;
    uint64_t hart_id;
    int node;
    prange_t reg;
    uint32_t ndev;
    /* three pages of the six megabytes */
    uint8_t *priorities, *enables, *context;
} plic;

static void enable(uint32_t irq) {
    if (irq > plic.ndev) {
        LOG(LOG_WARN, drivers, "plic: line %u of %u does not exist", (unsigned)irq,
            (unsigned)plic.ndev);
        return;
    }
    size_t at = (size_t)irq / 32 * 4;
    mmio_write32(plic.enables, at, mmio_read32(plic.enables, at) | 1u << irq % 32);
    /* Last: a line may be pending already, and QEMU's controller looks whether there is something to
     * raise when a priority or the threshold is written, not when a line is enabled. */
    mmio_write32(plic.priorities, (size_t)irq * 4, 1);
}

static uint32_t be32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Contexts are numbered by their place in interrupts-extended: pairs of the phandle of a hart's
 * interrupt controller and the cause raised there. */
static status_t find_context(uint32_t hart_phandle, uint32_t *out) {
    int len;
    const uint8_t *p = dt_prop(plic.node, "interrupts-extended", &len);
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

static status_t map_part(uint64_t offset, uint64_t len, uint8_t **out) {
    if (plic.reg.len < offset + len) {
        return ERR_CORRUPT;
    }
    void *p;
    status_t s = device_map((prange_t){PADDR(plic.reg.start.raw + offset), len}, "plic", &p);
    if (s == STATUS_OK) {
        *out = p;
    }
    return s;
}

static status_t open_controller(void) {
    uint32_t phandle, context;
    status_t s = dt_hart_intc(plic.hart_id, &phandle);
    if (s == STATUS_OK) {
        s = find_context(phandle, &context);
    }
    if (s != STATUS_OK) {
        return s;
    }
    plic.ndev = dt_prop_u32(plic.node, "riscv,ndev", 0);
    if (plic.ndev > MAX_IRQ) {
        return ERR_CORRUPT;
    }
    s = map_part(0, PRIORITIES_LEN, &plic.priorities);
    if (s == STATUS_OK) {
        s = map_part(ENABLES(context), ENABLES_LEN, &plic.enables);
    }
    if (s == STATUS_OK) {
        s = map_part(CONTEXT(context), CONTEXT_LEN, &plic.context);
    }
    if (s != STATUS_OK) {
        return s;
    }
    mmio_write32(plic.context, CONTEXT_THRESHOLD, 0);
    plic.ready = true;
    LOG(LOG_INFO, drivers, "plic: context %u of hart %lu, %u lines", (unsigned)context,
        plic.hart_id, (unsigned)plic.ndev);
    for (unsigned i = 0; i < n_lines; i++) {
        enable(lines[i].irq);
    }
    return STATUS_OK;
}

static status_t probe(const dt_device_t *dev) {
    if (!plic.found) {
        plic.found = true;
        plic.node = dev->node;
        plic.reg = dev->reg;
    }
    return STATUS_OK;
}

static const char *const compatible[] = {"riscv,plic0", "sifive,plic-1.0.0", NULL};

DRIVER(plic_driver) = {.name = "plic", .compatible = compatible, .probe = probe};

bool irq_available(void) {
    if (plic.found && !plic.tried) {
        plic.tried = true;
        status_t s = open_controller();
        if (s != STATUS_OK) {
            LOG(LOG_WARN, drivers, "plic: not usable (%s); waiting polls", status_text(s));
        }
    }
    return plic.ready;
}

bool irq_all_seen(void) {
    for (unsigned i = 0; i < n_lines; i++) {
        if (!lines[i].seen) {
            return false;
        }
    }
    return true;
}

void irq_set_hart(uint64_t hart_id) {
    plic.hart_id = hart_id;
}

status_t irq_enable(uint32_t irq, irq_quiet_t quiet, void *arg) {
    ENTRY_USE(plic_driver);
    if (irq == 0 || irq > MAX_IRQ) {
        return ERR_INVALID;
    }
    if (n_lines == MAX_LINES) {
        return ERR_NO_MEMORY;
    }
    LOG(LOG_DEBUG, drivers, "plic: line %u", (unsigned)irq);
    lines[n_lines++] = (struct line){irq, false, quiet, arg};
    if (plic.ready) {
        enable(irq);
    }
    return STATUS_OK;
}

void irq_ack_pending(void) {
    /* A line that cannot be quieted must not hold us here; it only spoils the sleep. */
    for (unsigned n = 0; plic.ready && n < 2 * MAX_LINES; n++) {
        uint32_t irq = mmio_read32(plic.context, CONTEXT_CLAIM);
        if (irq == 0) {
            return;
        }
        LOG(LOG_TRACE, drivers, "plic: claimed line %u", (unsigned)irq);
        for (unsigned i = 0; i < n_lines; i++) {
            if (lines[i].irq != irq) {
                continue;
            }
            lines[i].seen = true;
            if (lines[i].quiet != NULL) {
                lines[i].quiet(lines[i].arg);
            }
        }
        mmio_write32(plic.context, CONTEXT_CLAIM, irq);
    }
}
