/* SPDX-License-Identifier: MIT */
/* The frame allocator: banks, reservations, joining, promises, and a random comparison. */
#include "tests/host/mm/fixture.h"

#include <stdlib.h>
#include <string.h>

#define P PAGE_SIZE
#define RAM(page) PADDR(SIM_RAM_BASE + (page)*P)

static void test_banks_and_reservations(void **state) {
    (void)state;
    sim_start_ram(4096);
    /* Two banks with odd ends, reservations that overlap, touch, stick out and are empty. */
    const prange_t banks[] = {{PADDR(RAM(1).raw + 1), 1000 * P}, {RAM(2000), 1500 * P + 5}};
    const prange_t reserved[] = {{RAM(0), 10 * P},
                                 {RAM(8), 4 * P},
                                 {RAM(12), 1},
                                 {PADDR(RAM(100).raw + 5), 1},
                                 {PADDR(RAM(3400).raw), UINT64_MAX},
                                 {RAM(500), 0}};
    assert_int_equal(frame_init(banks, 2, reserved, 6), STATUS_OK);
    /* 999 whole frames from 2 on; 2..12 and 100 gone; 2000..3399; one frame of state bytes. */
    assert_int_equal(frame_total_count(), 999 - 11 - 1 + 1400 - 1);
    assert_int_equal(frame_free_count(), frame_total_count());
    static bool seen[4096];
    memset(seen, 0, sizeof seen);
    paddr_t p;
    uint64_t n = 0;
    while (frame_alloc(0, &p) == STATUS_OK) {
        uint64_t page = (p.raw - SIM_RAM_BASE) / P;
        assert_false(seen[page]);
        seen[page] = true;
        assert_true((page > 12 && page != 100 && page < 1001) || (page >= 2000 && page < 3400));
        n++;
    }
    assert_int_equal(n, frame_total_count());
    for (uint64_t i = 0; i < 4096; i++) {
        if (seen[i]) {
            frame_free(RAM(i), 0);
        }
    }
    assert_int_equal(frame_free_count(), n);
    assert_int_equal(frame_alloc(9, &p), STATUS_OK); /* all joined again */
    frame_free(p, 9);
    SIM_EXPECT_PANIC(frame_free(RAM(5), 0));
    assert_int_equal(frame_init(banks, 2, reserved, 6), STATUS_OK);
    SIM_EXPECT_PANIC(frame_free(RAM(1500), 0));
    assert_int_equal(frame_init(banks, 2, reserved, 6), STATUS_OK);
    SIM_EXPECT_PANIC(frame_free(RAM(600), 0));
    assert_int_equal(frame_init(banks, 2, reserved, 6), STATUS_OK);
    SIM_EXPECT_PANIC(frame_free(PADDR(RAM(600).raw + 8), 0));
    sim_stop();
}

static void test_machines_that_cannot_be(void **state) {
    (void)state;
    sim_start_ram(64);
    const prange_t all = {RAM(0), 64 * P}, wraps = {PADDR(P), UINT64_MAX};
    const prange_t twice[] = {{RAM(0), 32 * P}, {RAM(31), 32 * P}};
    const prange_t tiny = {PADDR(RAM(1).raw + 1), P};
    prange_t many[FRAME_MAX_RESERVED + 1] = {{PADDR(0), 0}};
    assert_int_equal(frame_init(NULL, 0, NULL, 0), ERR_INVALID);
    assert_int_equal(frame_init(many, FRAME_MAX_BANKS + 1, NULL, 0), ERR_INVALID);
    assert_int_equal(frame_init(&all, 1, many, FRAME_MAX_RESERVED + 1), ERR_INVALID);
    assert_int_equal(frame_init(&wraps, 1, NULL, 0), ERR_INVALID);
    assert_int_equal(frame_init(twice, 2, NULL, 0), ERR_INVALID);
    assert_int_equal(frame_init(&tiny, 1, NULL, 0), ERR_NO_MEMORY);
    assert_int_equal(frame_init(&all, 1, &all, 1), ERR_NO_MEMORY);
    paddr_t p;
    assert_int_equal(frame_alloc(0, &p), ERR_NO_MEMORY);
    assert_int_equal(frame_total_count(), 0);
    assert_int_equal(frame_init(&all, 1, NULL, 0), STATUS_OK);
    assert_int_equal(frame_total_count(), 63);
    assert_int_equal(frame_alloc(FRAME_MAX_ORDER + 1, &p), ERR_INVALID);
    assert_int_equal(frame_alloc_zeroed(FRAME_MAX_ORDER + 1, &p), ERR_INVALID);
    assert_int_equal(frame_alloc(FRAME_MAX_ORDER, &p), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_run(0, &p), ERR_INVALID);
    assert_int_equal(frame_alloc_run(UINT64_MAX, &p), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_zeroed(3, &p), STATUS_OK);
    const uint8_t *bytes = hal_phys_to_virt(p);
    for (unsigned i = 0; i < 8 * P; i++) {
        assert_int_equal(bytes[i], 0);
    }
    frame_free(p, 3);
    sim_stop();
}

