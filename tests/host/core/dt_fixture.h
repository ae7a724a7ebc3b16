/* SPDX-License-Identifier: MIT */
/* A small device tree with chosen faults, and the driver that its devices match. */
#ifndef INGOT_TESTS_HOST_CORE_DT_FIXTURE_H
#define INGOT_TESTS_HOST_CORE_DT_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/core/dt.h"

typedef struct tree_spec {
    bool no_memory, no_timebase, memory_wraps, memory_short;
} tree_spec_t;

/* Writes the tree into `blob`; aborts when it does not fit. */
void make_tree(uint8_t *blob, size_t size, const tree_spec_t *spec);

extern dt_device_t probed[8];
extern unsigned probed_count;
void fixture_reset(void);

#endif
