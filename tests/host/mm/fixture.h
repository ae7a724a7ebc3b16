/* SPDX-License-Identifier: MIT */
/* One fresh machine and address space for each test; after it, every frame must be back. */
#ifndef INGOT_TESTS_MM_FIXTURE_H
#define INGOT_TESTS_MM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal/boot.h"
#include "mm/frame.h"
#include "mm/mmap.h"
#include "mm/nodes.h"
#include "tests/host/mm/sim.h"

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

#define FIXTURE_RAM_PAGES 8192u
#define FIXTURE_WINDOW ((vrange_t){VADDR(KIB(64)), GIB(200)})

typedef struct fixture {
    aspace_t as;
    unsigned levels;
} fixture_t;

static inline int fixture_up(void **state, unsigned levels) {
    static fixture_t f;
    f.levels = levels;
    sim_start(FIXTURE_RAM_PAGES);
    const aspace_config_t config = {.levels = levels, .window = FIXTURE_WINDOW};
    assert_int_equal(aspace_init(&f.as, &config), STATUS_OK);
    *state = &f;
    return 0;
}

static inline int fixture_up_39(void **state) {
    return fixture_up(state, 3);
}

static inline int fixture_up_48(void **state) {
    return fixture_up(state, 4);
}

static inline int fixture_down(void **state) {
    fixture_t *f = *state;
    aspace_destroy(&f->as);
    assert_int_equal(frame_free_count(), frame_total_count());
    assert_int_equal(frame_promised_count(), 0);
    assert_int_equal(node_frames(), 0);
    sim_stop();
    return 0;
}

#define FIXTURE_TEST(f)                                                                            \
    cmocka_unit_test_setup_teardown(f, fixture_up_39, fixture_down), {                             \
        #f "_sv48", f, fixture_up_48, fixture_down, NULL                                           \
    }

/* What frames are where: to see that a failed operation changed nothing. */
typedef struct census {
    uint64_t free, promised, nodes, tables, regions;
} census_t;

static inline census_t census(const aspace_t *as) {
    return (census_t){frame_free_count(), frame_promised_count(), node_frames(), as->table_frames,
                      as->regions};
}

#define assert_unchanged(as, before)                                                               \
    do {                                                                                           \
        census_t now_ = census(as);                                                                \
        assert_int_equal(now_.free, (before).free);                                                \
        assert_int_equal(now_.promised, (before).promised);                                        \
        assert_int_equal(now_.nodes, (before).nodes);                                              \
        assert_int_equal(now_.tables, (before).tables);                                            \
        assert_int_equal(now_.regions, (before).regions);                                          \
    } while (0)

static inline aspace_t *as_of(void **state) {
    return &((fixture_t *)*state)->as;
}

static inline vaddr_t map_at(aspace_t *as, uint64_t at, uint64_t len, region_kind_t kind,
                             hal_perms_t perms) {
    aspace_request_t q = {.len = len,
                          .kind = kind,
                          .perms = perms,
                          .fixed = true,
                          .at = VADDR(at),
                          .phys = sim_image(),
                          .image_len = kind == REGION_IMAGE ? len : 0,
                          .name = region_kind_text(kind)};
    vaddr_t out;
    assert_int_equal(aspace_map(as, &q, &out), STATUS_OK);
    assert_int_equal(out.raw, at);
    return out;
}

/* Slice functions that only count their calls. */
static inline status_t nothing(const void *bytes, uint64_t len, void *context) {
    (void)bytes;
    (void)len;
    ++*(int *)context;
    return STATUS_OK;
}

static inline status_t nothing_mut(void *bytes, uint64_t len, void *context) {
    return nothing(bytes, len, context);
}

static inline mmap_t new_zeroed(aspace_t *as, uint64_t len, uint64_t capacity) {
    mmap_t m;
    const mmap_opts_t opts = {
        .len = len, .capacity = capacity, .perms = HAL_PERMS_RW, .name = "test"};
    assert_int_equal(mmap_new_zeroed(as, &opts, &m), STATUS_OK);
    return m;
}

static inline bool is_present(const aspace_t *as, uint64_t va) {
    sim_leaf_t leaf;
    return sim_walk(as, va, &leaf);
}

static inline bool is_owned(const aspace_t *as, uint64_t va) {
    sim_leaf_t leaf;
    return sim_walk(as, va, &leaf) && (leaf.pte & SIM_OWNED);
}

static inline uint64_t pte_at(const aspace_t *as, uint64_t va) {
    sim_leaf_t leaf;
    return sim_walk(as, va, &leaf) ? leaf.pte & 0xff : 0;
}

static inline uint8_t read_ok(aspace_t *as, uint64_t va) {
    uint8_t byte = 0;
    assert_int_equal(sim_read(as, va, &byte), FAULT_RESOLVED);
    return byte;
}

static inline void write_ok(aspace_t *as, uint64_t va, uint8_t byte) {
    assert_int_equal(sim_write(as, va, byte), FAULT_RESOLVED);
}

/* Repeats `step` with a failure at the 1st, 2nd, ... taking until it succeeds. */
#define FAIL_EVERYWHERE(as, step)                                                                  \
    do {                                                                                           \
        census_t before_ = census(as);                                                             \
        for (uint64_t n_ = 1;; n_++) {                                                             \
            sim_fail_at(n_);                                                                       \
            status_t s_ = (step);                                                                  \
            bool failed_ = sim_failed();                                                           \
            sim_fail_at(0);                                                                        \
            if (!failed_) {                                                                        \
                assert_int_equal(s_, STATUS_OK);                                                   \
                break;                                                                             \
            }                                                                                      \
            if (s_ != STATUS_OK) {                                                                 \
                assert_int_equal(s_, ERR_NO_MEMORY);                                               \
                sim_walk_all(as, NULL, NULL, NULL);                                                \
                assert_unchanged(as, before_);                                                     \
            } else {                                                                               \
                break; /* there was another way */                                                 \
            }                                                                                      \
        }                                                                                          \
    } while (0)

#endif
