/* SPDX-License-Identifier: MIT */
#include "tests/host/virtio/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/virtio_mmio.h"

#define ARENA_LEN (1u << 20)
#define ARENA_PHYS UINT64_C(0x80000000)

static _Alignas(4096) uint8_t arena[ARENA_LEN];
static size_t arena_used;
static sim_device_t *device;
jmp_buf *sim_stuck;
uint64_t sim_now;
bool sim_quiet_log;
unsigned sim_log_lines;

static void fail(const char *what) {
    fprintf(stderr, "sim: %s\n", what);
    abort();
}

void sim_reset(void) {
    memset(arena, 0xa5, sizeof arena); /* memory for devices has no defined contents */
    arena_used = 0;
    device = NULL;
    sim_stuck = NULL;
    sim_now = 0;
    sim_log_lines = 0;
}

void sim_device_init(sim_device_t *d, bool modern, uint32_t id, uint64_t features) {
    memset(d, 0, sizeof *d);
    d->modern = modern;
    d->id = id;
    d->offered = features | (modern ? VIRTIO_F_VERSION_1 : 0);
    d->queue_max = 128;
    d->n_queues = SIM_QUEUES;
    device = d;
}

virtio_slot_t sim_slot(sim_device_t *d) {
    return (virtio_slot_t){.regs = &d->window,
                           .regs_len = SIM_WINDOW_LEN,
                           .modern = d->modern,
                           .id = d->id,
                           .irq = 1,
                           .path = "virtio@sim"};
}

/* ---- the kernel's services ---- */

status_t dma_alloc(size_t len, void **out) {
    len = (len + 4095) & ~(size_t)4095;
    if (len > ARENA_LEN - arena_used) {
        return ERR_NO_MEMORY;
    }
    *out = arena + arena_used;
    arena_used += len;
    return STATUS_OK;
}

paddr_t dma_addr(const void *p) {
    const uint8_t *b = p;
    if (b < arena || b >= arena + arena_used) {
        fail("dma_addr of memory that is not for devices");
    }
    return PADDR(ARENA_PHYS + (uint64_t)(b - arena));
}

status_t device_map(prange_t reg, const char *name, void **out) {
    (void)reg;
    (void)name;
    *out = &device->window;
    return STATUS_OK;
}

status_t irq_enable(uint32_t irq, irq_quiet_t quiet, void *arg) {
    (void)irq;
    (void)quiet;
    (void)arg;
    return STATUS_OK;
}

uint64_t monotonic_ns(void) {
    return sim_now;
}

void wait_for_interrupt(uint64_t deadline_ns) {
    if (device->idle != NULL) {
        device->idle(device);
        sim_now += 1000;
        return;
    }
    if (deadline_ns != WAIT_FOREVER) {
        sim_now = deadline_ns;
        return;
    }
    if (sim_stuck != NULL) {
        longjmp(*sim_stuck, 1);
    }
    fail("the driver sleeps for ever");
}

void log_message(log_level_t level, const char *room, const char *format, ...) {
    (void)level;
    sim_log_lines++;
    if (!sim_quiet_log) {
        va_list ap;
        va_start(ap, format);
        fprintf(stderr, "%s: ", room);
        vfprintf(stderr, format, ap);
        fprintf(stderr, "\n");
        va_end(ap);
    }
}

const char *status_text(status_t s) {
    (void)s;
    return "status";
}

/* ---- registers ---- */

static sim_queue_t *selected(sim_device_t *d) {
    return d->queue_sel < d->n_queues ? &d->queues[d->queue_sel] : NULL;
}

static void need(bool condition, const char *what) {
    if (!condition) {
        fail(what);
    }
}

static void write_status(sim_device_t *d, uint32_t v) {
    if (v == 0) {
        uint32_t generation = d->config_generation;
        memset(d->queues, 0, sizeof d->queues);
        d->status = 0;
        d->accepted = 0;
        d->config_generation = generation;
        return;
    }
    need((v & d->status) == d->status, "a status bit was taken back without a reset");
    if (d->modern && (v & VIRTIO_STATUS_DRIVER_OK) != 0) {
        need((v & VIRTIO_STATUS_FEATURES_OK) != 0, "DRIVER_OK before FEATURES_OK");
    }
    if ((v & VIRTIO_STATUS_FEATURES_OK) != 0 &&
        (d->refuse_features || (d->accepted & ~d->offered) != 0)) {
        v &= ~(uint32_t)VIRTIO_STATUS_FEATURES_OK;
    }
    d->status = v;
}

