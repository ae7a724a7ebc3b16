/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/virtio_rng.h"

#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/random.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/virtio.h"

#define SERVICE_ORDER 10u
#define SEED_LEN 32u
#define TIMEOUT_NS UINT64_C(1000000000)

static struct {
    virtio_device_t dev;
    virtq_t queue;
    bool present;
    uint8_t *buffer; /* one page; what arrives late after a time-out lands here and is harmless */
} rng;

static status_t probe(const virtio_slot_t *slot) {
    if (rng.present) {
        return STATUS_OK;
    }
    void *page;
    status_t s = virtio_open(&rng.dev, slot, 0, 0);
    if (s == STATUS_OK) {
        s = virtq_setup(&rng.queue, &rng.dev, 0, 1);
    }
    if (s == STATUS_OK) {
        s = dma_alloc(PAGE_SIZE, &page);
    }
    if (s == STATUS_OK) {
        s = virtio_start(&rng.dev, slot);
    }
    if (s == STATUS_OK) {
        rng.buffer = page;
        rng.present = true;
    }
    return s;
}

VIRTIO_DRIVER(virtio_rng_driver) = {.name = "virtio-rng", .id = VIRTIO_ID_RNG, .probe = probe};

status_t virtio_rng_read(void *out, size_t len) {
    ENTRY_USE(virtio_rng_driver);
    if (!rng.present) {
        return ERR_NOT_FOUND;
    }
    uint8_t *to = out;
    while (len > 0) {
        uint32_t n = len < PAGE_SIZE ? (uint32_t)len : (uint32_t)PAGE_SIZE, got;
        uint16_t head;
        status_t s = virtq_add(&rng.queue, &(virtq_buf_t){rng.buffer, n, true}, 1, &head);
        if (s != STATUS_OK) {
            return ERR_IO; /* a request that timed out still holds the queue */
        }
        virtq_kick(&rng.queue);
        s = virtq_wait(&rng.queue, &head, &got, monotonic_ns() + TIMEOUT_NS);
        if (s != STATUS_OK) {
            return s;
        }
        if (got == 0) {
            return ERR_IO;
        }
        memcpy(to, rng.buffer, got);
        memset(rng.buffer, 0, got);
        to += got;
        len -= got;
    }
    return STATUS_OK;
}

static status_t start(void) {
    uint8_t seed[SEED_LEN];
    if (virtio_rng_read(seed, sizeof seed) == STATUS_OK) {
        random_seed(seed, sizeof seed);
        memset(seed, 0, sizeof seed);
    }
    return STATUS_OK;
}

SERVICE(entropy_service) = {.name = "entropy", .order = SERVICE_ORDER, .start = start};
