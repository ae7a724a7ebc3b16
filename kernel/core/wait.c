/* SPDX-License-Identifier: MIT */
#include "kernel/core/wait.h"

#include <stddef.h>

#include "hal/cpu.h"
#include "kernel/core/clock.h"
#include "kernel/core/irq.h"

#define NS_PER_S UINT64_C(1000000000)

/* Without an interrupt controller a device is looked at this often; one that has not interrupted yet
 * seldom, as it may be the device tree that is wrong about its line. */
#define POLL_NS UINT64_C(1000000)
#define UNSEEN_POLL_NS UINT64_C(20000000)

static uint64_t timebase_hz = 1;

void clock_set_timebase(uint64_t hz) {
    timebase_hz = hz;
}

uint64_t clock_resolution_ns(void) {
    return timebase_hz >= NS_PER_S ? 1 : NS_PER_S / timebase_hz;
}

uint64_t monotonic_ns(void) {
    uint64_t ticks = hal_time_ticks();
    return ticks / timebase_hz * NS_PER_S + ticks % timebase_hz * NS_PER_S / timebase_hz;
}

/* Rounded up, so that nobody wakes just before the deadline; far ones mean never. */
static uint64_t ns_to_ticks(uint64_t ns) {
    uint64_t seconds = ns / NS_PER_S, rest = ns % NS_PER_S, ticks;
    if (__builtin_mul_overflow(seconds, timebase_hz, &ticks)) {
        return UINT64_MAX;
    }
    return ticks + (rest * timebase_hz + NS_PER_S - 1) / NS_PER_S;
}

static struct {
    uint64_t (*earliest)(void);
    void (*check)(void);
    void (*rearm)(void);
} hooks;

void wait_set_hooks(uint64_t (*earliest)(void), void (*check)(void), void (*rearm)(void)) {
    hooks.earliest = earliest;
    hooks.check = check;
    hooks.rearm = rearm;
}

void timer_interrupt_at(uint64_t ns) {
    bool on = ns != WAIT_FOREVER;
    hal_timer_arm(on ? ns_to_ticks(ns) : UINT64_MAX);
    hal_wake_on(on, false);
}

static void wait_until(uint64_t deadline_ns) {
    bool lines = irq_available();
    if (!lines || !irq_all_seen()) {
        uint64_t poll = monotonic_ns() + (lines ? UNSEEN_POLL_NS : POLL_NS);
        deadline_ns = poll < deadline_ns ? poll : deadline_ns;
    }
    bool timed = deadline_ns != WAIT_FOREVER;
    if (timed) {
        hal_timer_arm(ns_to_ticks(deadline_ns));
    }
    hal_wake_on(timed, lines);
    hal_wait();
    hal_wake_on(false, false);
    if (timed) {
        hal_timer_arm(UINT64_MAX);
    }
    irq_ack_pending();
}

void wait_for_interrupt(uint64_t deadline_ns) {
    if (hooks.earliest == NULL) {
        wait_until(deadline_ns);
        return;
    }
    hal_take_interrupts(false);
    uint64_t earliest = hooks.earliest();
    wait_until(earliest < deadline_ns ? earliest : deadline_ns);
    hooks.check(); /* first: the interrupt would find the kernel, and come back later */
    hooks.rearm();
    hal_take_interrupts(true);
}
