/* SPDX-License-Identifier: MIT */
/* The virtio-serial driver against a device model that behaves as QEMU's does, and against one
 * that does not. The driver is included, so that each test starts from a fresh copy of its state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/drivers/virtio_console.c" /* NOLINT: the unit under test */
#include "tests/host/virtio/sim.h"

#define MAX_BUFFERED 40000

static sim_device_t sim;
static struct {
    bool added;
    const char *name;
    bool host_open, guest_open;
    bool stalled; /* takes nothing from its output queue */
    uint8_t out[MAX_BUFFERED];
    size_t out_len;
} model[8];
static bool model_mute;
/* A device in a thread of its own, as QEMU's is from version 8 on: a kick is only noted, and each
 * sleep of the driver lets it do one thing. Slow: what it says after PORT_READY comes one by one,
 * too. */
static bool model_slow;
static uint32_t noted;
static struct {
    uint32_t id;
    uint16_t event;
} later[16];
static unsigned n_later;

static void to_guest(const void *p, size_t len, unsigned q) {
    uint16_t head;
    sim_piece_t pieces[16];
    unsigned n;
    assert_true(sim_take(&sim, q, &head, pieces, &n));
    assert_true(pieces[0].writable && pieces[0].len >= len);
    memcpy(pieces[0].data, p, len);
    sim_use(&sim, q, head, (uint32_t)len);
}

static void control(uint32_t id, uint16_t event, uint16_t value, const char *name) {
    uint8_t m[80];
    ctrl_message_t head = {id, event, value};
    size_t len = name == NULL ? 0 : strlen(name);
    memcpy(m, &head, sizeof head);
    memcpy(m + sizeof head, name == NULL ? "" : name, len);
    to_guest(m, sizeof head + len, 2);
}

static void drain_output(unsigned id) {
    uint16_t head;
    sim_piece_t pieces[16];
    unsigned n, q = 2 * id + 3;
    while (!model[id].stalled && sim_take(&sim, q, &head, pieces, &n)) {
        assert_int_equal(n, 1);
        if (model[id].host_open && model[id].out_len + pieces[0].len <= MAX_BUFFERED) {
            memcpy(model[id].out + model[id].out_len, pieces[0].data, pieces[0].len);
        }
        model[id].out_len += pieces[0].len;
        sim_use(&sim, q, head, 0);
    }
}

static void on_control(const ctrl_message_t *m) {
    switch (m->event) {
    case CTRL_DEVICE_READY:
        for (uint32_t id = 0; id < 8; id++) {
            if (model[id].added) {
                control(id, CTRL_DEVICE_ADD, 1, NULL);
            }
        }
        break;
    case CTRL_PORT_READY:
        if (model_slow) {
            later[n_later].id = m->id;
            later[n_later++].event = CTRL_PORT_NAME;
            later[n_later].id = m->id;
            later[n_later++].event = CTRL_PORT_OPEN;
            break;
        }
        if (model[m->id].name != NULL) {
            control(m->id, CTRL_PORT_NAME, 1, model[m->id].name);
        }
        if (model[m->id].host_open) {
            control(m->id, CTRL_PORT_OPEN, 1, NULL);
        }
        break;
    case CTRL_PORT_OPEN:
        model[m->id].guest_open = m->value != 0;
        break;
    default:
        fail_msg("control event %u", m->event);
    }
}

static void on_notify(sim_device_t *d, unsigned q) {
    (void)d;
    uint16_t head;
    sim_piece_t pieces[16];
    unsigned n;
    if (q == 3) {
        while (sim_take(&sim, 3, &head, pieces, &n)) {
            ctrl_message_t m;
            assert_int_equal(pieces[0].len, sizeof m);
            memcpy(&m, pieces[0].data, sizeof m);
            sim_use(&sim, 3, head, 0);
            if (!model_mute) {
                on_control(&m);
            }
        }
    } else if (q >= 5 && q % 2 == 1) {
        drain_output((q - 3) / 2);
    }
}

static void note(sim_device_t *d, unsigned q) {
    (void)d;
    noted |= 1u << q;
}

static void do_one_thing(sim_device_t *d) {
    if (noted != 0) {
        unsigned q = (unsigned)__builtin_ctz(noted);
        noted &= noted - 1;
        on_notify(d, q);
    } else if (n_later > 0) {
        uint32_t id = later[0].id;
        uint16_t event = later[0].event;
        memmove(later, later + 1, --n_later * sizeof *later);
        control(id, event, 1, event == CTRL_PORT_NAME ? model[id].name : NULL);
    } else if (sim_stuck != NULL) {
        longjmp(*sim_stuck, 1);
    } else {
        fail_msg("the driver sleeps, and the device has nothing to do");
    }
}

static void port(unsigned id, const char *name) {
    model[id].added = true;
    model[id].name = name;
    model[id].host_open = true;
}

