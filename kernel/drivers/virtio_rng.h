/* SPDX-License-Identifier: MIT */
/*
 * Entropy from a virtio entropy device. Source: VIRTIO 1.2, section 5.4.
 * Images whose modules ask for random bytes say ENTRY_USE(entropy_service): it mixes 32 bytes of
 * the device into the generator at boot. A machine without the device is no error: the generator
 * then has /chosen/rng-seed alone.
 */
#ifndef INGOT_KERNEL_DRIVERS_VIRTIO_RNG_H
#define INGOT_KERNEL_DRIVERS_VIRTIO_RNG_H

#include <stddef.h>

#include "hal/status.h"
#include "kernel/core/registry.h"

extern const service_t entropy_service;

/* Fills `out` from the device (partly, when it fails on the way). ERR_NOT_FOUND without one,
 * ERR_TIMEOUT when it does not answer. */
status_t virtio_rng_read(void *out, size_t len);

#endif
