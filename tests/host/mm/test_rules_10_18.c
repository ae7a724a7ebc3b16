/* SPDX-License-Identifier: MIT */
/*
 * Rules 10 to 18 of the memory manager (docs/memory.md), one test or more for each, with Sv39 and
 * with Sv48 tables. Rules 15 and 16 have their own files: test_model.c and test_place.c.
 */
#include "tests/host/mm/fixture.h"

#define P PAGE_SIZE

/* ---- 10: making code executable synchronises instruction fetch before use ---- */

static void test_rule_10_executable_synchronises_fetch(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 2 * P, 0);
    uint64_t base = mmap_range(&m).start.raw, fences = sim_fetch_fences;
    assert_int_equal(mmap_copy_in(&m, 0, "\x13\0\0\0", 4), STATUS_OK);
    assert_int_equal(sim_fetch_fences, fences);
    assert_int_equal(mmap_make_executable(&m, 0, P), STATUS_OK);
    assert_true(sim_fetch_fences > fences);
    fences = sim_fetch_fences;
    uint8_t byte = 0;
    assert_int_equal(sim_fetch(as, base, &byte), FAULT_RESOLVED);
    assert_int_equal(byte, 0x13);
    assert_int_equal(mmap_make_readonly(&m, 0, P), STATUS_OK);
    assert_int_equal(sim_fetch_fences, fences);
    assert_int_equal(sim_fetch(as, base, &byte), FAULT_PERMISSION);
    mmap_drop(&m);

    /* Mapped executable, faulted in executable, committed executable. */
    map_at(as, GIB(1), 32 * P, REGION_IMAGE, HAL_PERMS_RX);
    assert_true(sim_fetch_fences > fences);
    fences = sim_fetch_fences;
    assert_int_equal(sim_fetch(as, GIB(1), &byte), FAULT_RESOLVED);
    assert_true(sim_fetch_fences > fences);
    fences = sim_fetch_fences;
    assert_int_equal(aspace_commit(as, (vrange_t){VADDR(GIB(1) + 20 * P), 1}, ACCESS_EXECUTE),
                     STATUS_OK);
    assert_true(sim_fetch_fences > fences);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(GIB(1)), 32 * P}), STATUS_OK);
}

/* ---- 11: clear entries, then flush, then free frames; the count returns to its baseline ---- */

static void test_rule_11_flush_before_free(void **state) {
    aspace_t *as = as_of(state);
    census_t before = census(as);
    for (unsigned round = 0; round < 3; round++) {
        mmap_t m = new_zeroed(as, 100 * P, MIB(8));
        uint64_t base = mmap_range(&m).start.raw;
        for (uint64_t i = 0; i < 100; i++) {
            write_ok(as, base + i * P, 1); /* now the TLB knows them; sim.c checks every free */
        }
        uint64_t flushes = sim_flushes;
        assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(base + 10 * P), P}), STATUS_OK);
        assert_int_equal(sim_flushes, flushes + 1);
        uint8_t byte;
        assert_int_equal(sim_read(as, base + 10 * P, &byte), FAULT_UNMAPPED);
        assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(base), 10 * P}), STATUS_OK);
        uint64_t alls = sim_flush_alls;
        assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(base + 11 * P), MIB(8) - 11 * P}),
                         STATUS_OK);
        assert_true(sim_flush_alls > alls); /* tables went: a flush by address is not enough */
        assert_unchanged(as, before);
    }
}

