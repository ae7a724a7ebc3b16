/* SPDX-License-Identifier: MIT */
/*
 * Interrupt lines, used only to end `wfi` (see wait.h). No code runs from an interrupt: whoever
 * waits calls irq_ack_pending() afterwards, which quiets the devices that asked for attention.
 */
#ifndef INGOT_KERNEL_CORE_IRQ_H
#define INGOT_KERNEL_CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/status.h"

/* Takes a device's request back, so that its line falls; it may be called without reason. */
typedef void (*irq_quiet_t)(void *arg);

/* Lets line `irq` end wait_for_interrupt(). May be called before the interrupt controller was
 * probed. `quiet` may be NULL where the caller's next look at the device lowers the line.
 * ERR_INVALID for line 0, ERR_NO_MEMORY when the fixed table is full. */
status_t irq_enable(uint32_t irq, irq_quiet_t quiet, void *arg);

/* The hart whose wfi the lines shall end, by the firmware's number. Before the first wait. */
void irq_set_hart(uint64_t hart_id);

/* Claims every pending line, quiets its device, completes it. */
void irq_ack_pending(void);

/* Whether every enabled line has been claimed once: until then nothing says that the device tree
 * tells the right lines. */
bool irq_all_seen(void);

/* False where no interrupt controller serves this hart: then waiting must poll by the timer. The
 * first call sets the controller up, so that an image that never waits never pays for it. */
bool irq_available(void);

#endif
