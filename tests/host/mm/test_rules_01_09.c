/* SPDX-License-Identifier: MIT */
/*
 * Rules 1 to 9 of the memory manager (docs/memory.md), one test or more for each, with Sv39 and
 * with Sv48 tables.
 */
#include "tests/host/mm/fixture.h"

#define P PAGE_SIZE

/* ---- 1: commit(off, len) touches exactly [align_down(off), align_up(off+len)) ---- */

static void test_rule_01_commit_touches_exactly_its_pages(void **state) {
    aspace_t *as = as_of(state);
    static const struct {
        uint64_t offset, len, first, end; /* pages that must be there */
    } cases[] = {
        {0, 1, 0, 1},
        {0, P, 0, 1},
        {0, P + 1, 0, 2},
        {P - 1, 2, 0, 2},
        {P, P, 1, 2},
        {5 * P + 7, 1, 5, 6},
        {511 * P, 2 * P, 511, 513},
        {600 * P - 1, 1, 599, 600},
        {599 * P, P, 599, 600},
        {17 * P + 1, 3 * P, 17, 21},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (fault_access_t access = ACCESS_READ; access <= ACCESS_WRITE; access++) {
            mmap_t m = new_zeroed(as, 600 * P, 0);
            uint64_t base = mmap_range(&m).start.raw;
            assert_int_equal(mmap_commit(&m, cases[i].offset, cases[i].len, access), STATUS_OK);
            for (uint64_t page = 0; page < 600; page++) {
                bool in = page >= cases[i].first && page < cases[i].end;
                assert_int_equal(is_present(as, base + page * P), in);
                assert_int_equal(is_owned(as, base + page * P), in && access == ACCESS_WRITE);
            }
            mmap_drop(&m);
        }
    }
}

/* ---- 2: an out-of-bounds or overflowing range is an error and changes nothing ---- */

static void test_rule_02_out_of_bounds_changes_nothing(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 3 * P + 100, 8 * P);
    static const struct {
        uint64_t offset, len;
    } bad[] = {{0, 3 * P + 101}, {3 * P + 101, 0},     {3 * P + 100, 1},       {UINT64_MAX, 1},
               {1, UINT64_MAX},  {UINT64_MAX - 1, 10}, {P, UINT64_MAX - P + 1}};
    uint8_t buffer[16] = {0};
    census_t before = census(as);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t o = bad[i].offset, n = bad[i].len;
        int calls = 0;
        assert_int_equal(mmap_commit(&m, o, n, ACCESS_WRITE), ERR_RANGE);
        assert_int_equal(mmap_protect(&m, o, n, HAL_PERMS_R), ERR_RANGE);
        assert_int_equal(mmap_make_readonly(&m, o, n), ERR_RANGE);
        assert_int_equal(mmap_make_executable(&m, o, n), ERR_RANGE);
        assert_int_equal(mmap_copy_in(&m, o, buffer, n), ERR_RANGE);
        assert_int_equal(mmap_copy_out(&m, o, buffer, n), ERR_RANGE);
        assert_int_equal(mmap_with_slice(&m, o, n, nothing, &calls), ERR_RANGE);
        assert_int_equal(mmap_with_slice_mut(&m, o, n, nothing_mut, &calls), ERR_RANGE);
        assert_int_equal(calls, 0);
        assert_unchanged(as, before);
    }
    assert_int_equal(mmap_grow(&m, 8 * P + 1), ERR_RANGE);
    assert_int_equal(mmap_grow(&m, UINT64_MAX), ERR_RANGE);
    assert_int_equal(mmap_grow(&m, 3 * P), ERR_INVALID);
    /* Ranges that wrap, straddle the hole in the address space, or are misaligned. */
    uint64_t half = as->pt.levels == 3 ? UINT64_C(1) << 38 : UINT64_C(1) << 47;
    const struct {
        vrange_t range;
        status_t want;
    } ranges[] = {
        {{VADDR(half - P), 2 * P}, ERR_RANGE},
        {{VADDR(half), P}, ERR_RANGE},
        {{VADDR(-half - P), 2 * P}, ERR_RANGE},
        {{VADDR(-P), 2 * P}, ERR_RANGE},
        {{VADDR(0), -P}, ERR_RANGE},
        {{VADDR(P + 1), P}, ERR_INVALID},
        {{VADDR(P), P + 1}, ERR_INVALID},
    };
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        vrange_t r = ranges[i].range;
        assert_int_equal(aspace_unmap(as, r), ranges[i].want);
        assert_int_equal(aspace_protect(as, r, HAL_PERMS_R), ranges[i].want);
        aspace_request_t q = {
            .len = r.len, .fixed = true, .at = r.start, .kind = REGION_ZERO, .perms = HAL_PERMS_R};
        vaddr_t at;
        assert_int_equal(aspace_map(as, &q, &at), ranges[i].want);
        assert_int_equal(aspace_grow(as, r.start, r.len, P, HAL_PERMS_R), ranges[i].want);
    }
    assert_int_equal(aspace_commit(as, (vrange_t){VADDR(half - 1), 2}, ACCESS_READ), ERR_RANGE);
    assert_int_equal(aspace_commit(as, (vrange_t){VADDR(-1), 2}, ACCESS_READ), ERR_RANGE);
    assert_int_equal(aspace_grow(as, VADDR(P), P, -P, HAL_PERMS_R), ERR_RANGE);
    assert_int_equal(aspace_grow(as, VADDR(P), 1, P, HAL_PERMS_R), ERR_INVALID);
    assert_int_equal(aspace_grow(as, mmap_range(&m).start, 4 * P, P + 1, HAL_PERMS_RW),
                     ERR_INVALID);
    assert_unchanged(as, before);
    mmap_drop(&m);
}