static void test_rule_11_batches(void **state) {
    aspace_t *as = as_of(state);
    mmap_t maps[40];
    for (unsigned i = 0; i < 40; i++) {
        maps[i] = new_zeroed(as, P, 0);
        write_ok(as, mmap_range(&maps[i]).start.raw, (uint8_t)i);
    }
    uint64_t flushes = sim_flushes, free = frame_free_count();
    {
        BATCH_SCOPE(scope, as);
        for (unsigned i = 0; i < 8; i++) {
            mmap_drop(&maps[i]); /* side by side: one range */
        }
        assert_int_equal(sim_flushes, flushes);
        assert_int_equal(frame_free_count(), free);
        /* A new mapping at the same place must not meet what is retired. */
        mmap_t again = new_zeroed(as, P, 0);
        assert_int_equal(sim_flushes, flushes + 1);
        assert_int_equal(read_ok(as, mmap_range(&again).start.raw), 0);
        maps[0] = again;
        BATCH_SCOPE(inner, as);
        assert_int_equal(mmap_make_executable(&maps[9], 0, P), STATUS_OK);
        batch_scope_end(&inner);
        batch_scope_end(&scope);
    }
    assert_int_equal(sim_flushes, flushes + 2);
    flushes = sim_flushes;
    {
        BATCH_SCOPE(scope, as);
        for (unsigned i = 8; i < 40; i += 2) {
            mmap_drop(&maps[i]); /* more ranges than a batch holds */
        }
        batch_scope_end(&scope);
    }
    assert_true(sim_flushes >= flushes + 1 && sim_flushes < flushes + 40);
    for (unsigned i = 9; i < 40; i += 2) {
        mmap_drop(&maps[i]);
    }
    mmap_drop(&maps[0]);

    /* What is given back and taken again within one scope is fresh. */
    mmap_t m = new_zeroed(as, 4 * P, 0);
    uint64_t last = mmap_range(&m).start.raw + 3 * P;
    assert_int_equal(mmap_copy_in(&m, 3 * P, "old", 3), STATUS_OK);
    {
        BATCH_SCOPE(scope, as);
        assert_int_equal(mmap_shrink(&m, 2 * P), STATUS_OK);
        assert_int_equal(mmap_grow(&m, 4 * P), STATUS_OK);
        write_ok(as, last + 1, 1);
        assert_int_equal(read_ok(as, last), 0);
        batch_scope_end(&scope);
    }
    assert_int_equal(read_ok(as, last + 1), 1);
    mmap_drop(&m);

    batch_scope_t open = batch_scope_begin(as);
    SIM_EXPECT_PANIC(batch_scope_check(&open));
    batch_scope_end(&open);
    SIM_EXPECT_PANIC(batch_scope_end(&open));
    open = batch_scope_begin(as);
    SIM_EXPECT_PANIC(aspace_destroy(as));
    batch_scope_end(&open);
}

/* ---- 12: overlap with either neighbour, or leaving the address space, is an error ---- */