static sim_device_t *of(void *base) {
    need(device != NULL && base == &device->window, "access outside the device");
    return device;
}

uint32_t mmio_read32(void *base, size_t offset) {
    sim_device_t *d = of(base);
    const sim_queue_t *q = selected(d);
    switch (offset) {
    case VIRTIO_MMIO_MAGIC:
        return VIRTIO_MMIO_MAGIC_VALUE;
    case VIRTIO_MMIO_VERSION:
        return d->modern ? 2 : 1;
    case VIRTIO_MMIO_DEVICE_ID:
        return d->id;
    case VIRTIO_MMIO_DEVICE_FEATURES:
        return (uint32_t)(d->offered >> (d->features_sel == 0 ? 0 : 32));
    case VIRTIO_MMIO_QUEUE_NUM_MAX:
        return q == NULL ? 0 : d->queue_max;
    case VIRTIO_MMIO_INTERRUPT_STATUS:
        return d->interrupt;
    case VIRTIO_MMIO_STATUS:
        return d->status;
    case VIRTIO_MMIO_CONFIG_GENERATION:
        need(d->modern, "the legacy interface has no generation");
        return d->config_generation;
    default:
        fail("read of an unknown register");
        return 0;
    }
}

static void set_half(uint64_t *at, bool high, uint32_t v) {
    *at = high ? (*at & UINT32_MAX) | (uint64_t)v << 32 : (*at & ~(uint64_t)UINT32_MAX) | v;
}

/* The layout of section 2.7.2 from the legacy page frame number. */
static void legacy_layout(sim_device_t *d, sim_queue_t *q, uint32_t pfn) {
    need(d->guest_page_size == 4096, "no guest page size");
    need(q->num != 0 && q->align != 0, "PFN before size and alignment");
    q->desc = (uint64_t)pfn * d->guest_page_size;
    q->driver = q->desc + q->num * 16;
    uint64_t end = q->driver + 2 * (3 + q->num);
    q->device = (end + q->align - 1) / q->align * q->align;
    q->ready = 1;
}

void mmio_write32(void *base, size_t offset, uint32_t v) {
    sim_device_t *d = of(base);
    sim_queue_t *q = selected(d);
    bool modern_only = offset == VIRTIO_MMIO_QUEUE_READY || offset >= VIRTIO_MMIO_QUEUE_DESC_LOW;
    bool legacy_only = offset == VIRTIO_MMIO_GUEST_PAGE_SIZE || offset == VIRTIO_MMIO_QUEUE_ALIGN ||
                       offset == VIRTIO_MMIO_QUEUE_PFN;
    need(!(modern_only && !d->modern) && !(legacy_only && d->modern), "register of the other kind");
    switch (offset) {
    case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        d->features_sel = v;
        return;
    case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        d->driver_sel = v;
        return;
    case VIRTIO_MMIO_DRIVER_FEATURES:
        set_half(&d->accepted, d->driver_sel == 1, v);
        return;
    case VIRTIO_MMIO_GUEST_PAGE_SIZE:
        d->guest_page_size = v;
        return;
    case VIRTIO_MMIO_QUEUE_SEL:
        d->queue_sel = v;
        return;
    case VIRTIO_MMIO_STATUS:
        write_status(d, v);
        return;
    case VIRTIO_MMIO_INTERRUPT_ACK:
        d->interrupt &= ~v;
        return;
    case VIRTIO_MMIO_QUEUE_NOTIFY:
        need((d->status & VIRTIO_STATUS_DRIVER_OK) != 0, "notify before DRIVER_OK");
        need(v < d->n_queues && d->queues[v].ready, "notify of a queue that is not set up");
        d->queues[v].kicks++;
        if (d->notify != NULL) {
            d->notify(d, v);
        }
        return;
    default:
        break;
    }
    need(q != NULL, "queue register without a queue");
    switch (offset) {
    case VIRTIO_MMIO_QUEUE_NUM:
        need(v <= d->queue_max && (v & (v - 1)) == 0, "bad queue size");
        q->num = v;
        return;
    case VIRTIO_MMIO_QUEUE_ALIGN:
        q->align = v;
        return;
    case VIRTIO_MMIO_QUEUE_PFN:
        legacy_layout(d, q, v);
        return;
    case VIRTIO_MMIO_QUEUE_READY:
        q->ready = v;
        return;
    case VIRTIO_MMIO_QUEUE_DESC_LOW:
    case VIRTIO_MMIO_QUEUE_DESC_HIGH:
        set_half(&q->desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, v);
        return;
    case VIRTIO_MMIO_QUEUE_DRIVER_LOW:
    case VIRTIO_MMIO_QUEUE_DRIVER_HIGH:
        set_half(&q->driver, offset == VIRTIO_MMIO_QUEUE_DRIVER_HIGH, v);
        return;
    case VIRTIO_MMIO_QUEUE_DEVICE_LOW:
    case VIRTIO_MMIO_QUEUE_DEVICE_HIGH:
        set_half(&q->device, offset == VIRTIO_MMIO_QUEUE_DEVICE_HIGH, v);
        return;
    default:
        fail("write of an unknown register");
    }
}