static void test_rule_02_impossible_requests(void **state) {
    aspace_t *as = as_of(state);
    vaddr_t at = VADDR(0x1234);
    const aspace_request_t good = {.len = P, .kind = REGION_ZERO, .perms = HAL_PERMS_RW};
    struct {
        aspace_request_t q;
        status_t want;
    } cases[16];
    unsigned n = 0;
#define CASE(status, ...)                                                                          \
    do {                                                                                           \
        aspace_request_t q = good;                                                                 \
        __VA_ARGS__;                                                                               \
        cases[n].q = q;                                                                            \
        cases[n++].want = status;                                                                  \
    } while (0)
    CASE(ERR_INVALID, q.len = P + 1);
    CASE(ERR_INVALID, q.capacity = P / 2);
    CASE(ERR_INVALID, q.len = 2 * P; q.capacity = P);
    CASE(ERR_INVALID, q.guard_before = 1);
    CASE(ERR_INVALID, q.align = 3 * P);
    CASE(ERR_INVALID, q.align = P / 2);
    CASE(ERR_RANGE, q.guard_before = -P);
    CASE(ERR_RANGE, q.capacity = GIB(4000));
    CASE(ERR_RANGE, q.fixed = true; q.at = VADDR(P); q.guard_before = 2 * P);
    CASE(ERR_INVALID, q.fixed = true; q.at = VADDR(P); q.align = 2 * P);
    CASE(ERR_INVALID, q.kind = REGION_PHYS; q.phys = PADDR(SIM_RAM_BASE + 1));
    CASE(ERR_RANGE, q.kind = REGION_PHYS; q.phys = PADDR(UINT64_C(1) << 56));
    CASE(ERR_RANGE, q.kind = REGION_PHYS; q.phys = PADDR(-P));
    CASE(ERR_INVALID, q.kind = REGION_IMAGE; q.phys = sim_image(); q.image_len = P + 1);
    CASE(ERR_INVALID, q.kind = REGION_IMAGE; q.phys = sim_image(); q.image_len = P - 8);
    CASE(ERR_PERMISSION, q.kind = REGION_PHYS; q.phys = sim_image(); q.attr = HAL_MEM_DEVICE;
         q.perms = HAL_PERMS_RX);
#undef CASE
    census_t before = census(as);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(aspace_map(as, &cases[i].q, &at), cases[i].want);
        assert_int_equal(at.raw, 0x1234);
        assert_unchanged(as, before);
    }
    mmap_t m;
    const mmap_opts_t shrunk = {.len = 2, .capacity = 1, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &shrunk, &m), ERR_INVALID);
    const mmap_opts_t endless = {.len = UINT64_MAX, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &endless, &m), ERR_RANGE);
    const mmap_opts_t late = {.len = UINT64_MAX - 100, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_phys(as, PADDR(SIM_RAM_BASE + 200), HAL_MEM_NORMAL, &late, &m),
                     ERR_RANGE);
    aspace_t other;
    aspace_config_t config = {.levels = 5, .window = FIXTURE_WINDOW};
    assert_int_equal(aspace_init(&other, &config), ERR_INVALID);
    config = (aspace_config_t){.levels = 3, .window = {VADDR(0), GIB(512)}};
    assert_int_equal(aspace_init(&other, &config), ERR_RANGE);
    hal_pt_t pt;
    assert_int_equal(hal_pt_init(&pt, 2, as->pt.ops), ERR_INVALID);
    assert_unchanged(as, before);
}