static void test_rule_12_overlap(void **state) {
    aspace_t *as = as_of(state);
    const uint64_t b = MIB(64);
    map_at(as, b, 4 * P, REGION_ZERO, HAL_PERMS_RW);
    map_at(as, b + 8 * P, 4 * P, REGION_ZERO, HAL_PERMS_RW);
    static const struct {
        uint64_t at, len;
        bool ok;
    } cases[] = {{3, 1, false}, {3, 2, false}, {4, 5, false}, {7, 2, false}, {0, 12, false},
                 {4, 4, true},  {5, 2, true},  {12, 1, true}, {0, 1, false}, {11, 1, false}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        aspace_request_t q = {.len = cases[i].len * P,
                              .kind = REGION_RESERVED,
                              .fixed = true,
                              .at = VADDR(b + cases[i].at * P)};
        vaddr_t at;
        census_t before = census(as);
        assert_int_equal(aspace_map(as, &q, &at), cases[i].ok ? STATUS_OK : ERR_OVERLAP);
        if (cases[i].ok) {
            assert_int_equal(aspace_unmap(as, (vrange_t){at, q.len}), STATUS_OK);
        }
        assert_unchanged(as, before);
    }
    /* The guards around count as well. */
    aspace_request_t guarded = {.len = P,
                                .capacity = 2 * P,
                                .guard_before = P,
                                .kind = REGION_ZERO,
                                .perms = HAL_PERMS_RW,
                                .fixed = true,
                                .at = VADDR(b + 4 * P)};
    vaddr_t at;
    assert_int_equal(aspace_map(as, &guarded, &at), ERR_OVERLAP);
    guarded.at = VADDR(b + 7 * P);
    assert_int_equal(aspace_map(as, &guarded, &at), ERR_OVERLAP);
    guarded.at = VADDR(b + 5 * P);
    assert_int_equal(aspace_map(as, &guarded, &at), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b), 7 * P}), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(b + 8 * P), 4 * P}), STATUS_OK);

    /* The tables themselves refuse to be written over. */
    const vrange_t twice = {VADDR(b), P}, below_leaf = {VADDR(GIB(8) + MIB(2)), P};
    aspace_request_t big = {.len = GIB(1),
                            .kind = REGION_PHYS,
                            .perms = HAL_PERMS_R,
                            .fixed = true,
                            .at = VADDR(GIB(8)),
                            .phys = PADDR(GIB(1))};
    assert_int_equal(aspace_map(as, &big, &at), STATUS_OK);
    map_at(as, b, P, REGION_WIRED, HAL_PERMS_RW);
    assert_int_equal(hal_pt_map(&as->pt, twice, PADDR(0), HAL_PERMS_R, HAL_MEM_NORMAL, false, 0),
                     ERR_OVERLAP);
    assert_int_equal(
        hal_pt_map(&as->pt, below_leaf, PADDR(0), HAL_PERMS_R, HAL_MEM_NORMAL, false, 0),
        ERR_OVERLAP);
    assert_int_equal(aspace_unmap(as, twice), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){at, GIB(1)}), STATUS_OK);

    /* The very first and the very last page are fine; one more is not (rule 2 has those). */
    map_at(as, 0, P, REGION_ZERO, HAL_PERMS_RW);
    map_at(as, -P, P, REGION_ZERO, HAL_PERMS_RW);
    write_ok(as, UINT64_MAX, 5);
    assert_int_equal(read_ok(as, UINT64_MAX), 5);
    assert_ptr_equal(aspace_find(as, VADDR(UINT64_MAX)), aspace_next(as, VADDR(P)));
    assert_int_equal(aspace_protect(as, (vrange_t){VADDR(-P), P}, HAL_PERMS_R), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(-P), P}), STATUS_OK);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(0), P}), STATUS_OK);
    /* The hart does not reach these, whatever is mapped. */
    assert_int_equal(sim_write(as, UINT64_C(1) << 62, 5), FAULT_UNMAPPED);
}

/* ---- 13: the tail beyond a memory's size and its guard always fault ---- */

static void test_rule_13_tail_and_guard_fault(void **state) {
    aspace_t *as = as_of(state);
    const mmap_opts_t opts = {.len = KIB(64),
                              .capacity = GIB(8),
                              .guard_before = KIB(64),
                              .align = MIB(2),
                              .perms = HAL_PERMS_RW,
                              .name = "memory"};
    mmap_t m;
    assert_int_equal(mmap_new_zeroed(as, &opts, &m), STATUS_OK);
    uint64_t base = mmap_range(&m).start.raw;
    assert_int_equal(base % MIB(2), 0);
    for (unsigned pages = 1; pages <= 40; pages++) {
        uint64_t size = KIB(64) * pages;
        assert_int_equal(mmap_grow(&m, size), STATUS_OK);
        write_ok(as, base + size - 1, (uint8_t)pages); /* fault-around must stop at the size */
        const uint64_t beyond[] = {size, size + P - 1, size + KIB(64), GIB(4) - 1, GIB(8) - 1};
        for (unsigned i = 0; i < 5; i++) {
            uint8_t byte;
            assert_int_equal(sim_read(as, base + beyond[i], &byte), FAULT_GUARD);
            assert_int_equal(sim_write(as, base + beyond[i], 1), FAULT_GUARD);
            assert_int_equal(sim_fetch(as, base + beyond[i], &byte), FAULT_GUARD);
            assert_false(is_present(as, base + beyond[i]));
            assert_string_equal(aspace_find(as, VADDR(base + beyond[i]))->name, "memory");
        }
        assert_int_equal(sim_write(as, base - 1, 1), FAULT_GUARD);
        assert_int_equal(sim_write(as, base - KIB(64), 1), FAULT_GUARD);
    }
    for (unsigned pages = 1; pages <= 40; pages++) {
        assert_int_equal(read_ok(as, base + KIB(64) * pages - 1), pages);
    }
    assert_int_equal(mmap_commit(&m, KIB(64) * 40, 1, ACCESS_READ), ERR_RANGE);
    uint8_t byte;
    assert_int_equal(sim_read(as, base + GIB(8), &byte), FAULT_UNMAPPED);
    mmap_drop(&m);
    assert_int_equal(sim_read(as, base, &byte), FAULT_UNMAPPED);
}

