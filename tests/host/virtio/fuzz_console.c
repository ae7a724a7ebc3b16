/* SPDX-License-Identifier: MIT */
/*
 * A virtio-serial device that says what the fuzzer says, on every queue, while a module reads and
 * writes. The driver is included so that each run starts from a fresh copy of its state.
 */
#include <assert.h>
#include <string.h>

#include "kernel/drivers/virtio_console.c" /* NOLINT: the unit under test */
#include "tests/host/virtio/sim.h"

static const uint8_t *in, *end;
static sim_device_t sim;

static uint32_t number(unsigned bytes) {
    uint32_t v = 0;
    for (; bytes > 0 && in < end; bytes--) {
        v = v << 8 | *in++;
    }
    return v;
}

/* One thing that a device can do. */
static void act(void) {
    unsigned op = number(1), queue = 2 + op % 8;
    uint16_t head;
    sim_piece_t pieces[16];
    unsigned n;
    if (console.dev.broken || !sim.queues[queue].ready) {
        return;
    }
    if ((op & 0x80) != 0) { /* a lie */
        sim_write_used(&sim, queue, (uint16_t)number(1), number(2), number(2));
        sim_set_used_idx(&sim, queue, (uint16_t)number(2));
        return;
    }
    if (!sim_take(&sim, queue, &head, pieces, &n)) {
        return;
    }
    uint32_t len = 0;
    if (pieces[0].writable) {
        static const char *const names[] = {"ingot.stdin", "ingot.stdout", "ingot.stderr", "x"};
        if (queue == 2) {
            ctrl_message_t m = {number(1), (uint16_t)(number(1) % 10), (uint16_t)number(1)};
            const char *name = names[number(1) % 4];
            memcpy(pieces[0].data, &m, sizeof m);
            len = sizeof m;
            if (m.event == CTRL_PORT_NAME) {
                memcpy(pieces[0].data + len, name, strlen(name));
                len += (uint32_t)strlen(name);
            }
            len = (op & 0x40) != 0 ? number(1) : len;
        } else {
            len = number(2) % (pieces[0].len + 1);
        }
    }
    sim_use(&sim, queue, head, len);
}

static void on_notify(sim_device_t *d, unsigned queue) {
    (void)d;
    (void)queue;
    for (unsigned n = number(1) % 4; n > 0; n--) {
        act();
    }
}

static jmp_buf out_of_input;

static void on_idle(sim_device_t *d) {
    (void)d;
    if (in == end) {
        longjmp(out_of_input, 1); /* the driver waits for a device that will never speak again */
    }
    act();
}

static void module(void) {
    static uint8_t buf[8192];
    virtio_console_t c = virtio_console_streams();
    while (in < end) {
        size_t n;
        switch (number(1) % 6) {
        case 0:
            if (c.in != NULL && c.in->read(c.in, buf, number(2) % sizeof buf, &n) == STATUS_OK) {
                assert(n <= sizeof buf);
            }
            break;
        case 1:
            if (c.in != NULL) {
                c.in->ready(c.in, &n);
            }
            break;
        case 2:
            if (c.out != NULL) {
                c.out->write(c.out, buf, number(2) % sizeof buf);
            }
            break;
        case 3:
            if (c.err != NULL) {
                c.err->write(c.err, buf, number(2) % sizeof buf);
            }
            break;
        case 4:
            if (c.out != NULL) {
                c.out->flush(c.out);
            }
            break;
        default:
            act();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    in = data;
    end = data + size;
    memset(&console, 0, sizeof console);
    sim_reset();
    sim_quiet_log = true;
    sim_device_init(&sim, (number(1) & 1) != 0, VIRTIO_ID_CONSOLE, F_MULTIPORT);
    sim.config[CONFIG_MAX_NR_PORTS] = (uint8_t)number(1);
    sim.notify = on_notify;
    sim.idle = on_idle;
    virtio_slot_t slot = sim_slot(&sim);
    if (setjmp(out_of_input) == 0 && probe(&slot) == STATUS_OK) {
        module();
    }
    return 0;
}