static void test_freeing_twice_panics(void **state) {
    (void)state;
    paddr_t p, q;
    for (unsigned order = 0; order < 8; order++) {
        sim_start(1024);
        assert_int_equal(frame_alloc(order, &p), STATUS_OK);
        frame_free(p, order);
        SIM_EXPECT_PANIC(frame_free(p, order));
        sim_stop();
    }
    sim_start(1024);
    assert_int_equal(frame_alloc(4, &p), STATUS_OK);
    assert_int_equal(frame_alloc(0, &q), STATUS_OK);
    frame_free(p, 4);
    SIM_EXPECT_PANIC(frame_free(PADDR(p.raw + 7 * P), 0)); /* within a block that is free */
    sim_stop();
    sim_start(1024);
    assert_int_equal(frame_alloc(4, &p), STATUS_OK);
    SIM_EXPECT_PANIC(frame_free(PADDR(p.raw + P), 4));
    SIM_EXPECT_PANIC(frame_free(p, FRAME_MAX_ORDER + 1));
    SIM_EXPECT_PANIC(frame_unpromise(1));
    sim_stop();
    sim_start(1024);
    SIM_EXPECT_PANIC(frame_take_promised(&p));
    sim_stop();
}

static void test_promises(void **state) {
    (void)state;
    sim_start(256);
    uint64_t total = frame_total_count();
    paddr_t p;
    assert_int_equal(frame_promise(total + 1), ERR_NO_MEMORY);
    assert_int_equal(frame_promise(total - 4), STATUS_OK);
    assert_int_equal(frame_free_count(), total);
    assert_int_equal(frame_promised_count(), total - 4);
    assert_int_equal(frame_alloc(3, &p), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_run(5, &p), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_run(3, &p), STATUS_OK);
    assert_int_equal(frame_promise(2), ERR_NO_MEMORY);
    assert_int_equal(frame_promise(1), STATUS_OK);
    assert_int_equal(frame_alloc(0, &p), ERR_NO_MEMORY);
    for (uint64_t i = 0; i < total - 3; i++) {
        frame_take_promised(&p);
    }
    assert_int_equal(frame_free_count(), 0);
    assert_int_equal(frame_promised_count(), 0);
    sim_stop();
    /* Promised, but in pieces: a block cannot be had, single frames can. */
    sim_start(64);
    total = frame_total_count();
    paddr_t odd[64];
    uint64_t n = 0, kept = 0;
    while (frame_alloc(0, &odd[n]) == STATUS_OK) {
        n++;
    }
    for (uint64_t i = 0; i < n; i++) {
        if ((odd[i].raw >> PAGE_SHIFT) % 2) {
            frame_free(odd[i], 0);
            kept++;
        }
    }
    assert_int_equal(frame_promise(kept), STATUS_OK);
    assert_false(frame_take_promised_block(1, &p));
    assert_true(frame_take_promised_block(0, &p));
    frame_unpromise(kept - 1);
    sim_stop();
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Random takings and givings in other pieces, against a map of who has what. */
static void test_random_against_a_map(void **state) {
    (void)state;
    enum { PAGES = 2048, STEPS = 60000 };
    sim_start(PAGES);
    static uint8_t taken[PAGES + SIM_IMAGE_PAGES];
    memset(taken, 0, sizeof taken);
    uint64_t seed = 88172645463325252, live = 0, total = frame_total_count();
    for (unsigned step = 0; step < STEPS; step++) {
        uint64_t r = next_random(&seed);
        paddr_t p;
        uint64_t count = 0;
        if (r % 8 < 3) {
            unsigned order = (unsigned)(r >> 8) % 8;
            count = frame_alloc(order, &p) == STATUS_OK ? UINT64_C(1) << order : 0;
            assert_true(count == 0 || is_aligned(p.raw, count * P));
        } else if (r % 8 == 3) {
            uint64_t run = (r >> 8) % 100 + 1;
            count = frame_alloc_run(run, &p) == STATUS_OK ? run : 0;
        } else {
            uint64_t page = (r >> 8) % PAGES, run = 0, most = (r >> 32) % 64 + 1;
            while (run < most && page + run < PAGES && taken[page + run]) {
                taken[page + run++] = 0;
            }
            frame_free_run(RAM(page), run);
            live -= run;
        }
        for (uint64_t i = 0; i < count; i++) {
            uint64_t page = (p.raw - SIM_RAM_BASE) / P + i;
            assert_int_equal(taken[page], 0);
            taken[page] = 1;
        }
        live += count;
        assert_int_equal(frame_free_count(), total - live);
    }
    for (uint64_t page = 0; page < PAGES; page++) {
        if (taken[page]) {
            frame_free(RAM(page), 0);
        }
    }
    /* Everything has joined into the largest blocks again. */
    paddr_t p;
    assert_int_equal(frame_free_count(), total);
    assert_int_equal(frame_alloc(10, &p), STATUS_OK);
    sim_stop();
}

static void test_a_gigabyte_block(void **state) {
    (void)state;
    sim_start_ram(3 << 18);
    const prange_t bank = {PADDR(SIM_RAM_BASE), GIB(3)};
    assert_int_equal(frame_init(&bank, 1, NULL, 0), STATUS_OK);
    paddr_t p, q;
    assert_int_equal(frame_alloc(FRAME_MAX_ORDER, &p), STATUS_OK);
    assert_true(is_aligned(p.raw, GIB(1)));
    assert_int_equal(frame_alloc(FRAME_MAX_ORDER, &q), STATUS_OK);
    frame_free(p, FRAME_MAX_ORDER);
    frame_free(q, FRAME_MAX_ORDER);
    assert_int_equal(frame_free_count(), frame_total_count());
    sim_stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_banks_and_reservations),
        cmocka_unit_test(test_machines_that_cannot_be),
        cmocka_unit_test(test_freeing_twice_panics),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_random_against_a_map),
        cmocka_unit_test(test_a_gigabyte_block),
    };
    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