/* ---- 3: zero length has one defined result everywhere ---- */

static void test_rule_03_zero_length_succeeds_and_does_nothing(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 2 * P, 0);
    census_t before = census(as);
    int calls = 0;
    for (uint64_t offset = 0; offset <= 2 * P; offset += P / 2) {
        assert_int_equal(mmap_commit(&m, offset, 0, ACCESS_WRITE), STATUS_OK);
        assert_int_equal(mmap_protect(&m, offset, 0, HAL_PERMS_R), STATUS_OK);
        assert_int_equal(mmap_make_readonly(&m, offset, 0), STATUS_OK);
        assert_int_equal(mmap_make_executable(&m, offset, 0), STATUS_OK);
        assert_int_equal(mmap_copy_in(&m, offset, NULL, 0), STATUS_OK);
        assert_int_equal(mmap_copy_out(&m, offset, NULL, 0), STATUS_OK);
        assert_int_equal(mmap_with_slice(&m, offset, 0, nothing, &calls), STATUS_OK);
        assert_int_equal(mmap_with_slice_mut(&m, offset, 0, nothing_mut, &calls), STATUS_OK);
    }
    assert_int_equal(calls, 10); /* with a slice of no bytes */
    assert_int_equal(mmap_grow(&m, 2 * P), STATUS_OK);
    const vrange_t none = {VADDR(P), 0};
    assert_int_equal(aspace_unmap(as, none), STATUS_OK);
    assert_int_equal(aspace_protect(as, none, HAL_PERMS_R), STATUS_OK);
    assert_int_equal(aspace_commit(as, none, ACCESS_WRITE), STATUS_OK);
    assert_int_equal(aspace_grow(as, VADDR(P), 0, 0, HAL_PERMS_RW), STATUS_OK);
    const aspace_request_t q = {.kind = REGION_ZERO, .perms = HAL_PERMS_RW};
    vaddr_t at = VADDR(1);
    assert_int_equal(aspace_map(as, &q, &at), STATUS_OK);
    assert_int_equal(at.raw, 0);
    assert_int_equal(hal_pt_prepare(&as->pt, none), STATUS_OK);
    frame_free_run(PADDR(SIM_RAM_BASE), 0);
    assert_unchanged(as, before);
    assert_false(is_present(as, mmap_range(&m).start.raw));
    mmap_drop(&m);

    mmap_t empty = mmap_new_empty();
    const mmap_opts_t opts = {.len = 0, .perms = HAL_PERMS_RW};
    mmap_t zero;
    assert_int_equal(mmap_new_zeroed(as, &opts, &zero), STATUS_OK);
    mmap_t *both[] = {&empty, &zero};
    for (unsigned i = 0; i < 2; i++) {
        assert_true(mmap_is_empty(both[i]));
        assert_int_equal(mmap_len(both[i]), 0);
        assert_int_equal(mmap_capacity(both[i]), 0);
        assert_null(mmap_as_ptr(both[i]));
        assert_int_equal(mmap_commit(both[i], 0, 0, ACCESS_WRITE), STATUS_OK);
        assert_int_equal(mmap_commit(both[i], 0, 1, ACCESS_WRITE), ERR_RANGE);
        assert_int_equal(mmap_copy_in(both[i], 0, NULL, 0), STATUS_OK);
        assert_int_equal(mmap_protect(both[i], 0, 0, HAL_PERMS_R), STATUS_OK);
        assert_int_equal(mmap_grow(both[i], 0), STATUS_OK);
        assert_int_equal(mmap_grow(both[i], 1), ERR_RANGE);
        mmap_drop(both[i]);
        mmap_drop(both[i]);
    }
}

