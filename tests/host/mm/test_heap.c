/* SPDX-License-Identifier: MIT */
/* The kernel heap, on real addresses: the test's own page faults go through the address space. */
#include "tests/host/mm/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "mm/heap.h"

static aspace_t as;

/* Called by each test itself: cmocka puts its own signal handler in place after a setup. */
static void up_with(uint64_t pages) {
    sim_start(pages);
    const aspace_config_t config = {
        .levels = 4, .window = SIM_REAL_WINDOW, .seeded = true, .seed = 2026};
    assert_int_equal(aspace_init(&as, &config), STATUS_OK);
    sim_attach(&as);
    assert_int_equal(heap_init(&as, 0xfeedface), STATUS_OK);
}

static void down(void) {
    heap_destroy();
    sim_attach(NULL);
    aspace_destroy(&as); /* with the large blocks that a test left */
    assert_int_equal(frame_free_count(), frame_total_count());
    assert_int_equal(frame_promised_count(), 0);
    sim_stop();
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void test_every_size(void **state) {
    (void)state;
    up_with(4096);
    static const size_t sizes[] = {0,    1,     15,     16,     17,     31,     100,    512,
                                   983,  984,   1007,   1008,   1009,   4000,   4048,   4049,
                                   8192, 65536, 262000, 262144, 262145, 300000, 1048576};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *a = heap_alloc(sizes[i]), *b = heap_zalloc(sizes[i]);
        assert_non_null(a);
        assert_non_null(b);
        assert_int_equal((uintptr_t)a % 16, 0);
        assert_int_equal((uintptr_t)b % 16, 0);
        memset(a, 0xaa, sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(b[k], 0);
        }
        memset(b, 0xbb, sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(a[k], 0xaa);
        }
        heap_free(a);
        uint8_t *c = heap_zalloc(sizes[i]); /* used memory comes back zeroed */
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(c[k], 0);
        }
        heap_free(b);
        heap_free(c);
    }
    heap_free(NULL);
    heap_stats_t s = heap_stats();
    assert_int_equal(s.live_blocks, 0);
    assert_int_equal(s.live_bytes, 0);
    assert_int_equal(s.large_blocks, 0);
    assert_int_equal(s.free_pages, s.region_pages); /* all pages joined the free runs */
    assert_true(s.peak_bytes >= 2097152);
    down();
}

typedef struct block {
    uint8_t *at;
    size_t size;
    uint8_t fill;
} block_t;

static void check_block(const block_t *b, size_t size) {
    for (size_t i = 0; i < size; i += i < 64 ? 1 : 61) {
        assert_int_equal(b->at[i], b->fill);
    }
    if (size > 0) {
        assert_int_equal(b->at[size - 1], b->fill);
    }
}