/* ---- 14: running out of frames at any step leaves a consistent state ---- */

static status_t map_kind(aspace_t *as, region_kind_t kind, bool contiguous, uint64_t at,
                         uint64_t len) {
    aspace_request_t q = {.len = len,
                          .capacity = len + P,
                          .guard_before = P,
                          .kind = kind,
                          .contiguous = contiguous,
                          .perms = HAL_PERMS_RW,
                          .phys = sim_image(),
                          .image_len = kind == REGION_IMAGE ? 3 * P : 0,
                          .fixed = true,
                          .at = VADDR(at)};
    vaddr_t out;
    return aspace_map(as, &q, &out);
}

static void test_rule_14_failure_at_every_step(void **state) {
    aspace_t *as = as_of(state);
    const uint64_t b = GIB(2) - 5 * P; /* tables on both sides of a gigabyte border */
    FAIL_EVERYWHERE(as, map_kind(as, REGION_ZERO, false, b, 10 * P));
    FAIL_EVERYWHERE(as, map_kind(as, REGION_WIRED, false, b + GIB(10), MIB(4) + 7 * P));
    FAIL_EVERYWHERE(as, map_kind(as, REGION_WIRED, true, b + GIB(20), MIB(2) + 7 * P));
    FAIL_EVERYWHERE(as, map_kind(as, REGION_IMAGE, false, b + GIB(30), 10 * P));
    FAIL_EVERYWHERE(as, map_kind(as, REGION_PHYS, false, b + GIB(40) + 5 * P, GIB(2)));
    const vrange_t big = {VADDR(b + GIB(40) + 5 * P), GIB(2)};
    const vrange_t in_big = {VADDR(big.start.raw + MIB(500) + P), GIB(1)};
    FAIL_EVERYWHERE(as, aspace_protect(as, in_big, HAL_PERMS_R));
    const vrange_t in_big_2 = {VADDR(big.start.raw + P), MIB(600)};
    FAIL_EVERYWHERE(as, aspace_unmap(as, in_big_2));
    const vrange_t image = {VADDR(b + GIB(30)), 10 * P};
    FAIL_EVERYWHERE(as, aspace_protect(as, image, HAL_PERMS_RX));
    const vrange_t part = {VADDR(b + P), 3 * P};
    FAIL_EVERYWHERE(as, aspace_protect(as, part, HAL_PERMS_R));

    mmap_t m = mmap_new_empty();
    const mmap_opts_t opts = {.capacity = GIB(1), .perms = HAL_PERMS_RW, .name = "memory"};
    FAIL_EVERYWHERE(as, mmap_new_zeroed(as, &opts, &m));
    FAIL_EVERYWHERE(as, mmap_grow(&m, P));
    FAIL_EVERYWHERE(as, mmap_grow(&m, MIB(5)));
    const mmap_opts_t text = {.len = 4 * P, .perms = HAL_PERMS_RX, .name = "text"};
    mmap_t ro;
    const prange_t pages = {sim_image(), 4 * P};
    FAIL_EVERYWHERE(as, mmap_new_image(as, pages, &text, &ro));
    FAIL_EVERYWHERE(as, mmap_protect(&ro, P, P, HAL_PERMS_RW)); /* now it needs promises */
    assert_int_equal(frame_promised_count(), 10 + 10 + MIB(5) / P + 1);
    mmap_drop(&ro);
    mmap_drop(&m);
    while (as->root != NULL) {
        assert_int_equal(aspace_unmap(as, (vrange_t){as->root->start, as->root->len}), STATUS_OK);
    }
    aspace_t other;
    const aspace_config_t config = {.levels = 3, .window = FIXTURE_WINDOW};
    for (uint64_t n = 1; n <= 2; n++) {
        census_t before = census(as);
        sim_fail_at(n);
        assert_int_equal(aspace_init(&other, &config), ERR_NO_MEMORY);
        sim_fail_at(0);
        assert_unchanged(as, before);
    }
}