static void prepare(bool modern) {
    memset(&console, 0, sizeof console);
    memset(model, 0, sizeof model);
    model_mute = false;
    sim_reset();
    sim_quiet_log = true;
    sim_device_init(&sim, modern, VIRTIO_ID_CONSOLE, F_MULTIPORT);
    sim.config[CONFIG_MAX_NR_PORTS] = 4;
    sim.notify = on_notify;
}

static status_t run_probe(void) {
    virtio_slot_t slot = sim_slot(&sim);
    return probe(&slot);
}

static virtio_console_t standard(bool modern) {
    prepare(modern);
    port(1, "ingot.stdin");
    port(2, "ingot.stdout");
    port(3, "ingot.stderr");
    assert_int_equal(run_probe(), STATUS_OK);
    virtio_console_t c = virtio_console_streams();
    assert_non_null(c.in);
    assert_non_null(c.out);
    assert_non_null(c.err);
    return c;
}

static void finds_ports(void **state) {
    (void)state;
    for (int modern = 0; modern < 2; modern++) {
        standard(modern);
        /* Nothing is opened before it is used. */
        assert_false(model[1].guest_open || model[2].guest_open || model[3].guest_open);
    }
}

static void finds_ports_in_any_order(void **state) {
    (void)state;
    prepare(true);
    port(1, "ingot.stderr");
    port(2, "org.example.other");
    port(3, "ingot.stdout");
    port(5, "ingot.stdin"); /* out of range: left alone */
    assert_int_equal(run_probe(), STATUS_OK);
    virtio_console_t c = virtio_console_streams();
    assert_null(c.in);
    assert_ptr_equal(c.err, &console.ports[0].stream);
    assert_ptr_equal(c.out, &console.ports[2].stream);
}

static void ignores_other_devices(void **state) {
    (void)state;
    prepare(true);
    sim.offered &= ~F_MULTIPORT;
    assert_int_equal(run_probe(), STATUS_OK);
    assert_null(virtio_console_streams().out);
    prepare(true);
    model_mute = true; /* never answers: probing ends all the same */
    assert_int_equal(run_probe(), STATUS_OK);
    assert_null(virtio_console_streams().out);
    assert_true(sim_now >= HANDSHAKE_NS);
}

static void writes(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    assert_int_equal(c.out->write(c.out, "hello", 5), STATUS_OK);
    assert_int_equal(c.err->write(c.err, "oops", 4), STATUS_OK);
    assert_int_equal(c.out->flush(c.out), STATUS_OK);
    assert_true(model[2].guest_open);
    assert_int_equal(model[2].out_len, 5);
    assert_memory_equal(model[2].out, "hello", 5);
    assert_memory_equal(model[3].out, "oops", 4);
    static uint8_t big[33000];
    for (size_t i = 0; i < sizeof big; i++) {
        big[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    assert_int_equal(c.out->write(c.out, big, sizeof big), STATUS_OK);
    assert_int_equal(model[2].out_len, 5 + sizeof big);
    assert_memory_equal(model[2].out + 5, big, sizeof big);
}

/* A device that does its work while the driver sleeps, and one that also speaks late, lose nothing:
 * neither the first bytes written, nor those read, nor is a port taken for closed that is not yet
 * known to be open. */
static void works_on_its_own_time(void **state) {
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        prepare(true);
        sim.notify = note;
        sim.idle = do_one_thing;
        noted = 0;
        n_later = 0;
        model_slow = slow != 0;
        port(1, "ingot.stdin");
        port(2, "ingot.stdout");
        port(3, "ingot.stderr");
        assert_int_equal(run_probe(), STATUS_OK);
        model_slow = false;
        virtio_console_t c = virtio_console_streams();
        char buf[8];
        size_t got;
        assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), ERR_BUSY);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(c.out->write(c.out, "hello", 5), STATUS_OK);
            assert_int_equal(c.err->write(c.err, "oops", 4), STATUS_OK);
        }
        assert_int_equal(c.out->flush(c.out), STATUS_OK);
        assert_int_equal(c.err->flush(c.err), STATUS_OK);
        assert_int_equal(model[2].out_len, 500);
        assert_int_equal(model[3].out_len, 400);
        to_guest("abc", 3, 4);
        assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), STATUS_OK);
        assert_int_equal(got, 3);
        assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), ERR_BUSY);
    }
}

static void unstall(sim_device_t *d) {
    (void)d;
    model[2].stalled = false;
    drain_output(2);
    model[2].stalled = true;
}

static void waits_for_a_slow_host(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    model[2].stalled = true;
    sim.idle = unstall;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(c.out->write(c.out, "0123456789", 10), STATUS_OK);
    }
    assert_true(model[2].out_len < 1000);
    assert_int_equal(c.out->flush(c.out), STATUS_OK);
    assert_int_equal(model[2].out_len, 1000);
}

