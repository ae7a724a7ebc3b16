/* SPDX-License-Identifier: MIT */
/*
 * Split virtqueues. Source: VIRTIO 1.2, section 2.7.
 *
 * One page holds a queue of either kind; the legacy interface asks for the areas in this order, the
 * modern one takes them from anywhere:
 *
 *     0        descriptors, 16 bytes each
 *     16 n     available ring: flags, idx, ring[n], used_event      (2 bytes each)
 *     aligned  used ring: flags, idx (2 bytes each), ring[n] (8 bytes each), avail_event
 */
#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/log.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/virtio.h"
#include "kernel/drivers/virtio_mmio.h"

struct virtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

struct virtq_used_elem {
    uint32_t id;
    uint32_t len;
};

#define DESC_F_NEXT 1u
#define DESC_F_WRITE 2u
#define USED_F_NO_NOTIFY 1u
#define USED_ALIGN 64u

/* Word indices in the available and used areas. */
enum { RING_FLAGS = 0, RING_IDX = 1, RING_ENTRIES = 2 };

static size_t used_offset(uint16_t size) {
    size_t end = size * sizeof(virtq_desc_t) + (RING_ENTRIES + size + 1u) * sizeof(uint16_t);
    return (end + USED_ALIGN - 1) & ~(size_t)(USED_ALIGN - 1);
}

_Static_assert(VIRTQ_MAX * 16 + (3 + VIRTQ_MAX) * 2 + USED_ALIGN + 6 + VIRTQ_MAX * 8 <= 4096,
               "a queue fits one page");