/* Nodes come from pages of a few dozen: some round here finds the page full at each step. */
static void test_rule_14_failure_of_nodes(void **state) {
    aspace_t *as = as_of(state);
    mmap_t maps[40];
    const hal_perms_t read = HAL_PERMS_R;
    for (unsigned i = 0; i < 40; i++) {
        const mmap_opts_t opts = {.len = MIB(4), .align = MIB(2), .perms = HAL_PERMS_RW};
        FAIL_EVERYWHERE(as, mmap_new_zeroed(as, &opts, &maps[i]));
        uint64_t base = mmap_range(&maps[i]).start.raw;
        if (i < 3) {
            assert_int_equal(mmap_commit(&maps[i], 0, MIB(4), ACCESS_WRITE), STATUS_OK);
        }
        FAIL_EVERYWHERE(as, mmap_shrink(&maps[i], MIB(3) + P)); /* cuts a big leaf */
        if (i % 3 == 0) { /* shifts where the pages of nodes end */
            const aspace_request_t q = {.len = P, .kind = REGION_RESERVED};
            vaddr_t at;
            assert_int_equal(aspace_map(as, &q, &at), STATUS_OK);
        }
        FAIL_EVERYWHERE(as, aspace_grow(as, VADDR(base), MIB(3) + P, P, read));
        FAIL_EVERYWHERE(as, mmap_shrink(&maps[i], 2 * P));
    }
    for (unsigned i = 0; i < 40; i++) {
        mmap_drop(&maps[i]);
    }
}

/* With no frame and no node left, memory can still be given back. */
static void test_rule_14_shrinking_needs_nothing(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 8 * P, MIB(8));
    for (uint64_t i = 0; i < 8; i++) {
        write_ok(as, mmap_range(&m).start.raw + i * P, 1);
    }
    static paddr_t taken[FIXTURE_RAM_PAGES];
    static vaddr_t reserved[1000];
    uint64_t frames = 0, regions = 0;
    while (frame_alloc(0, &taken[frames]) == STATUS_OK) {
        frames++;
    }
    const aspace_request_t q = {.len = P, .kind = REGION_RESERVED};
    while (aspace_map(as, &q, &reserved[regions]) == STATUS_OK) {
        regions++;
        assert_true(regions < 1000);
    }
    assert_int_equal(frame_free_count(), 0);
    assert_int_equal(mmap_shrink(&m, 3 * P), STATUS_OK);
    assert_int_equal(frame_free_count(), 5);
    assert_int_equal(mmap_shrink(&m, P), STATUS_OK);
    while (frames > 0) {
        frame_free(taken[--frames], 0);
    }
    while (regions > 0) {
        assert_int_equal(aspace_unmap(as, (vrange_t){reserved[--regions], P}), STATUS_OK);
    }
    mmap_drop(&m);
}

/* In pieces too small for big pages, or backed by an image, memory is filled page by page. */
static void test_rule_14_fragmented_memory(void **state) {
    aspace_t *as = as_of(state);
    static paddr_t odd[FIXTURE_RAM_PAGES];
    uint64_t n = 0;
    while (frame_alloc(0, &odd[n]) == STATUS_OK) {
        n++;
    }
    for (uint64_t i = 0; i < n; i++) {
        if (odd[i].raw >> PAGE_SHIFT & 1) {
            frame_free(odd[i], 0);
        }
    }
    mmap_t m, image;
    const mmap_opts_t opts = {.len = MIB(4), .align = MIB(2), .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &opts, &m), STATUS_OK);
    assert_int_equal(mmap_new_image(as, (prange_t){sim_image(), P}, &opts, &image), STATUS_OK);
    assert_int_equal(mmap_commit(&m, 0, MIB(4), ACCESS_WRITE), STATUS_OK);
    assert_int_equal(mmap_commit(&image, 0, MIB(4), ACCESS_WRITE), STATUS_OK);
    assert_int_equal(read_ok(as, mmap_range(&image).start.raw + 8),
                     ((uint8_t *)hal_phys_to_virt(sim_image()))[8]);
    mmap_t wired;
    assert_int_equal(mmap_new_wired(as, &opts, true, &wired), ERR_NO_MEMORY);
    assert_int_equal(mmap_new_wired(as, &opts, false, &wired), STATUS_OK);
    mmap_drop(&wired);
    mmap_drop(&image);
    mmap_drop(&m);
    for (uint64_t i = 0; i < n; i++) {
        if (!(odd[i].raw >> PAGE_SHIFT & 1)) {
            frame_free(odd[i], 0);
        }
    }
}

