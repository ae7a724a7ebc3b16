/* SPDX-License-Identifier: MIT */
/* Feature negotiation and split rings, over both kinds of the MMIO transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/core/device.h"
#include "kernel/drivers/virtio_mmio.h"
#include "tests/host/virtio/sim.h"

static sim_device_t sim;
static virtio_device_t dev;
static virtq_t queue;
static uint8_t *memory;

static void start(bool modern, uint16_t size) {
    sim_reset();
    sim_quiet_log = true;
    sim_device_init(&sim, modern, VIRTIO_ID_RNG, 0x5);
    virtio_slot_t slot = sim_slot(&sim);
    assert_int_equal(virtio_open(&dev, &slot, 0, 0x1), STATUS_OK);
    assert_int_equal(virtq_setup(&queue, &dev, 1, size), STATUS_OK);
    assert_int_equal(virtio_start(&dev, &slot), STATUS_OK);
    void *p;
    assert_int_equal(dma_alloc(65536, &p), STATUS_OK);
    memory = p;
}

static uint16_t add(uint32_t read_len, uint32_t write_len) {
    virtq_buf_t bufs[2];
    uint16_t n = 0, head;
    if (read_len > 0) {
        bufs[n++] = (virtq_buf_t){memory, read_len, false};
    }
    if (write_len > 0) {
        bufs[n++] = (virtq_buf_t){memory + 4096, write_len, true};
    }
    assert_int_equal(virtq_add(&queue, bufs, n, &head), STATUS_OK);
    return head;
}

static void expect_broken(void) {
    uint16_t head = 77;
    uint32_t len = 77;
    assert_int_equal(virtq_poll(&queue, &head, &len), ERR_CORRUPT);
    assert_true(dev.broken);
    assert_int_equal(head, 77);
    assert_int_equal(len, 77);
    assert_int_equal(virtq_poll(&queue, &head, &len), ERR_IO);
    assert_int_equal(virtq_add(&queue, &(virtq_buf_t){memory, 1, true}, 1, &head), ERR_IO);
    assert_int_equal(sim.status, VIRTIO_STATUS_FAILED);
    assert_int_equal(sim_log_lines, 1);
}

static void negotiates(void **state) {
    (void)state;
    for (int modern = 0; modern < 2; modern++) {
        start(modern, 8);
        uint64_t agreed = modern ? VIRTIO_F_VERSION_1 | 1 : 1;
        assert_int_equal(dev.features, agreed);
        assert_int_equal(sim.accepted, agreed);
        assert_int_equal(sim.status, modern ? 0xf : 0x7);
    }
}

static void refuses_without_required_feature(void **state) {
    (void)state;
    sim_reset();
    sim_device_init(&sim, true, VIRTIO_ID_RNG, 0);
    virtio_slot_t slot = sim_slot(&sim);
    assert_int_equal(virtio_open(&dev, &slot, 0x2, 0), ERR_UNSUPPORTED);
    assert_true(sim.status & VIRTIO_STATUS_FAILED);
    sim_device_init(&sim, true, VIRTIO_ID_RNG, 0);
    sim.offered = 0; /* a modern device that is none */
    assert_int_equal(virtio_open(&dev, &slot, 0, 0), ERR_UNSUPPORTED);
    sim_device_init(&sim, true, VIRTIO_ID_RNG, 0);
    sim.refuse_features = true;
    assert_int_equal(virtio_open(&dev, &slot, 0, 0), ERR_IO);
}

static void config_is_bounded(void **state) {
    (void)state;
    for (int modern = 0; modern < 2; modern++) {
        start(modern, 8);
        memcpy(sim.config, "abcdef", 6);
        char out[8] = "zzzzzzz";
        assert_int_equal(virtio_config(&dev, 1, out, 3), STATUS_OK);
        assert_memory_equal(out, "bcdz", 4);
        assert_int_equal(virtio_config(&dev, 254, out, 3), ERR_RANGE);
        assert_int_equal(virtio_config(&dev, SIZE_MAX, out, 3), ERR_RANGE);
        assert_memory_equal(out, "bcdz", 4);
    }
}