static uint16_t load16(const uint16_t *p) {
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void store16(uint16_t *p, uint16_t v) {
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static void tell_address(void *regs, size_t low, size_t high, const void *p) {
    uint64_t addr = dma_addr(p).raw;
    mmio_write32(regs, low, (uint32_t)addr);
    mmio_write32(regs, high, (uint32_t)(addr >> 32));
}

/* Where the ring lies. The queue is selected and its size set. */
static status_t publish(virtq_t *q) {
    void *regs = q->dev->regs;
    if (q->dev->modern) {
        tell_address(regs, VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_DESC_HIGH, q->desc);
        tell_address(regs, VIRTIO_MMIO_QUEUE_DRIVER_LOW, VIRTIO_MMIO_QUEUE_DRIVER_HIGH, q->avail);
        tell_address(regs, VIRTIO_MMIO_QUEUE_DEVICE_LOW, VIRTIO_MMIO_QUEUE_DEVICE_HIGH, q->used);
        mmio_barrier();
        mmio_write32(regs, VIRTIO_MMIO_QUEUE_READY, 1);
        return STATUS_OK;
    }
    uint64_t frame = dma_addr(q->desc).raw >> PAGE_SHIFT;
    if (frame > UINT32_MAX) {
        return ERR_RANGE; /* the legacy register is 32 bits wide: RAM above 16 TiB */
    }
    mmio_write32(regs, VIRTIO_MMIO_QUEUE_ALIGN, USED_ALIGN);
    mmio_barrier();
    mmio_write32(regs, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)frame);
    return STATUS_OK;
}

status_t virtq_setup(virtq_t *q, virtio_device_t *dev, uint16_t index, uint16_t size) {
    if (size == 0 || size > VIRTQ_MAX || (size & (size - 1)) != 0) {
        return ERR_INVALID;
    }
    mmio_write32(dev->regs, VIRTIO_MMIO_QUEUE_SEL, index);
    uint32_t max = mmio_read32(dev->regs, VIRTIO_MMIO_QUEUE_NUM_MAX);
    if (max == 0) {
        return ERR_NOT_FOUND;
    }
    while (size > max) {
        size >>= 1;
    }
    void *page;
    status_t s = dma_alloc(PAGE_SIZE, &page);
    if (s != STATUS_OK) {
        return s;
    }
    uint8_t *bytes = memset(page, 0, used_offset(size) + 6 + size * sizeof(virtq_used_elem_t));
    memset(q, 0, sizeof *q);
    q->dev = dev;
    q->index = index;
    q->size = size;
    q->n_free = size;
    q->desc = page;
    q->avail = (uint16_t *)(void *)(bytes + size * sizeof(virtq_desc_t));
    q->used = (uint16_t *)(void *)(bytes + used_offset(size));
    q->used_ring = (virtq_used_elem_t *)(void *)(q->used + RING_ENTRIES);
    for (uint16_t i = 0; i < size; i++) {
        q->next[i] = (uint16_t)(i + 1);
    }
    LOG(LOG_DEBUG, drivers, "virtio: queue %u of %u entries, at most %u", (unsigned)index,
        (unsigned)size, (unsigned)max);
    mmio_write32(dev->regs, VIRTIO_MMIO_QUEUE_NUM, size);
    return publish(q);
}

status_t virtq_add(virtq_t *q, const virtq_buf_t *bufs, uint16_t n, uint16_t *head) {
    if (q->dev->broken) {
        return ERR_IO;
    }
    if (n == 0 || n > q->size) {
        return ERR_INVALID;
    }
    if (n > q->n_free) {
        return ERR_BUSY;
    }
    uint16_t first = q->free_head;
    uint16_t slot = first;
    uint32_t room = 0;
    for (uint16_t i = 0; i < n; i++) {
        uint16_t flags = bufs[i].device_writes ? DESC_F_WRITE : 0;
        room += bufs[i].device_writes ? bufs[i].len : 0;
        q->desc[slot] = (virtq_desc_t){
            .addr = dma_addr(bufs[i].data).raw,
            .len = bufs[i].len,
            .flags = i + 1 < n ? flags | DESC_F_NEXT : flags,
            .next = i + 1 < n ? q->next[slot] : 0,
        };
        slot = q->next[slot];
    }
    q->free_head = slot;
    q->n_free -= n;
    q->in_flight++;
    q->chain_len[first] = n;
    q->room[first] = room;
    q->avail[RING_ENTRIES + (q->avail_idx & (q->size - 1))] = first;
    q->avail_idx++;
    store16(&q->avail[RING_IDX], q->avail_idx);
    *head = first;
    return STATUS_OK;
}

void virtq_kick(virtq_t *q) {
    /* The new index must be visible before the flag is read and the device is told. */
    mmio_barrier();
    if (!q->dev->broken && (load16(&q->used[RING_FLAGS]) & USED_F_NO_NOTIFY) == 0) {
        mmio_write32(q->dev->regs, VIRTIO_MMIO_QUEUE_NOTIFY, q->index);
    }
}

static void release(virtq_t *q, uint16_t head) {
    uint16_t n = q->chain_len[head];
    uint16_t last = head;
    for (uint16_t i = 1; i < n; i++) {
        last = q->next[last];
    }
    q->next[last] = q->free_head;
    q->free_head = head;
    q->n_free += n;
    q->in_flight--;
    q->chain_len[head] = 0;
}

status_t virtq_poll(virtq_t *q, uint16_t *head, uint32_t *len) {
    if (q->dev->broken) {
        return ERR_IO;
    }
    uint16_t ahead = (uint16_t)(load16(&q->used[RING_IDX]) - q->used_seen);
    if (ahead == 0) {
        return ERR_BUSY;
    }
    if (ahead > q->in_flight) {
        return virtio_break(q->dev, "its used index runs ahead of what it was given");
    }
    /* Read once: the device may change it under our eyes. */
    volatile const virtq_used_elem_t *elem = &q->used_ring[q->used_seen & (q->size - 1)];
    uint32_t id = elem->id;
    uint32_t written = elem->len;
    if (id >= q->size || q->chain_len[id] == 0) {
        return virtio_break(q->dev, "it returned a descriptor that it was not given");
    }
    if (written > q->room[id]) {
        return virtio_break(q->dev, "it claims to have written more than there was room");
    }
    q->used_seen++;
    release(q, (uint16_t)id);
    *head = (uint16_t)id;
    *len = written;
    return STATUS_OK;
}

status_t virtq_wait(virtq_t *q, uint16_t *head, uint32_t *len, uint64_t deadline_ns) {
    for (;;) {
        status_t s = virtq_poll(q, head, len);
        if (s != ERR_BUSY) {
            return s;
        }
        if (deadline_ns != WAIT_FOREVER && monotonic_ns() >= deadline_ns) {
            return ERR_TIMEOUT;
        }
        wait_for_interrupt(deadline_ns);
    }
}