static void test_rule_14_promises_keep_faults_safe(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, MIB(8), GIB(1));
    /* Everything else goes to somebody greedy. */
    paddr_t taken[64];
    unsigned count = 0;
    for (int order = 12; order >= 0; order--) {
        while (count < 64 && frame_alloc((unsigned)order, &taken[count]) == STATUS_OK) {
            taken[count++].raw |= (unsigned)order;
        }
    }
    paddr_t none;
    assert_int_equal(frame_alloc(0, &none), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_zeroed(0, &none), ERR_NO_MEMORY);
    assert_int_equal(frame_alloc_run(1, &none), ERR_NO_MEMORY);
    assert_int_equal(frame_promise(1), ERR_NO_MEMORY);
    assert_int_equal(mmap_grow(&m, MIB(8) + P), ERR_NO_MEMORY);
    mmap_t other;
    const mmap_opts_t opts = {.len = P, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &opts, &other), ERR_NO_MEMORY);
    assert_int_equal(mmap_new_wired(as, &opts, false, &other), ERR_NO_MEMORY);
    for (uint64_t i = 0; i < MIB(8); i += P) {
        read_ok(as, mmap_range(&m).start.raw + i);
        write_ok(as, mmap_range(&m).start.raw + i, 1);
    }
    assert_int_equal(frame_free_count(), 0);
    while (count > 0) {
        count--;
        frame_free(PADDR(align_down(taken[count].raw, P)), taken[count].raw & 0xfff);
    }
    mmap_drop(&m);
}

/* ---- 17: double unmap and use after unmap are errors ---- */

static void test_rule_17_use_after_unmap(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 4 * P, 0);
    vrange_t range = mmap_range(&m);
    write_ok(as, range.start.raw, 1);
    mmap_drop(&m);
    assert_true(mmap_is_empty(&m));
    assert_null(mmap_as_mut_ptr(&m));
    assert_int_equal(mmap_copy_in(&m, 0, "x", 1), ERR_RANGE);
    census_t before = census(as);
    hal_pt_entry_t e;
    uint8_t byte;
    assert_int_equal(aspace_unmap(as, range), ERR_NOT_FOUND);
    assert_int_equal(aspace_protect(as, range, HAL_PERMS_R), ERR_NOT_FOUND);
    assert_int_equal(aspace_commit(as, range, ACCESS_READ), ERR_NOT_FOUND);
    assert_int_equal(aspace_grow(as, range.start, range.len, P, HAL_PERMS_RW), ERR_NOT_FOUND);
    assert_int_equal(aspace_translate(as, range.start, &e), ERR_NOT_FOUND);
    assert_int_equal(aspace_handle_fault(as, range.start, ACCESS_READ, LEVEL_BOTH), FAULT_UNMAPPED);
    assert_int_equal(sim_read(as, range.start.raw, &byte), FAULT_UNMAPPED);
    assert_null(aspace_find(as, range.start));
    assert_unchanged(as, before);
    /* A handle whose pages somebody else unmapped is a bug that shows. */
    m = new_zeroed(as, 4 * P, 0);
    assert_int_equal(aspace_unmap(as, (vrange_t){VADDR(mmap_range(&m).start.raw + P), P}),
                     STATUS_OK);
    assert_int_equal(mmap_copy_out(&m, P, &byte, 1), ERR_NOT_FOUND);
    SIM_EXPECT_PANIC(mmap_drop(&m));
}

/* ---- 18: len() is the requested length; capacity is separate ---- */