/* ---- 4: commit is idempotent, and never makes a writable page less so ---- */

static void test_rule_04_commit_is_idempotent_in_any_order(void **state) {
    aspace_t *as = as_of(state);
    for (unsigned order = 0; order < 8; order++) {
        mmap_t m = new_zeroed(as, 3 * P, 0);
        uint64_t va = mmap_range(&m).start.raw + P;
        bool written = false;
        uint64_t frame = 0;
        for (unsigned step = 0; step < 3; step++) {
            bool write = order >> step & 1;
            assert_int_equal(mmap_commit(&m, P, P, write ? ACCESS_WRITE : ACCESS_READ), STATUS_OK);
            sim_leaf_t leaf;
            assert_true(sim_walk(as, va, &leaf));
            if (written) {
                assert_int_equal(leaf.pa, frame); /* the same page, with what is in it */
                assert_int_equal(read_ok(as, va), 42);
            }
            if (write) {
                write_ok(as, va, 42);
            }
            written = written || write;
            frame = leaf.pa;
            assert_int_equal(!!(leaf.pte & SIM_W), written);
        }
        assert_int_equal(frame_promised_count(), written ? 2 : 3);
        mmap_drop(&m);
    }
}

/* ---- 5: write then read at any page returns the data ---- */

static void test_rule_05_write_then_read_any_page(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 1500 * P, 0);
    uint64_t base = mmap_range(&m).start.raw;
    for (uint64_t i = 0; i < 1500; i += 7) { /* by access */
        write_ok(as, base + i * P + i, (uint8_t)(i * 3 + 1));
    }
    for (uint64_t i = 0; i < 1500; i++) {
        uint8_t want = i % 7 == 0 ? (uint8_t)(i * 3 + 1) : 0;
        assert_int_equal(read_ok(as, base + i * P + i), want);
    }
    uint8_t in[3 * 4096 + 5], out[sizeof in];
    for (unsigned i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(i * 31 + 7);
    }
    for (uint64_t offset = 511 * P - 100; offset < 514 * P; offset += P / 2 + 3) { /* by copy */
        assert_int_equal(mmap_copy_in(&m, offset, in, sizeof in), STATUS_OK);
        assert_int_equal(mmap_copy_out(&m, offset, out, sizeof out), STATUS_OK);
        assert_memory_equal(in, out, sizeof in);
        assert_int_equal(read_ok(as, base + offset + 4097), in[4097]);
    }
    mmap_drop(&m);
}

/* ---- 6: load then store on a fresh page; the shared zero frame stays zero ---- */

static void test_rule_06_load_then_store_keeps_the_zero_frame(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 64 * P, 0), other = new_zeroed(as, P, 0);
    uint64_t base = mmap_range(&m).start.raw;
    uint64_t free = frame_free_count();
    for (uint64_t i = 0; i < 64; i++) {
        assert_int_equal(read_ok(as, base + i * P), 0);
    }
    assert_int_equal(frame_free_count(), free); /* reading costs no frames */
    assert_int_equal(read_ok(as, mmap_range(&other).start.raw), 0);
    uint64_t faults = sim_faults;
    for (uint64_t i = 0; i < 64; i += 2) {
        write_ok(as, base + i * P, 0xff);
        assert_int_equal(read_ok(as, base + i * P), 0xff);
        assert_int_equal(read_ok(as, base + i * P + 1), 0);
        assert_int_equal(read_ok(as, base + (i + 1) * P), 0);
    }
    assert_int_equal(read_ok(as, mmap_range(&other).start.raw), 0);
    /* One fault for sixteen pages, and the TLB forgot what it had of the others. */
    assert_int_equal(sim_faults - faults, 64 / ASPACE_FAULT_AROUND_PAGES);
    const uint8_t *zero = hal_phys_to_virt(as->zero_frame);
    for (unsigned i = 0; i < P; i++) {
        assert_int_equal(zero[i], 0);
    }
    mmap_drop(&other);
    mmap_drop(&m);
}

/* ---- 7: protect/unmap across holes at every table level affect exactly the range ---- */

static void expect_only(aspace_t *as, uint64_t base, const uint64_t *pages, unsigned count,
                        uint64_t from, uint64_t to, uint64_t inside, uint64_t outside) {
    for (unsigned i = 0; i < count; i++) {
        bool in = pages[i] >= from && pages[i] < to;
        assert_int_equal(pte_at(as, base + pages[i] * P), in ? inside : outside);
    }
}

