/* SPDX-License-Identifier: MIT */
/*
 * A virtio-mmio device in software, and the kernel services that the drivers ask for. The device
 * side reads and writes the rings exactly where the driver told it they are, so addresses, layouts
 * and register sequences are tested for real. Physical addresses are offsets into one arena.
 */
#ifndef INGOT_TESTS_HOST_VIRTIO_SIM_H
#define INGOT_TESTS_HOST_VIRTIO_SIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/drivers/virtio.h"

#define SIM_QUEUES 12u
#define SIM_CONFIG_LEN 256u
#define SIM_WINDOW_LEN 0x200u

typedef struct sim_queue {
    uint32_t num, ready, pfn, align;
    uint64_t desc, driver, device;
    uint16_t seen; /* available entries taken */
    uint16_t used; /* used index written */
    unsigned kicks;
} sim_queue_t;

typedef struct sim_device sim_device_t;
struct sim_device {
    bool modern;
    uint32_t id;
    uint64_t offered, accepted;
    uint32_t queue_max;
    unsigned n_queues;
    uint32_t status, features_sel, driver_sel, queue_sel, interrupt, guest_page_size;
    uint32_t config_generation;
    bool refuse_features; /* never keeps FEATURES_OK */
    uint8_t config[SIM_CONFIG_LEN];
    sim_queue_t queues[SIM_QUEUES];
    void (*notify)(sim_device_t *d, unsigned queue); /* the device model; may be NULL */
    void (*idle)(sim_device_t *d); /* called when the driver sleeps; NULL: sleeping is a failure */
    uint8_t window;                /* its address is the driver's register window */
};

/* A fresh machine: empty arena, no device. */
void sim_reset(void);
void sim_device_init(sim_device_t *d, bool modern, uint32_t id, uint64_t features);
virtio_slot_t sim_slot(sim_device_t *d);

/* Device side of a queue. take: the next available chain, ERR_BUSY (false) when none. */
typedef struct sim_piece {
    uint8_t *data;
    uint32_t len;
    bool writable;
} sim_piece_t;
bool sim_take(sim_device_t *d, unsigned queue, uint16_t *head, sim_piece_t *pieces, unsigned *n);
void sim_use(sim_device_t *d, unsigned queue, uint32_t id, uint32_t len);
/* Hostile writes. */
void sim_set_used_idx(sim_device_t *d, unsigned queue, uint16_t idx);
void sim_write_used(sim_device_t *d, unsigned queue, uint16_t at, uint32_t id, uint32_t len);
uint16_t sim_avail_idx(sim_device_t *d, unsigned queue);

/* Where to go when the driver sleeps and nobody will ever wake it. */
extern jmp_buf *sim_stuck;
extern uint64_t sim_now;
extern bool sim_quiet_log;
extern unsigned sim_log_lines;

#endif