static void test_rule_18_len_and_capacity(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 100, 3 * P + 1);
    assert_int_equal(mmap_len(&m), 100);
    assert_int_equal(mmap_range(&m).len, 100);
    assert_int_equal(mmap_capacity(&m), 4 * P);
    assert_false(mmap_is_empty(&m));
    assert_ptr_equal(mmap_as_ptr(&m), (void *)mmap_range(&m).start.raw);
    uint64_t base = mmap_range(&m).start.raw;
    write_ok(as, base + 50, 1);
    write_ok(as, base + 100, 2); /* behind len(), in the same page: only a pointer gets there */
    assert_int_equal(mmap_grow(&m, 200), STATUS_OK);
    assert_int_equal(read_ok(as, base + 50), 1);
    assert_int_equal(read_ok(as, base + 100), 0);
    assert_int_equal(mmap_grow(&m, 4 * P), STATUS_OK);
    assert_int_equal(mmap_len(&m), 4 * P);
    assert_int_equal(as->regions, 1);
    assert_int_equal(mmap_grow(&m, 4 * P + 1), ERR_RANGE);
    mmap_drop(&m);

    const mmap_opts_t opts = {.len = 33, .perms = HAL_PERMS_R, .name = "window"};
    assert_int_equal(mmap_new_phys(as, PADDR(sim_image().raw + P - 10), HAL_MEM_NORMAL, &opts, &m),
                     STATUS_OK);
    assert_int_equal(mmap_len(&m), 33);
    assert_int_equal(mmap_capacity(&m), 2 * P - (P - 10));
    assert_int_equal(mmap_range(&m).start.raw % P, P - 10);
    uint8_t bytes[33];
    assert_int_equal(mmap_copy_out(&m, 0, bytes, 33), STATUS_OK);
    assert_memory_equal(bytes, hal_phys_to_virt(PADDR(sim_image().raw + P - 10)), 33);
    assert_int_equal(mmap_grow(&m, 34), ERR_RANGE);
    mmap_drop(&m);
    assert_int_equal(mmap_new_phys(as, PADDR(0x10000000), HAL_MEM_DEVICE, &opts, &m), STATUS_OK);
    assert_int_equal(mmap_copy_out(&m, 0, bytes, 33), ERR_UNSUPPORTED);
    mmap_drop(&m);

    const mmap_opts_t wired = {.len = 5 * P - 1, .perms = HAL_PERMS_RW, .name = "ring"};
    for (int contiguous = 0; contiguous < 2; contiguous++) {
        assert_int_equal(mmap_new_wired(as, &wired, contiguous, &m), STATUS_OK);
        assert_int_equal(mmap_len(&m), 5 * P - 1);
        sim_leaf_t first, leaf;
        assert_true(sim_walk(as, mmap_range(&m).start.raw, &first));
        for (uint64_t i = 0; i < 5; i++) {
            assert_true(sim_walk(as, mmap_range(&m).start.raw + i * P, &leaf));
            assert_true(!contiguous || leaf.pa == first.pa + i * P);
            assert_int_equal(read_ok(as, mmap_range(&m).start.raw + i * P), 0);
        }
        assert_int_equal(frame_promised_count(), 0);
        mmap_drop(&m);
    }
    int calls = 0;
    m = new_zeroed(as, 2 * P, 0);
    assert_int_equal(mmap_with_slice(&m, 1, P, nothing, &calls), STATUS_OK);
    assert_false(is_owned(as, mmap_range(&m).start.raw));
    assert_int_equal(mmap_with_slice_mut(&m, P, P, nothing_mut, &calls), STATUS_OK);
    assert_true(is_owned(as, mmap_range(&m).start.raw + P));
    assert_int_equal(calls, 2);
    mmap_drop(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_rule_10_executable_synchronises_fetch),
        FIXTURE_TEST(test_rule_11_flush_before_free),
        FIXTURE_TEST(test_rule_11_batches),
        FIXTURE_TEST(test_rule_12_overlap),
        FIXTURE_TEST(test_rule_13_tail_and_guard_fault),
        FIXTURE_TEST(test_rule_14_failure_at_every_step),
        FIXTURE_TEST(test_rule_14_failure_of_nodes),
        FIXTURE_TEST(test_rule_14_shrinking_needs_nothing),
        FIXTURE_TEST(test_rule_14_fragmented_memory),
        FIXTURE_TEST(test_rule_14_promises_keep_faults_safe),
        FIXTURE_TEST(test_rule_17_use_after_unmap),
        FIXTURE_TEST(test_rule_18_len_and_capacity),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
