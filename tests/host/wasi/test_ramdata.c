/* SPDX-License-Identifier: MIT */
/* Files in RAM against a plain array, over a base or not, and when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/fs/ramdata.h"
#include "tests/host/wasi/machine.h"

#define SPACE (3u << 20) /* more than one table's worth of pages */

static uint8_t model[SPACE], base[SPACE / 2], buf[SPACE];
static uint64_t model_size;
static uint32_t rng_state = 1;

static uint32_t rng(uint32_t below) {
    rng_state = rng_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(rng_state >> 4) * below >> 28);
}

/* Small files matter as much as large ones. */
static uint32_t some_offset(void) {
    static const uint32_t ranges[] = {16, 200, 5000, 20000, SPACE};
    return rng(ranges[rng(5)]);
}

static void check_read(const ramdata_t *d, uint64_t offset, size_t len) {
    size_t expected = offset >= model_size        ? 0
                      : len < model_size - offset ? len
                                                  : (size_t)(model_size - offset);
    memset(buf, 0xee, len);
    assert_int_equal(ramdata_read(d, offset, buf, len), expected);
    if (expected > 0) {
        assert_memory_equal(buf, model + offset, expected);
    }
}

static void step(ramdata_t *d) {
    uint32_t offset = some_offset(), len = some_offset();
    len = len < SPACE - offset ? len : SPACE - offset;
    size_t done;
    switch (rng(4)) {
    case 0:
        for (uint32_t i = 0; i < len; i++) {
            buf[i] = (uint8_t)rng(256);
        }
        assert_int_equal(ramdata_write(d, offset, buf, len, &done), STATUS_OK);
        assert_int_equal(done, len);
        memcpy(model + offset, buf, len);
        if (len > 0 && offset + len > model_size) {
            model_size = offset + len;
        }
        break;
    case 1:
        assert_int_equal(ramdata_truncate(d, offset), STATUS_OK);
        if (offset < model_size) {
            memset(model + offset, 0, (size_t)(model_size - offset));
        }
        model_size = offset;
        break;
    default:
        check_read(d, offset, len);
        break;
    }
    assert_int_equal(d->size, model_size);
}

static void run_model(size_t base_len, unsigned steps) {
    ramdata_t d;
    uint64_t before = machine.live_blocks;
    memset(model, 0, sizeof model);
    memcpy(model, base, base_len);
    model_size = base_len;
    ramdata_init_base(&d, base, base_len);
    for (unsigned i = 0; i < steps; i++) {
        step(&d);
    }
    check_read(&d, 0, SPACE);
    assert_int_equal(ramdata_truncate(&d, 0), STATUS_OK);
    assert_int_equal(machine.live_blocks, before);
}

static void test_model(void **state) {
    (void)state;
    const char *more = getenv("INGOT_TEST_ROUNDS");
    unsigned rounds = more != NULL ? (unsigned)atoi(more) : 60;
    machine_reset();
    for (size_t i = 0; i < sizeof base; i++) {
        base[i] = (uint8_t)rng(256);
    }
    for (unsigned i = 0; i < rounds; i++) {
        rng_state = i;
        run_model(i % 3 == 0 ? 0 : some_offset() % sizeof base, 60);
    }
}

/* Far offsets: sparse, exact, and refused where they cannot be counted. */
static void test_far_offsets(void **state) {
    (void)state;
    ramdata_t d = {0};
    size_t done;
    char back[4];
    uint64_t far = RAMDATA_SIZE_MAX - 3;
    machine_reset();
    assert_int_equal(ramdata_write(&d, 5, "near", 4, &done), STATUS_OK);
    assert_int_equal(ramdata_write(&d, far, "end", 3, &done), STATUS_OK);
    assert_int_equal(d.size, RAMDATA_SIZE_MAX);
    assert_int_equal(ramdata_read(&d, far, back, 4), 3);
    assert_memory_equal(back, "end", 3);
    assert_int_equal(ramdata_read(&d, 5, back, 4), 4);
    assert_memory_equal(back, "near", 4);
    assert_int_equal(ramdata_read(&d, UINT64_C(1) << 40, back, 4), 4);
    assert_memory_equal(back, "\0\0\0\0", 4);
    assert_int_equal(ramdata_write(&d, far, "four", 4, &done), ERR_RANGE);
    assert_int_equal(ramdata_write(&d, UINT64_MAX, "x", 1, &done), ERR_RANGE);
    assert_int_equal(ramdata_truncate(&d, RAMDATA_SIZE_MAX + 1), ERR_RANGE);
    assert_true(machine.live_blocks < 20);
    assert_int_equal(ramdata_truncate(&d, 0), STATUS_OK);
    assert_int_equal(machine.live_blocks, 0);
}

/* Whatever allocation fails, what was told as written is there, and nothing else changed. */
static void test_memory_runs_out(void **state) {
    (void)state;
    machine_reset();
    for (uint64_t left = 0; left < 12; left++) {
        ramdata_t d = {0};
        size_t done = 0, more = 0;
        char a[3000], b[20000], back[sizeof b];
        memset(a, 'a', sizeof a);
        memset(b, 'b', sizeof b);
        assert_int_equal(ramdata_write(&d, 0, a, sizeof a, &done), STATUS_OK);
        machine.allocations_left = left;
        status_t s = ramdata_write(&d, 1000, b, sizeof b, &more);
        machine.allocations_left = UINT64_MAX;
        if (s != STATUS_OK) {
            assert_int_equal(s, ERR_NO_MEMORY);
            assert_int_equal(more, 0);
        }
        uint64_t size = 1000 + more > sizeof a ? 1000 + more : sizeof a;
        assert_int_equal(d.size, size);
        assert_int_equal(ramdata_read(&d, 1000, back, sizeof back), size - 1000);
        for (size_t i = 0; i < size - 1000; i++) {
            assert_int_equal(back[i], i < more ? 'b' : 'a');
        }
        ramdata_truncate(&d, 0);
        assert_int_equal(machine.live_blocks, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_far_offsets),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
