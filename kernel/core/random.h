/* SPDX-License-Identifier: MIT */
/*
 * The kernel's random numbers: ChaCha20 with fast key erasure, seeded at boot from
 * /chosen/rng-seed and, where there is one, the virtio entropy device.
 * Source: RFC 8439, section 2.3 (block function).
 */
#ifndef INGOT_KERNEL_CORE_RANDOM_H
#define INGOT_KERNEL_CORE_RANDOM_H

#include <stddef.h>

#include "hal/status.h"

/* Mixes `len` bytes into the state; may be called again. The generator counts as seeded once 16
 * bytes or more have come in. */
void random_seed(const void *seed, size_t len);

/* ERR_NOT_FOUND, with `out` untouched, when the generator was never seeded. */
status_t random_bytes(void *out, size_t len);

#endif