static void test_rule_07_holes_at_every_level(void **state) {
    aspace_t *as = as_of(state);
    /* Pages in a reservation of 5 GiB: neighbours of 4 KiB, 2 MiB and 1 GiB borders, far apart.
     * A region that is made of single mapped pages has holes in the tables at every level. */
    const uint64_t g = GIB(1) / P, two_mib = 512;
    const uint64_t pages[] = {0,         1,         two_mib - 1, two_mib,         5 * two_mib,
                              g - 1,     g,         g + 1,       2 * g - 1,       3 * g,
                              3 * g + 7, 4 * g - 1, 4 * g,       4 * g + two_mib, 5 * g - 1};
    const unsigned count = sizeof pages / sizeof pages[0];
    const uint64_t rw = SIM_V | SIM_R | SIM_W | SIM_A | SIM_D, r = rw & ~(uint64_t)SIM_W;
    const struct {
        uint64_t from, to;
    } cuts[] = {{0, 1},
                {1, 2},
                {0, 5 * g},
                {two_mib, g},
                {g - 1, g + 1},
                {2 * g, 3 * g},
                {g, 4 * g + 1},
                {3 * g + 7, 5 * g - 1},
                {4, 5},
                {g + 2, 2 * g - 1},
                {two_mib + 1, 5 * two_mib}};
    for (unsigned c = 0; c < sizeof cuts / sizeof cuts[0]; c++) {
        vaddr_t base;
        aspace_request_t q = {.len = 5 * GIB(1), .align = GIB(1), .kind = REGION_RESERVED};
        assert_int_equal(aspace_map(as, &q, &base), STATUS_OK);
        assert_int_equal(aspace_unmap(as, (vrange_t){base, 5 * GIB(1)}), STATUS_OK);
        uint64_t at = 0;
        for (unsigned i = 0; i < count; i++) { /* the pages, and reservations in between */
            aspace_request_t page = {.len = P,
                                     .kind = REGION_ZERO,
                                     .perms = HAL_PERMS_RW,
                                     .fixed = true,
                                     .at = VADDR(base.raw + pages[i] * P)};
            aspace_request_t gap = {.len = (pages[i] - at) * P,
                                    .kind = REGION_RESERVED,
                                    .fixed = true,
                                    .at = VADDR(base.raw + at * P)};
            vaddr_t out;
            assert_int_equal(aspace_map(as, &page, &out), STATUS_OK);
            assert_int_equal(aspace_map(as, &gap, &out), STATUS_OK);
            write_ok(as, page.at.raw, 1);
            at = pages[i] + 1;
        }
        vrange_t range = {VADDR(base.raw + cuts[c].from * P), (cuts[c].to - cuts[c].from) * P};
        /* The tables themselves, over holes: */
        hal_pt_protect(&as->pt, range, HAL_PERMS_R, HAL_PERMS_R);
        hal_tlb_flush_all();
        expect_only(as, base.raw, pages, count, cuts[c].from, cuts[c].to, r, rw);
        hal_pt_protect(&as->pt, range, HAL_PERMS_RW, HAL_PERMS_R);
        expect_only(as, base.raw, pages, count, cuts[c].from, cuts[c].to, rw, rw);
        /* And through the address space: */
        assert_int_equal(aspace_unmap(as, range), STATUS_OK);
        expect_only(as, base.raw, pages, count, cuts[c].from, cuts[c].to, 0, rw);
        for (unsigned i = 0; i < count; i++) {
            bool in = pages[i] >= cuts[c].from && pages[i] < cuts[c].to;
            uint8_t byte;
            assert_int_equal(sim_read(as, base.raw + pages[i] * P, &byte),
                             in ? FAULT_UNMAPPED : FAULT_RESOLVED);
        }
        while (as->root != NULL) {
            vrange_t all = {as->root->start, as->root->len};
            assert_int_equal(aspace_unmap(as, all), STATUS_OK);
        }
        assert_int_equal(as->table_frames, 1);
    }
}

