/* SPDX-License-Identifier: MIT */
/*
 * virtio over MMIO, modern (version 2) and legacy (version 1), with split virtqueues: written once
 * for all drivers. Source: Virtual I/O Device (VIRTIO) 1.2, sections 2.1 to 2.7, 3.1, 4.2.
 *
 * The device is not trusted. What it writes into a used ring is checked (the index never runs ahead
 * of what was given, an id names a chain in flight, a length fits the chain's room); the first
 * breach answers ERR_CORRUPT, marks the device broken and stops it, and every later call on it
 * answers ERR_IO. Nothing that a device writes is used before it was copied or checked.
 *
 * A driver describes itself in a VIRTIO_DRIVER and is handed each device with its id:
 *     virtio_open -> virtq_setup ... -> virtio_start -> virtq_add, virtq_kick, virtq_poll ...
 */
#ifndef INGOT_KERNEL_DRIVERS_VIRTIO_H
#define INGOT_KERNEL_DRIVERS_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"

#define VIRTIO_ID_RNG 4u
#define VIRTIO_ID_CONSOLE 3u
#define VIRTIO_ID_9P 9u

#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

/* One device as the broker found it. */
typedef struct virtio_slot {
    void *regs;
    uint64_t regs_len;
    bool modern;
    uint32_t id;
    uint32_t irq;
    const char *path; /* device-tree node, for messages; valid during probe */
} virtio_slot_t;

typedef struct virtio_device {
    void *regs;
    uint64_t regs_len;
    uint64_t features; /* what both sides agreed on */
    bool modern;
    bool broken;
} virtio_device_t;

typedef struct virtio_driver {
    const char *name;
    uint32_t id;
    status_t (*probe)(const virtio_slot_t *slot);
} virtio_driver_t;

/* Like DRIVER in registry.h: in the image only where live code says ENTRY_USE(ident). */
#define VIRTIO_DRIVER(ident)                                                                       \
    const virtio_driver_t ident __attribute__((section("ingot_virtio_drivers"), used))

/* Resets the device and agrees on features: all of `required`, those of `wanted` that it offers.
 * `dev` must stay where it is. ERR_UNSUPPORTED when a required feature is missing, ERR_IO when the
 * device refuses. */
status_t virtio_open(virtio_device_t *dev, const virtio_slot_t *slot, uint64_t required,
                     uint64_t wanted);
/* After the queues were set up: the device may work from here on. Enables its interrupt line. */
status_t virtio_start(virtio_device_t *dev, const virtio_slot_t *slot);
/* Copies `len` bytes of the device's configuration space, consistent in itself. ERR_RANGE when they
 * lie outside the window. */
status_t virtio_config(virtio_device_t *dev, size_t offset, void *out, size_t len);
/* Stops the device for good. Answers ERR_CORRUPT, for `return virtio_break(...)`. */
status_t virtio_break(virtio_device_t *dev, const char *why);

/* ---- virtqueues ---- */

#define VIRTQ_MAX 64u /* descriptors; a queue of this size fits one page in either layout */

typedef struct virtq_desc virtq_desc_t;
typedef struct virtq_used_elem virtq_used_elem_t;

typedef struct virtq {
    virtio_device_t *dev;
    uint16_t index;
    uint16_t size;
    uint16_t n_free;
    uint16_t free_head;
    uint16_t avail_idx; /* our copy; the ring's is written only */
    uint16_t used_seen;
    uint16_t in_flight; /* chains */
    /* shared with the device */
    virtq_desc_t *desc;
    uint16_t *avail; /* flags, idx, ring[size] */
    uint16_t *used;  /* flags, idx */
    virtq_used_elem_t *used_ring;
    /* ours alone: the device cannot change what these say */
    uint16_t next[VIRTQ_MAX];
    uint16_t chain_len[VIRTQ_MAX]; /* descriptors in the chain that starts here; 0: none does */
    uint32_t room[VIRTQ_MAX];      /* bytes that the device may write into that chain */
} virtq_t;

/* One piece of a chain; `data` is memory that dma_addr() knows. Pieces that the device reads come
 * before pieces that it writes. */
typedef struct virtq_buf {
    void *data;
    uint32_t len;
    bool device_writes;
} virtq_buf_t;

/* Gives queue `index` a ring of at most `size` (a power of two, <= VIRTQ_MAX) descriptors.
 * ERR_NOT_FOUND when the device has no such queue. */
status_t virtq_setup(virtq_t *q, virtio_device_t *dev, uint16_t index, uint16_t size);
/* Queues a chain of n >= 1 pieces; *head names it until it is used. ERR_BUSY when the ring is
 * full. The device may not look before virtq_kick. */
status_t virtq_add(virtq_t *q, const virtq_buf_t *bufs, uint16_t n, uint16_t *head);
/* Tells the device about what was added. */
void virtq_kick(virtq_t *q);
/* Takes the next used chain: *head as from virtq_add, *len the bytes the device wrote.
 * ERR_BUSY when there is none. */
status_t virtq_poll(virtq_t *q, uint16_t *head, uint32_t *len);
/* The same, sleeping until one comes, or until `deadline_ns` (monotonic): ERR_TIMEOUT. */
status_t virtq_wait(virtq_t *q, uint16_t *head, uint32_t *len, uint64_t deadline_ns);

#endif
