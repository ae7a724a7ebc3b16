/* SPDX-License-Identifier: MIT */
/*
 * Device registers: accesses of exactly the width asked for, in program order. `base` is a window
 * from device_map(). Registers are little-endian, as the machine is.
 */
#ifndef INGOT_KERNEL_DRIVERS_MMIO_H
#define INGOT_KERNEL_DRIVERS_MMIO_H

#include <stddef.h>
#include <stdint.h>

/* Orders what was done to memory before with what is done to the device after, and vice versa. */
static inline void mmio_barrier(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#ifdef __riscv

static inline uint8_t mmio_read8(void *base, size_t offset) {
    return *(volatile uint8_t *)((uint8_t *)base + offset);
}

static inline uint32_t mmio_read32(void *base, size_t offset) {
    return *(volatile uint32_t *)((uint8_t *)base + offset);
}

static inline void mmio_write8(void *base, size_t offset, uint8_t value) {
    *(volatile uint8_t *)((uint8_t *)base + offset) = value;
}

static inline void mmio_write32(void *base, size_t offset, uint32_t value) {
    *(volatile uint32_t *)((uint8_t *)base + offset) = value;
}

#else /* the simulated devices of the host tests */

uint8_t mmio_read8(void *base, size_t offset);
uint32_t mmio_read32(void *base, size_t offset);
void mmio_write8(void *base, size_t offset, uint8_t value);
void mmio_write32(void *base, size_t offset, uint32_t value);

#endif

#endif