static void host_goes_away(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    assert_int_equal(c.out->write(c.out, "a", 1), STATUS_OK);
    control(2, CTRL_PORT_OPEN, 0, NULL);
    assert_int_equal(c.out->write(c.out, "b", 1), ERR_IO);
    assert_int_equal(c.out->flush(c.out), ERR_IO);
    assert_int_equal(c.err->write(c.err, "c", 1), STATUS_OK);
}

static void reads_to_the_end(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    char buf[16];
    size_t got = 99, n = 99;
    assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), ERR_BUSY);
    assert_int_equal(got, 99);
    assert_true(model[1].guest_open);
    to_guest("abcdef", 6, 4);
    assert_int_equal(c.in->ready(c.in, &n), STATUS_OK);
    assert_int_equal(n, 6);
    assert_int_equal(c.in->read(c.in, buf, 4, &got), STATUS_OK);
    assert_int_equal(got, 4);
    assert_memory_equal(buf, "abcd", 4);
    to_guest("ghi", 3, 4);
    control(1, CTRL_PORT_OPEN, 0, NULL); /* what came before the end is still read */
    assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), STATUS_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(buf, "efghi", 5);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(c.in->read(c.in, buf, sizeof buf, &got), STATUS_OK);
        assert_int_equal(got, 0);
        assert_int_equal(c.in->ready(c.in, &n), STATUS_OK);
        assert_int_equal(n, 0);
        control(1, CTRL_PORT_OPEN, 1, NULL); /* the end is final */
    }
}

/* Many more bytes than the ring holds, in pieces of all sizes. */
static void reads_a_lot(void **state) {
    (void)state;
    virtio_console_t c = standard(false);
    uint8_t piece[4096], buf[5000];
    size_t got, sent = 0, seen = 0;
    assert_int_equal(c.in->read(c.in, buf, 1, &got), ERR_BUSY);
    for (unsigned round = 0; round < 2000; round++) {
        size_t len = 1 + round * 37 % sizeof piece;
        for (size_t i = 0; i < len; i++) {
            piece[i] = (uint8_t)((sent + i) * 7 >> 3);
        }
        to_guest(piece, len, 4);
        sent += len;
        if (round % 3 == 0 || round == 1999) {
            while (c.in->read(c.in, buf, 1 + round % sizeof buf, &got) == STATUS_OK) {
                for (size_t i = 0; i < got; i++) {
                    assert_int_equal(buf[i], (uint8_t)((seen + i) * 7 >> 3));
                }
                seen += got;
            }
        }
    }
    assert_int_equal(seen, sent);
}

static void empty_pieces_are_not_the_end(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    char buf[4];
    size_t got;
    assert_int_equal(c.in->read(c.in, buf, 4, &got), ERR_BUSY);
    for (int i = 0; i < 50; i++) {
        to_guest("", 0, 4);
        assert_int_equal(c.in->read(c.in, buf, 4, &got), ERR_BUSY);
    }
    to_guest("x", 1, 4);
    assert_int_equal(c.in->read(c.in, buf, 4, &got), STATUS_OK);
    assert_int_equal(got, 1);
}

static void short_control_message_breaks(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    to_guest("1234567", 7, 2);
    assert_int_equal(c.out->write(c.out, "a", 1), ERR_IO);
    assert_true(console.dev.broken);
    char buf[4];
    size_t got;
    assert_int_not_equal(c.in->read(c.in, buf, 4, &got), STATUS_OK);
}

static void odd_control_messages_are_harmless(void **state) {
    (void)state;
    virtio_console_t c = standard(true);
    static const uint16_t events[] = {0, 2, 3, 4, 5, 8, 99, 0xffff};
    for (unsigned i = 0; i < 8; i++) {
        control(0, events[i], 1, "ingot.stdout");
        control(4, events[i], 1, NULL);
        control(0xffffffff, events[i], 0, NULL);
        assert_int_equal(c.out->write(c.out, "a", 1), STATUS_OK);
    }
    control(1, CTRL_PORT_NAME, 1, "ingot.stdout"); /* a port cannot change what it is */
    assert_int_equal(c.out->write(c.out, "a", 1), STATUS_OK);
    assert_int_equal(model[2].out_len, 9);
    control(2, CTRL_DEVICE_REMOVE, 1, NULL);
    assert_int_equal(c.out->write(c.out, "a", 1), ERR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ports),
        cmocka_unit_test(finds_ports_in_any_order),
        cmocka_unit_test(ignores_other_devices),
        cmocka_unit_test(writes),
        cmocka_unit_test(works_on_its_own_time),
        cmocka_unit_test(waits_for_a_slow_host),
        cmocka_unit_test(host_goes_away),
        cmocka_unit_test(reads_to_the_end),
        cmocka_unit_test(reads_a_lot),
        cmocka_unit_test(empty_pieces_are_not_the_end),
        cmocka_unit_test(short_control_message_breaks),
        cmocka_unit_test(odd_control_messages_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
