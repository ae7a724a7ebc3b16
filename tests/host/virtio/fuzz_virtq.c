/* SPDX-License-Identifier: MIT */
/*
 * A device that writes what the fuzzer says into the used ring. Whatever it writes: no access
 * outside the queue, a chain comes back at most once and with no more than its room, and after the
 * first breach the device is broken for good. Input: one operation a byte, operands behind it.
 */
#include <assert.h>
#include <string.h>

#include "kernel/core/device.h"
#include "tests/host/virtio/sim.h"

static const uint8_t *in, *end;

static uint32_t number(unsigned bytes) {
    uint32_t v = 0;
    for (; bytes > 0 && in < end; bytes--) {
        v = v << 8 | *in++;
    }
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static sim_device_t sim;
    static virtio_device_t dev;
    static virtq_t q;
    static uint32_t room[VIRTQ_MAX];
    static bool flying[VIRTQ_MAX];
    in = data;
    end = data + size;
    sim_reset();
    sim_quiet_log = true;
    sim_device_init(&sim, (number(1) & 1) != 0, VIRTIO_ID_RNG, 0);
    virtio_slot_t slot = sim_slot(&sim);
    void *memory;
    memset(flying, 0, sizeof flying);
    if (virtio_open(&dev, &slot, 0, 0) != STATUS_OK ||
        virtq_setup(&q, &dev, 0, (uint16_t)(1u << number(1) % 7)) != STATUS_OK ||
        virtio_start(&dev, &slot) != STATUS_OK || dma_alloc(4096, &memory) != STATUS_OK) {
        return 0;
    }
    while (in < end) {
        uint16_t head;
        uint32_t len;
        switch (number(1) % 5) {
        case 0: {
            virtq_buf_t bufs[4];
            uint16_t n = (uint16_t)(1 + number(1) % 4);
            uint32_t total = 0;
            for (unsigned i = 0; i < n; i++) {
                bufs[i] = (virtq_buf_t){memory, number(1), i > 0};
                total += i > 0 ? bufs[i].len : 0;
            }
            if (virtq_add(&q, bufs, n, &head) == STATUS_OK) {
                assert(head < q.size && !flying[head] && !dev.broken);
                flying[head] = true;
                room[head] = total;
                virtq_kick(&q);
            }
            break;
        }
        case 1:
            sim_write_used(&sim, 0, (uint16_t)number(1), number(4), number(4));
            break;
        case 2:
            sim_set_used_idx(&sim, 0, (uint16_t)number(2));
            break;
        case 3:
            sim_use(&sim, 0, number(1), number(1));
            break;
        default: {
            bool was_broken = dev.broken;
            status_t s = virtq_poll(&q, &head, &len);
            assert(!was_broken || s == ERR_IO);
            assert((s == ERR_CORRUPT || s == ERR_IO) == dev.broken);
            if (s == STATUS_OK) {
                assert(head < q.size && flying[head] && len <= room[head]);
                flying[head] = false;
            }
            break;
        }
        }
        if (dev.broken) { /* the reset took the rings from the device */
            assert(virtq_poll(&q, &(uint16_t){0}, &(uint32_t){0}) == ERR_IO);
            break;
        }
    }
    return 0;
}