static void test_rule_07_uncommitted_holes_in_one_region(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 3 * MIB(2), 0);
    uint64_t base = mmap_range(&m).start.raw;
    for (uint64_t i = 0; i < 1536; i += 3) {
        assert_int_equal(mmap_commit(&m, i * P, 1, i % 2 ? ACCESS_WRITE : ACCESS_READ), STATUS_OK);
    }
    assert_int_equal(mmap_protect(&m, 500 * P, 600 * P, HAL_PERMS_R), STATUS_OK);
    for (uint64_t i = 0; i < 1536; i++) {
        uint64_t pte = pte_at(as, base + i * P);
        bool writable = i % 3 == 0 && i % 2 && !(i >= 500 && i < 1100);
        assert_int_equal(!!(pte & SIM_V), i % 3 == 0);
        assert_int_equal(!!(pte & SIM_W), writable);
    }
    assert_int_equal(as->regions, 3);
    assert_int_equal(mmap_protect(&m, 500 * P, 600 * P, HAL_PERMS_RW), STATUS_OK);
    assert_int_equal(as->regions, 1); /* joined again */
    for (uint64_t i = 0; i < 1536; i++) {
        uint64_t pte = pte_at(as, base + i * P);
        assert_int_equal(!!(pte & SIM_W), i % 3 == 0 && i % 2);
    }
    mmap_drop(&m);
}

/* ---- 8: operations over several regions are right, or refused whole ---- */

static void test_rule_08_several_regions(void **state) {
    aspace_t *as = as_of(state);
    const uint64_t b = GIB(3) - 8 * P; /* across a border of all levels but the root */
    map_at(as, b, 4 * P, REGION_ZERO, HAL_PERMS_RW);
    map_at(as, b + 4 * P, 4 * P, REGION_WIRED, HAL_PERMS_RW);
    map_at(as, b + 8 * P, 4 * P, REGION_IMAGE, HAL_PERMS_RW);
    map_at(as, b + 12 * P, 4 * P, REGION_PHYS, HAL_PERMS_R);
    for (uint64_t i = 0; i < 12; i++) {
        write_ok(as, b + i * P, (uint8_t)(i + 1));
    }
    vrange_t middle = {VADDR(b + 2 * P), 12 * P};
    assert_int_equal(aspace_protect(as, middle, HAL_PERMS_R), STATUS_OK);
    for (uint64_t i = 0; i < 16; i++) {
        uint8_t byte = 0;
        assert_int_equal(sim_write(as, b + i * P, 99), i < 2 ? FAULT_RESOLVED : FAULT_PERMISSION);
        assert_int_equal(sim_read(as, b + i * P, &byte), FAULT_RESOLVED);
        if (i >= 2 && i < 12) {
            assert_int_equal(byte, i + 1);
        }
    }
    assert_int_equal(aspace_commit(as, (vrange_t){VADDR(b), 12 * P}, ACCESS_WRITE), ERR_PERMISSION);
    assert_int_equal(aspace_commit(as, (vrange_t){VADDR(b), 16 * P}, ACCESS_READ), STATUS_OK);

    /* Refused whole: a reservation or a hole in the range. */
    aspace_request_t guard = {
        .len = P, .kind = REGION_RESERVED, .fixed = true, .at = VADDR(b + 16 * P)};
    vaddr_t at;
    assert_int_equal(aspace_map(as, &guard, &at), STATUS_OK);
    map_at(as, b + 18 * P, P, REGION_ZERO, HAL_PERMS_RW);
    census_t before = census(as);
    vrange_t to_guard = {VADDR(b), 17 * P}, to_hole = {VADDR(b), 19 * P};
    assert_int_equal(aspace_protect(as, to_guard, HAL_PERMS_RW), ERR_PERMISSION);
    assert_int_equal(aspace_commit(as, to_guard, ACCESS_READ), ERR_PERMISSION);
    assert_int_equal(aspace_protect(as, to_hole, HAL_PERMS_RW), ERR_NOT_FOUND);
    assert_int_equal(aspace_commit(as, to_hole, ACCESS_READ), ERR_NOT_FOUND);
    assert_int_equal(aspace_unmap(as, to_hole), ERR_NOT_FOUND);
    assert_unchanged(as, before);
    assert_int_equal(sim_write(as, b + 3 * P, 1), FAULT_PERMISSION);

    /* Unmapping the middle of it all takes parts of regions and whole ones. */
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b + P), 13 * P}), STATUS_OK);
    for (uint64_t i = 0; i < 16; i++) {
        uint8_t byte;
        assert_int_equal(sim_read(as, b + i * P, &byte),
                         i < 1 || i >= 14 ? FAULT_RESOLVED : FAULT_UNMAPPED);
    }
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b), P}), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b + 14 * P), 3 * P}), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b + 18 * P), P}), STATUS_OK);
    assert_int_equal(as->regions, 0);
}

