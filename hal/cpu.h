/* SPDX-License-Identifier: MIT */
/*
 * The hart: identity, waiting, time, counters, stacks and random layout of frames.
 */
#ifndef INGOT_HAL_CPU_H
#define INGOT_HAL_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Per-hart state is reached through this index: 0 for the boot hart. */
unsigned hal_hart_index(void);

/* The timebase counter; ticks per second come from the device tree. */
uint64_t hal_time_ticks(void);
/* Makes wfi end when the timebase reaches `ticks`; UINT64_MAX cancels. */
void hal_timer_arm(uint64_t ticks);
/* Sleeps until an interrupt that is enabled below is pending. */
void hal_wait(void);
/* Which interrupt kinds end hal_wait(), and are taken where interrupts are. */
void hal_wake_on(bool timer, bool external);
/* Whether interrupts that are enabled above are taken, as traps; at first they are not. Answers how
 * it was. */
bool hal_take_interrupts(bool on);

/* Retired instructions since power-on, where the firmware lets us read them; else 0. */
uint64_t hal_instructions_retired(void);

/* The caller's stack pointer. */
uint64_t hal_stack_pointer(void);

_Noreturn void hal_halt(void);

#endif
