/* SPDX-License-Identifier: MIT */
/*
 * The virtio transport of 9P: one mount tag a device. Source: VIRTIO 1.2, section 5.10 is reserved
 * for it; the interface (mount tag in the configuration space, requests on queue 0) is Linux's
 * include/uapi/linux/virtio_9p.h.
 */
#ifndef INGOT_KERNEL_DRIVERS_VIRTIO_9P_H
#define INGOT_KERNEL_DRIVERS_VIRTIO_9P_H

#include "hal/status.h"
#include "kernel/fs/ninep.h"

/* The transport of the device with mount tag `tag`, started now. To be called once a tag.
 * ERR_NOT_FOUND without such a device. */
status_t virtio_9p_open(const char *tag, p9_transport_t **out);

#endif