static void setup_errors(void **state) {
    (void)state;
    start(true, 8);
    virtq_t q;
    assert_int_equal(virtq_setup(&q, &dev, SIM_QUEUES, 8), ERR_NOT_FOUND);
    assert_int_equal(virtq_setup(&q, &dev, 0, 0), ERR_INVALID);
    assert_int_equal(virtq_setup(&q, &dev, 0, 12), ERR_INVALID);
    assert_int_equal(virtq_setup(&q, &dev, 0, 128), ERR_INVALID);
    sim.queue_max = 5;
    assert_int_equal(virtq_setup(&q, &dev, 0, 64), STATUS_OK);
    assert_int_equal(q.size, 4);
}

static void passes_data(void **state) {
    (void)state;
    for (int modern = 0; modern < 2; modern++) {
        start(modern, 8);
        memcpy(memory, "question", 8);
        uint16_t head = add(8, 100), got_head, taken;
        virtq_kick(&queue);
        assert_int_equal(sim.queues[1].kicks, 1);
        sim_piece_t pieces[8];
        unsigned n;
        assert_true(sim_take(&sim, 1, &taken, pieces, &n));
        assert_int_equal(n, 2);
        assert_int_equal(pieces[0].len, 8);
        assert_false(pieces[0].writable);
        assert_memory_equal(pieces[0].data, "question", 8);
        assert_int_equal(pieces[1].len, 100);
        assert_true(pieces[1].writable);
        memcpy(pieces[1].data, "answer", 6);
        uint32_t len;
        assert_int_equal(virtq_poll(&queue, &got_head, &len), ERR_BUSY);
        sim_use(&sim, 1, taken, 6);
        assert_int_equal(virtq_poll(&queue, &got_head, &len), STATUS_OK);
        assert_int_equal(got_head, head);
        assert_int_equal(len, 6);
        assert_memory_equal(memory + 4096, "answer", 6);
        assert_int_equal(queue.n_free, 8);
    }
}

static void fills_up(void **state) {
    (void)state;
    start(true, 8);
    for (int i = 0; i < 4; i++) {
        add(1, 1);
    }
    uint16_t head = 9;
    assert_int_equal(virtq_add(&queue, &(virtq_buf_t){memory, 1, true}, 1, &head), ERR_BUSY);
    assert_int_equal(virtq_add(&queue, NULL, 0, &head), ERR_INVALID);
    virtq_buf_t many[9] = {{0}};
    assert_int_equal(virtq_add(&queue, many, 9, &head), ERR_INVALID);
    assert_int_equal(head, 9);
}

static void honours_no_notify(void **state) {
    (void)state;
    start(true, 8);
    queue.used[0] = 1;
    add(1, 0);
    virtq_kick(&queue);
    assert_int_equal(sim.queues[1].kicks, 0);
    queue.used[0] = 0;
    virtq_kick(&queue);
    assert_int_equal(sim.queues[1].kicks, 1);
}