static void test_rule_08_big_leaves_are_cut(void **state) {
    aspace_t *as = as_of(state);
    aspace_request_t q = {.len = GIB(2),
                          .kind = REGION_PHYS,
                          .perms = HAL_PERMS_RW,
                          .align = GIB(1),
                          .phys = PADDR(GIB(4)),
                          .name = "window"};
    vaddr_t at;
    assert_int_equal(aspace_map(as, &q, &at), STATUS_OK);
    sim_leaf_t leaf;
    assert_true(sim_walk(as, at.raw + GIB(1), &leaf));
    assert_int_equal(leaf.level, 2);
    uint64_t tables = as->table_frames;

    vrange_t page = {VADDR(at.raw + MIB(3)), P};
    assert_int_equal(aspace_protect(as, page, HAL_PERMS_R), STATUS_OK);
    assert_int_equal(as->table_frames, tables + 2);
    for (uint64_t offset = 0; offset < GIB(2); offset += MIB(1)) {
        assert_true(sim_walk(as, at.raw + offset, &leaf));
        assert_int_equal(leaf.pa, GIB(4) + offset);
        assert_int_equal(!!(leaf.pte & SIM_W), offset != MIB(3));
    }
    assert_int_equal(aspace_protect(as, page, HAL_PERMS_RW), STATUS_OK);
    assert_int_equal(as->regions, 1);
    vrange_t straddling = {VADDR(at.raw + GIB(1) - MIB(1)), MIB(2)};
    assert_int_equal(aspace_unmap(as, straddling), STATUS_OK);
    for (uint64_t offset = 0; offset < GIB(2); offset += KIB(512)) {
        bool gone = offset >= GIB(1) - MIB(1) && offset < GIB(1) + MIB(1);
        assert_int_equal(is_present(as, at.raw + offset), !gone);
    }
    assert_int_equal(aspace_unmap(as, (vrange_t){at, GIB(1) - MIB(1)}), STATUS_OK);
    vrange_t rest = {VADDR(at.raw + GIB(1) + MIB(1)), GIB(1) - MIB(1)};
    assert_int_equal(aspace_unmap(as, rest), STATUS_OK);
    assert_int_equal(as->table_frames, 1);
}

/* ---- 9: W+X is refused; the user bit is kept; uncommitted pages get the new permissions ---- */

