/* SPDX-License-Identifier: MIT */
/*
 * No wake-up is lost: the driver against two controllers in software. One raises the hart's line as
 * the specification has it, whenever a pending line is enabled and above the threshold. The other
 * is QEMU's: it looks only when a line rises, when a priority or the threshold is written, and at
 * claim and completion; a line that falls stays pending. The driver is included, so that each test
 * starts from a fresh copy of its state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/drivers/plic.c" /* NOLINT: the unit under test */

#define N_IRQ 8u
#define HART_PHANDLE 7u

/* Our hart has context 1. */
static const uint8_t extended[] = {0, 0, 0, HART_PHANDLE, 0, 0, 0, 11,
                                   0, 0, 0, HART_PHANDLE, 0, 0, 0, 9};

static struct {
    bool lazy; /* QEMU's */
    uint32_t priority[N_IRQ], enables, threshold;
    bool level[N_IRQ], pending[N_IRQ], claimed[N_IRQ];
    bool raised; /* the hart's line: wfi would end */
    uint8_t priorities_window, enables_window, context_window;
} sim;

static uint32_t best(void) {
    uint32_t found = 0;
    for (uint32_t irq = 1; irq < N_IRQ; irq++) {
        if (sim.pending[irq] && !sim.claimed[irq] && (sim.enables >> irq & 1) != 0 &&
            sim.priority[irq] > sim.threshold &&
            (found == 0 || sim.priority[irq] > sim.priority[found])) {
            found = irq;
        }
    }
    return found;
}

static void look(void) {
    sim.raised = best() != 0;
}

static void line(uint32_t irq, bool level) {
    sim.level[irq] = level;
    if (level) {
        sim.pending[irq] = true;
        look();
    } else if (!sim.lazy) {
        sim.pending[irq] = false;
        look();
    }
}

/* ---- registers ---- */

uint8_t mmio_read8(void *base, size_t offset) {
    (void)base;
    (void)offset;
    fail();
    return 0;
}

void mmio_write8(void *base, size_t offset, uint8_t value) {
    (void)base;
    (void)offset;
    (void)value;
    fail();
}

uint32_t mmio_read32(void *base, size_t offset) {
    if (base == &sim.enables_window) {
        assert_int_equal(offset, 0);
        return sim.enables;
    }
    assert_ptr_equal(base, &sim.context_window);
    assert_int_equal(offset, CONTEXT_CLAIM);
    uint32_t irq = best();
    if (irq != 0) {
        sim.pending[irq] = false;
        sim.claimed[irq] = true;
    }
    look();
    return irq;
}

void mmio_write32(void *base, size_t offset, uint32_t value) {
    if (base == &sim.priorities_window) {
        assert_true(offset % 4 == 0 && offset / 4 < N_IRQ);
        sim.priority[offset / 4] = value;
        look();
    } else if (base == &sim.enables_window) {
        assert_int_equal(offset, 0);
        sim.enables = value;
        if (!sim.lazy) {
            look();
        }
    } else if (offset == CONTEXT_THRESHOLD) {
        sim.threshold = value;
        look();
    } else {
        assert_int_equal(offset, CONTEXT_CLAIM);
        assert_true(value > 0 && value < N_IRQ && sim.claimed[value]);
        sim.claimed[value] = false;
        if (!sim.lazy && sim.level[value]) {
            sim.pending[value] = true;
        }
        look();
    }
}

/* ---- the kernel's services ---- */

status_t device_map(prange_t reg, const char *name, void **out) {
    (void)name;
    *out = reg.start.raw == 0            ? &sim.priorities_window
           : reg.start.raw == ENABLES(1) ? &sim.enables_window
                                         : &sim.context_window;
    return STATUS_OK;
}

const void *dt_prop(int node, const char *name, int *len) {
    (void)node;
    assert_string_equal(name, "interrupts-extended");
    *len = sizeof extended;
    return extended;
}

uint32_t dt_prop_u32(int node, const char *name, uint32_t fallback) {
    (void)node;
    (void)fallback;
    assert_string_equal(name, "riscv,ndev");
    return N_IRQ - 1;
}

status_t dt_hart_intc(uint64_t hart_id, uint32_t *phandle) {
    assert_int_equal(hart_id, 3);
    *phandle = HART_PHANDLE;
    return STATUS_OK;
}

void log_message(log_level_t level, const char *room, const char *format, ...) {
    (void)level;
    (void)room;
    (void)format;
}

const char *status_text(status_t s) {
    (void)s;
    return "status";
}

/* ---- devices: each has work that it tells of by its line, as virtio devices do ---- */

typedef struct device {
    uint32_t irq;
    bool work, status;
    bool again; /* more work comes between the claim and the look */
} device_t;

static device_t devices[N_IRQ];