static void test_random_blocks(void **state) {
    (void)state;
    up_with(4096);
    enum { BLOCKS = 300, STEPS = 20000 };
    static block_t blocks[BLOCKS];
    memset(blocks, 0, sizeof blocks);
    uint64_t seed = 777;
    for (unsigned step = 0; step < STEPS; step++) {
        uint64_t r = next_random(&seed);
        block_t *b = &blocks[r % BLOCKS];
        static const size_t limits[] = {64, 64, 256, 1100, 5000, 20000, 20000, 400000};
        unsigned kind = r >> 16 & 7;
        size_t size = (r >> 24) % (kind == 7 && r >> 60 != 0 ? 64 : limits[kind]);
        if (b->at != NULL) {
            check_block(b, b->size);
        }
        if (b->at == NULL || r >> 12 & 1) {
            uint8_t *at = heap_realloc(b->at, size);
            if (at == NULL) {
                continue;
            }
            if (b->at != NULL) {
                block_t moved = {at, b->size < size ? b->size : size, b->fill};
                check_block(&moved, moved.size);
            }
            *b = (block_t){at, size, (uint8_t)step};
            memset(at, b->fill, size);
        } else {
            heap_free(b->at);
            b->at = NULL;
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        heap_free(blocks[i].at);
    }
    heap_stats_t s = heap_stats();
    assert_int_equal(s.live_blocks, 0);
    assert_int_equal(s.live_bytes, 0);
    assert_int_equal(s.free_pages, s.region_pages);
    down();
}

static void test_running_out_is_null(void **state) {
    (void)state;
    up_with(700);
    assert_null(heap_alloc(SIZE_MAX));
    assert_null(heap_zalloc(SIZE_MAX - 10));
    assert_null(heap_alloc(SIZE_MAX - 100));
    assert_null(heap_alloc((size_t)1 << 40));
    assert_null(heap_alloc(4096 * 4096)); /* all of RAM */
    void *keep = heap_alloc(100), *blocks[4096];
    memset(keep, 1, 100);
    assert_null(heap_realloc(keep, 4096 * 4096));
    static const size_t sizes[] = {800, 5000, 300000};
    for (unsigned k = 0; k < 3; k++) {
        unsigned n = 0;
        while (n < 4096 && (blocks[n] = heap_alloc(sizes[k])) != NULL) {
            n++;
        }
        assert_true(n > 5);
        assert_true(n < 4096);
        assert_null(heap_realloc(keep, sizes[k]));
        for (unsigned i = 0; i < 100; i++) {
            assert_int_equal(((uint8_t *)keep)[i], 1);
        }
        while (n > 0) {
            heap_free(blocks[--n]);
        }
    }
    heap_free(keep);
    for (uint64_t n = 1; n < 12; n++) { /* a failure at every step of growing */
        sim_fail_at(n);
        void *a = heap_alloc(100000), *b = heap_alloc(500000);
        sim_fail_at(0);
        heap_free(a);
        heap_free(b);
        assert_int_equal(heap_stats().live_blocks, 0);
    }
    down();
}

static void test_before_init(void **state) {
    (void)state;
    assert_null(heap_alloc(1));
    sim_start(64);
    const aspace_config_t config = {.levels = 4, .window = {VADDR(MIB(1)), MIB(1)}};
    assert_int_equal(aspace_init(&as, &config), STATUS_OK);
    assert_int_equal(heap_init(&as, 1), ERR_RANGE);
    assert_null(heap_alloc(1));
    aspace_destroy(&as);
    sim_stop();
}

/* A machine of 8 MiB: what a boot may use of it. */
static void test_small_machine(void **state) {
    (void)state;
    up_with(1024);
    uint64_t before = frame_free_count();
    void *a = heap_alloc(100);
    assert_non_null(a);
    assert_true(before - frame_free_count() <= HEAP_GROW_PAGES + 4);
    heap_free(a);
    down();
}

static void test_junk_is_no_block(void **state) {
    (void)state;
    up_with(4096);
    uint8_t *run = heap_alloc(20000);
    memset(run, 0, 20000);
    SIM_EXPECT_PANIC(heap_free(run + 8192));
    down();
}

#ifdef INGOT_HEAP_CHECKS
static void crash(void (*what)(uint8_t *), size_t size, const char *text) {
    up_with(4096);
    uint8_t *block = heap_alloc(size);
    assert_non_null(block);
    SIM_EXPECT_PANIC(what(block));
    assert_string_equal(sim_panic_text, text);
    down();
}

static void free_twice(uint8_t *b) {
    heap_free(b);
    heap_free(b);
}

static void realloc_freed(uint8_t *b) {
    heap_free(b);
    (void)heap_realloc(b, 10);
}

static size_t overrun_at;

static void overrun(uint8_t *b) {
    b[overrun_at] ^= 1;
    heap_free(b);
}

static void overrun_then_realloc(uint8_t *b) {
    b[overrun_at] ^= 1;
    (void)heap_realloc(b, overrun_at + 100);
}

static void underrun(uint8_t *b) {
    b[-1] ^= 1;
    heap_free(b);
}

static void test_checks(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 13, 100, 900, 5000, 100000, 400000};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        overrun_at = sizes[i];
        crash(overrun, sizes[i], "nothing wrote beyond the end of a block");
        crash(overrun_then_realloc, sizes[i], "nothing wrote beyond the end of a block");
        crash(underrun, sizes[i], "what is freed is a block, and nothing wrote in front of it");
        if (sizes[i] < 300000) { /* the mapping of a large block is gone: a fault tells */
            crash(free_twice, sizes[i], "a block is freed once");
            crash(realloc_freed, sizes[i], "a block is freed once");
        }
    }
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_init),   cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_random_blocks), cmocka_unit_test(test_running_out_is_null),
        cmocka_unit_test(test_small_machine), cmocka_unit_test(test_junk_is_no_block),
#ifdef INGOT_HEAP_CHECKS
        cmocka_unit_test(test_checks),
#endif
    };
    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