/* Chains of random length, used in random order, across many turns of the 16-bit indices. */
static void random_traffic(void **state) {
    (void)state;
    const char *env = getenv("INGOT_TEST_ROUNDS");
    unsigned rounds = env != NULL ? (unsigned)atoi(env) : 200000;
    for (int modern = 0; modern < 2; modern++) {
        start(modern, 16);
        srand(7);
        struct {
            uint16_t id;
            uint32_t room;
        } flight[16];
        unsigned n_flight = 0, free_desc = 16, n_of[64] = {0};
        for (unsigned r = 0; r < rounds; r++) {
            unsigned want = 1 + (unsigned)rand() % 4;
            if (rand() % 2 && want <= free_desc) {
                virtq_buf_t bufs[4];
                uint32_t room = 0;
                for (unsigned i = 0; i < want; i++) {
                    bufs[i] =
                        (virtq_buf_t){memory + i * 64, 1 + (uint32_t)rand() % 64, i >= want / 2};
                    room += i >= want / 2 ? bufs[i].len : 0;
                }
                uint16_t head, taken;
                assert_int_equal(virtq_add(&queue, bufs, (uint16_t)want, &head), STATUS_OK);
                sim_piece_t pieces[16];
                unsigned n;
                assert_true(sim_take(&sim, 1, &taken, pieces, &n));
                assert_int_equal(taken, head);
                assert_int_equal(n, want);
                n_of[head] = want;
                flight[n_flight].id = head;
                flight[n_flight++].room = room;
                free_desc -= want;
            } else if (n_flight > 0) {
                unsigned pick = (unsigned)rand() % n_flight;
                uint32_t len = (uint32_t)rand() % (flight[pick].room + 1), got;
                uint16_t id = flight[pick].id, head;
                sim_use(&sim, 1, id, len);
                flight[pick] = flight[--n_flight];
                assert_int_equal(virtq_poll(&queue, &head, &got), STATUS_OK);
                assert_int_equal(head, id);
                assert_int_equal(got, len);
                free_desc += n_of[id];
            }
            assert_int_equal(queue.n_free, free_desc);
            assert_int_equal(queue.in_flight, n_flight);
        }
    }
}

static void index_runs_ahead(void **state) {
    (void)state;
    start(true, 8);
    add(1, 0);
    sim_set_used_idx(&sim, 1, 2);
    expect_broken();
    start(true, 8);
    sim_set_used_idx(&sim, 1, 1);
    expect_broken();
    start(true, 8);
    add(1, 0);
    sim_set_used_idx(&sim, 1, 0xffff); /* backwards */
    expect_broken();
}

static void id_out_of_range(void **state) {
    (void)state;
    static const uint32_t ids[] = {8, 0xffff, 0x10000, 0xffffffff, 5};
    for (unsigned i = 0; i < 5; i++) {
        start(true, 8);
        add(1, 0);
        sim_use(&sim, 1, ids[i], 0);
        expect_broken();
    }
}

static void id_inside_a_chain(void **state) {
    (void)state;
    start(true, 8);
    uint16_t head = add(1, 1);
    sim_use(&sim, 1, queue.next[head], 0);
    expect_broken();
}

static void id_twice(void **state) {
    (void)state;
    start(true, 8);
    uint16_t head = add(1, 0), got;
    add(1, 0);
    sim_use(&sim, 1, head, 0);
    sim_use(&sim, 1, head, 0);
    uint32_t len;
    assert_int_equal(virtq_poll(&queue, &got, &len), STATUS_OK);
    expect_broken();
}

static void length_beyond_room(void **state) {
    (void)state;
    start(true, 8);
    sim_use(&sim, 1, add(50, 10), 11);
    expect_broken();
    start(true, 8);
    sim_use(&sim, 1, add(50, 0), 1); /* what the device may only read has no room */
    expect_broken();
}

static void waits_with_deadline(void **state) {
    (void)state;
    start(true, 8);
    add(1, 0);
    uint16_t head;
    uint32_t len;
    assert_int_equal(virtq_wait(&queue, &head, &len, 5000), ERR_TIMEOUT);
    assert_int_equal(sim_now, 5000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiates),         cmocka_unit_test(refuses_without_required_feature),
        cmocka_unit_test(config_is_bounded),  cmocka_unit_test(setup_errors),
        cmocka_unit_test(passes_data),        cmocka_unit_test(fills_up),
        cmocka_unit_test(honours_no_notify),  cmocka_unit_test(random_traffic),
        cmocka_unit_test(index_runs_ahead),   cmocka_unit_test(id_out_of_range),
        cmocka_unit_test(id_inside_a_chain),  cmocka_unit_test(id_twice),
        cmocka_unit_test(length_beyond_room), cmocka_unit_test(waits_with_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