static void offer_work(device_t *d) {
    d->work = d->status = true;
    line(d->irq, true);
}

static void quiet_device(void *arg) {
    device_t *d = arg;
    if (d->again) {
        d->again = false;
        offer_work(d);
    }
    d->status = false;
    line(d->irq, false);
    if (d->work && rand() % 4 == 0) {
        offer_work(d);
    }
}

static void start_with(bool lazy) {
    memset(&sim, 0, sizeof sim);
    memset(&plic, 0, sizeof plic);
    memset(devices, 0, sizeof devices);
    n_lines = 0;
    sim.lazy = lazy;
    sim.threshold = 7; /* what firmware left */
    for (uint32_t irq = 1; irq < N_IRQ; irq++) {
        devices[irq].irq = irq;
    }
    irq_set_hart(3);
    const dt_device_t node = {.reg = {PADDR(0), 0x600000}};
    assert_int_equal(probe(&node), STATUS_OK);
}

static void add(uint32_t irq) {
    assert_int_equal(irq_enable(irq, quiet_device, &devices[irq]), STATUS_OK);
}

/* The controller is set up at the first wait; a device may have called long before. */
static void called_before_the_first_wait(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        start_with(lazy);
        add(2);
        offer_work(&devices[2]);
        assert_false(sim.raised);
        assert_true(irq_available());
        assert_true(sim.raised);
    }
}

static void called_before_it_was_enabled(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        start_with(lazy);
        add(2);
        assert_true(irq_available());
        offer_work(&devices[5]);
        assert_false(sim.raised);
        add(5);
        assert_true(sim.raised);
    }
}

static void calls_again_between_claim_and_look(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        start_with(lazy);
        add(2);
        assert_true(irq_available());
        offer_work(&devices[2]);
        devices[2].again = true;
        irq_ack_pending();
        /* Told of by the ring that the driver looks at now, or by the line. */
        assert_true(devices[2].work);
        devices[2].work = false;
        offer_work(&devices[2]);
        assert_true(sim.raised);
    }
}

/* A line is trusted once it was claimed. */
static void knows_which_lines_were_seen(void **state) {
    (void)state;
    for (int lazy = 0; lazy < 2; lazy++) {
        start_with(lazy);
        assert_true(irq_all_seen());
        add(2);
        add(5);
        assert_true(irq_available());
        assert_false(irq_all_seen());
        offer_work(&devices[5]);
        irq_ack_pending();
        assert_false(irq_all_seen());
        offer_work(&devices[2]);
        irq_ack_pending();
        assert_true(irq_all_seen());
    }
}

/* Whenever the driver is about to sleep and a device has work that came after the driver's last
 * look, the hart's line is raised. */
static void never_sleeps_on_work(void **state) {
    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        start_with(round % 2 == 0);
        unsigned added = 0;
        for (int step = 0; step < 60; step++) {
            uint32_t irq = 1 + (uint32_t)rand() % (N_IRQ - 1);
            switch (rand() % 4) {
            case 0:
                if ((added >> irq & 1) == 0) {
                    added |= 1u << irq;
                    add(irq);
                }
                break;
            case 1:
                offer_work(&devices[irq]);
                devices[irq].again = rand() % 4 == 0;
                break;
            case 2: /* a look at the rings without a wait */
                devices[irq].work = false;
                break;
            default:
                assert_true(irq_available());
                for (uint32_t i = 1; i < N_IRQ; i++) {
                    if ((added >> i & 1) != 0 && devices[i].work) {
                        assert_true(sim.raised);
                    }
                }
                irq_ack_pending();
                for (uint32_t i = 1; i < N_IRQ; i++) {
                    devices[i].work = false;
                }
                break;
            }
        }
    }
}

static void refuses_what_is_no_line(void **state) {
    (void)state;
    start_with(true);
    assert_int_equal(irq_enable(0, NULL, NULL), ERR_INVALID);
    assert_int_equal(irq_enable(MAX_IRQ + 1, NULL, NULL), ERR_INVALID);
    assert_int_equal(irq_enable(N_IRQ, NULL, NULL), STATUS_OK); /* not of this controller */
    assert_true(irq_available());
    for (unsigned i = 1; i < MAX_LINES; i++) {
        assert_int_equal(irq_enable(1, NULL, NULL), STATUS_OK);
    }
    assert_int_equal(irq_enable(1, NULL, NULL), ERR_NO_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(called_before_the_first_wait),
        cmocka_unit_test(called_before_it_was_enabled),
        cmocka_unit_test(calls_again_between_claim_and_look),
        cmocka_unit_test(knows_which_lines_were_seen),
        cmocka_unit_test(never_sleeps_on_work),
        cmocka_unit_test(refuses_what_is_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