uint8_t mmio_read8(void *base, size_t offset) {
    sim_device_t *d = of(base);
    need(offset >= VIRTIO_MMIO_CONFIG && offset < VIRTIO_MMIO_CONFIG + SIM_CONFIG_LEN,
         "byte read outside the configuration");
    return d->config[offset - VIRTIO_MMIO_CONFIG];
}

void mmio_write8(void *base, size_t offset, uint8_t value) {
    (void)base;
    (void)offset;
    (void)value;
    fail("byte write");
}

/* ---- the device's side of the rings ---- */

static uint8_t *memory(uint64_t addr, uint64_t len) {
    need(addr >= ARENA_PHYS && len <= arena_used && addr - ARENA_PHYS <= arena_used - len,
         "address outside the memory for devices");
    return arena + (addr - ARENA_PHYS);
}

static uint16_t get16(uint64_t addr) {
    uint16_t v;
    memcpy(&v, memory(addr, 2), 2);
    return v;
}

uint16_t sim_avail_idx(sim_device_t *d, unsigned queue) {
    return get16(d->queues[queue].driver + 2);
}

bool sim_take(sim_device_t *d, unsigned queue, uint16_t *head, sim_piece_t *pieces, unsigned *n) {
    sim_queue_t *q = &d->queues[queue];
    if (!q->ready || q->seen == sim_avail_idx(d, queue)) {
        return false;
    }
    uint16_t at = get16(q->driver + 4 + 2 * (uint64_t)(q->seen % q->num));
    q->seen++;
    *head = at;
    *n = 0;
    for (;;) {
        need(at < q->num, "descriptor index out of range");
        const uint8_t *desc = memory(q->desc + 16 * (uint64_t)at, 16);
        uint64_t addr;
        uint32_t len;
        uint16_t flags, next;
        memcpy(&addr, desc, 8);
        memcpy(&len, desc + 8, 4);
        memcpy(&flags, desc + 12, 2);
        memcpy(&next, desc + 14, 2);
        need(*n < q->num, "a chain that loops");
        pieces[(*n)++] = (sim_piece_t){memory(addr, len), len, (flags & 2) != 0};
        if ((flags & 1) == 0) {
            return true;
        }
        at = next;
    }
}

void sim_write_used(sim_device_t *d, unsigned queue, uint16_t at, uint32_t id, uint32_t len) {
    sim_queue_t *q = &d->queues[queue];
    uint8_t *elem = memory(q->device + 4 + 8 * (uint64_t)(at % q->num), 8);
    memcpy(elem, &id, 4);
    memcpy(elem + 4, &len, 4);
}

void sim_set_used_idx(sim_device_t *d, unsigned queue, uint16_t idx) {
    memcpy(memory(d->queues[queue].device + 2, 2), &idx, 2);
    d->interrupt |= 1;
}

void sim_use(sim_device_t *d, unsigned queue, uint32_t id, uint32_t len) {
    sim_queue_t *q = &d->queues[queue];
    sim_write_used(d, queue, q->used, id, len);
    q->used++;
    sim_set_used_idx(d, queue, q->used);
}