static void test_rule_09_permissions(void **state) {
    aspace_t *as = as_of(state);
    hal_perms_t p = HAL_PERMS_R;
    for (unsigned bits = 0; bits < 32; bits++) {
        bool wx = (bits & (HAL_W | HAL_X)) == (HAL_W | HAL_X);
        bool bad = bits >= 16 || (bits & (HAL_R | HAL_X)) == 0;
        assert_int_equal(hal_perms_make(bits, &p), wx    ? ERR_PERMISSION
                                                   : bad ? ERR_INVALID
                                                         : STATUS_OK);
    }
    /* Forged permissions are refused too, everywhere. */
    const hal_perms_t forged = {HAL_R | HAL_W | HAL_X};
    mmap_t m = new_zeroed(as, 8 * P, 12 * P);
    vaddr_t at;
    aspace_request_t q = {.len = P, .kind = REGION_ZERO, .perms = forged};
    assert_int_equal(aspace_map(as, &q, &at), ERR_PERMISSION);
    assert_int_equal(aspace_protect(as, mmap_range(&m), forged), ERR_PERMISSION);
    assert_int_equal(mmap_protect(&m, 0, P, forged), ERR_PERMISSION);
    assert_int_equal(aspace_grow(as, mmap_range(&m).start, 8 * P, P, forged), ERR_PERMISSION);

    uint64_t base = mmap_range(&m).start.raw;
    write_ok(as, base, 7);
    assert_int_equal(mmap_make_readonly(&m, 0, 2 * P), STATUS_OK);
    assert_int_equal(sim_write(as, base, 8), FAULT_PERMISSION);
    assert_int_equal(sim_write(as, base + P, 8), FAULT_PERMISSION);
    uint8_t byte;
    assert_int_equal(sim_fetch(as, base, &byte), FAULT_PERMISSION);
    assert_int_equal(mmap_copy_in(&m, 0, "x", 1), ERR_PERMISSION);
    assert_int_equal(read_ok(as, base), 7);
    write_ok(as, base + 2 * P, 9);
    assert_int_equal(mmap_protect(&m, 0, 2 * P, HAL_PERMS_RW), STATUS_OK);
    write_ok(as, base, 8);
    write_ok(as, base + P, 8);
    mmap_drop(&m);

    /* An uncommitted page faults in with what protect said. */
    m = new_zeroed(as, 64 * P, 0);
    base = mmap_range(&m).start.raw;
    assert_int_equal(mmap_make_executable(&m, 32 * P, 32 * P), STATUS_OK);
    assert_int_equal(sim_write(as, base + 40 * P, 1), FAULT_PERMISSION);
    assert_int_equal(sim_fetch(as, base + 40 * P, &byte), FAULT_RESOLVED);
    assert_int_equal(pte_at(as, base + 40 * P), SIM_V | SIM_R | SIM_X | SIM_A | SIM_D);
    assert_int_equal(sim_fetch(as, base, &byte), FAULT_PERMISSION);
    mmap_drop(&m);

    const mmap_opts_t user = {.len = 4 * P, .perms = {HAL_R | HAL_W | HAL_USER}, .name = "user"};
    assert_int_equal(mmap_new_zeroed(as, &user, &m), STATUS_OK);
    base = mmap_range(&m).start.raw;
    write_ok(as, base, 1);
    assert_int_equal(pte_at(as, base), SIM_V | SIM_R | SIM_W | SIM_U | SIM_A | SIM_D);
    assert_int_equal(mmap_make_readonly(&m, 0, 2 * P), STATUS_OK);
    assert_int_equal(pte_at(as, base), SIM_V | SIM_R | SIM_U | SIM_A | SIM_D);
    assert_int_equal(mmap_make_executable(&m, 0, 4 * P), STATUS_OK);
    assert_int_equal(pte_at(as, base), SIM_V | SIM_R | SIM_X | SIM_U | SIM_A | SIM_D);
    read_ok(as, base + 3 * P);
    assert_int_equal(pte_at(as, base + 3 * P), SIM_V | SIM_R | SIM_X | SIM_U | SIM_A | SIM_D);
    mmap_drop(&m);

    /* A device window can never be executed. */
    map_at(as, GIB(1), P, REGION_WIRED, HAL_PERMS_RW);
    q = (aspace_request_t){.len = P,
                           .kind = REGION_PHYS,
                           .perms = HAL_PERMS_RW,
                           .attr = HAL_MEM_DEVICE,
                           .phys = sim_image(),
                           .fixed = true,
                           .at = VADDR(GIB(1) + P)};
    assert_int_equal(aspace_map(as, &q, &at), STATUS_OK);
    assert_int_equal(aspace_protect(as, (vrange_t){VADDR(GIB(1)), 2 * P}, HAL_PERMS_RX),
                     ERR_PERMISSION);
    assert_int_equal(pte_at(as, GIB(1)), SIM_V | SIM_R | SIM_W | SIM_A | SIM_D);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(GIB(1)), 2 * P}), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_rule_01_commit_touches_exactly_its_pages),
        FIXTURE_TEST(test_rule_02_out_of_bounds_changes_nothing),
        FIXTURE_TEST(test_rule_02_impossible_requests),
        FIXTURE_TEST(test_rule_03_zero_length_succeeds_and_does_nothing),
        FIXTURE_TEST(test_rule_04_commit_is_idempotent_in_any_order),
        FIXTURE_TEST(test_rule_05_write_then_read_any_page),
        FIXTURE_TEST(test_rule_06_load_then_store_keeps_the_zero_frame),
        FIXTURE_TEST(test_rule_07_holes_at_every_level),
        FIXTURE_TEST(test_rule_07_uncommitted_holes_in_one_region),
        FIXTURE_TEST(test_rule_08_several_regions),
        FIXTURE_TEST(test_rule_08_big_leaves_are_cut),
        FIXTURE_TEST(test_rule_09_permissions),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
