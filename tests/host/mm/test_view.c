/* SPDX-License-Identifier: MIT */
/* A second place for the pages of a mapping (mm/view.c). */
#include "tests/host/mm/fixture.h"

#define P PAGE_SIZE

static const hal_perms_t user_rw = {HAL_R | HAL_W | HAL_USER};

typedef struct pair {
    mmap_t of, view;
    uint64_t at, seen; /* their first bytes */
} pair_t;

/* 40 pages for user level, with 3 of the image from the third on, and the kernel's view of them. */
static pair_t new_pair(aspace_t *as) {
    pair_t p;
    const mmap_opts_t opts = {.len = 40 * P, .capacity = 64 * P, .perms = user_rw, .name = "user"};
    assert_int_equal(mmap_new_zeroed(as, &opts, &p.of), STATUS_OK);
    assert_int_equal(mmap_overlay(&p.of, 2 * P, (prange_t){sim_image(), 3 * P}), STATUS_OK);
    const mmap_opts_t view = {
        .len = 40 * P, .capacity = 64 * P, .perms = HAL_PERMS_RW, .name = "view"};
    assert_int_equal(mmap_new_view(as, mmap_range(&p.of).start, &view, &p.view), STATUS_OK);
    p.at = mmap_range(&p.of).start.raw;
    p.seen = mmap_range(&p.view).start.raw;
    return p;
}

static void drop_pair(pair_t *p) {
    mmap_drop(&p->view);
    mmap_drop(&p->of);
}

static void assert_same_page(const aspace_t *as, const pair_t *p, uint64_t page) {
    sim_leaf_t of, view;
    assert_true(sim_walk(as, p->at + page * P, &of));
    assert_true(sim_walk(as, p->seen + page * P, &view));
    assert_int_equal(of.pa, view.pa);
    assert_true((of.pte & (SIM_OWNED | SIM_U)) == (SIM_OWNED | SIM_U));
    assert_false(view.pte & (SIM_OWNED | SIM_U | SIM_X));
}

static void test_both_places_show_the_same(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    write_ok(as, p.at + 7 * P + 1, 1);
    assert_int_equal(read_ok(as, p.seen + 7 * P + 1), 1);
    write_ok(as, p.seen + 7 * P + 1, 2);
    assert_int_equal(read_ok(as, p.at + 7 * P + 1), 2);
    /* Written through the view first. */
    write_ok(as, p.seen + 39 * P, 3);
    assert_int_equal(read_ok(as, p.at + 39 * P), 3);
    assert_same_page(as, &p, 7);
    assert_same_page(as, &p, 39);
    drop_pair(&p);
}

/* The zero frame and the image are only borrowed: a page that is looked at through the view gets a
 * frame first, so that the first write, wherever, is seen in both places. */
static void test_borrowed_pages_are_not_shown(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    const uint8_t *image = hal_phys_to_virt(sim_image());
    as->fault_around = 1;
    assert_int_equal(read_ok(as, p.at), 0);
    assert_int_equal(read_ok(as, p.at + 3 * P), image[P]);
    assert_int_equal(read_ok(as, p.seen), 0);
    assert_int_equal(read_ok(as, p.seen + 3 * P), image[P]);
    assert_same_page(as, &p, 0);
    assert_same_page(as, &p, 3);
    write_ok(as, p.at + 3 * P, (uint8_t)(image[P] + 1));
    assert_int_equal(read_ok(as, p.seen + 3 * P), (uint8_t)(image[P] + 1));
    write_ok(as, p.seen + 20 * P, 9);
    assert_int_equal(read_ok(as, p.at + 20 * P), 9);
    drop_pair(&p);
}

/* A read gives a frame to its own page only; a write to all that are filled together. */
static void test_fault_around(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    as->fault_around = 16;
    uint64_t promised = frame_promised_count();
    read_ok(as, p.seen + P);
    assert_int_equal(frame_promised_count(), promised - 1);
    write_ok(as, p.at + 17 * P,
             1); /* the pages of the window, however it lies, are all owned now */
    uint64_t faults = sim_faults;
    uint64_t first = (p.at + 17 * P) & ~(16 * P - 1), page = first < p.at ? 0 : (first - p.at) / P;
    assert_int_equal(read_ok(as, p.seen + 17 * P), 1);
    assert_int_equal(sim_faults, faults + 1);
    assert_true(is_owned(as, p.at + page * P));
    promised = frame_promised_count();
    write_ok(as, p.seen + 39 * P, 1);
    assert_true(frame_promised_count() < promised);
    drop_pair(&p);
}

/* What goes away is not seen any longer, not even by a TLB that nobody told. */
static void test_gone_is_gone(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    uint8_t byte;
    write_ok(as, p.at + 10 * P, 1);
    write_ok(as, p.at + 39 * P, 1);
    read_ok(as, p.seen + 10 * P);
    read_ok(as, p.seen + 39 * P);
    assert_int_equal(mmap_shrink(&p.of, 30 * P), STATUS_OK);
    assert_false(is_present(as, p.seen + 39 * P));
    assert_int_equal(sim_read(as, p.seen + 39 * P, &byte), FAULT_GUARD);
    assert_int_equal(sim_write(as, p.seen + 30 * P, 1), FAULT_GUARD);
    assert_int_equal(read_ok(as, p.seen + 10 * P), 1);
    /* Grown again it is zero in both places. */
    assert_int_equal(mmap_grow(&p.of, 40 * P), STATUS_OK);
    assert_int_equal(read_ok(as, p.seen + 39 * P), 0);
    mmap_drop(&p.of);
    assert_int_equal(sim_read(as, p.seen + 10 * P, &byte), FAULT_GUARD);
    assert_int_equal(frame_promised_count(), 0);
    mmap_drop(&p.view);
}

static void test_rights_are_at_most_those_of_what_is_shown(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    uint8_t byte;
    write_ok(as, p.at + 10 * P, 1);
    read_ok(as, p.seen + 10 * P);
    assert_int_equal(mmap_make_readonly(&p.of, 10 * P, P), STATUS_OK);
    assert_int_equal(sim_write(as, p.seen + 10 * P, 2), FAULT_PERMISSION);
    assert_int_equal(mmap_make_executable(&p.of, 10 * P, P), STATUS_OK);
    assert_int_equal(sim_read(as, p.seen + 10 * P, &byte), FAULT_PERMISSION);
    assert_int_equal(mmap_protect(&p.of, 10 * P, P, HAL_PERMS_RW), STATUS_OK);
    write_ok(as, p.seen + 10 * P, 3);
    assert_int_equal(read_ok(as, p.at + 10 * P), 3);
    /* The view's own. */
    assert_int_equal(mmap_make_readonly(&p.view, 10 * P, P), STATUS_OK);
    assert_int_equal(sim_write(as, p.seen + 10 * P, 4), FAULT_PERMISSION);
    assert_int_equal(read_ok(as, p.seen + 10 * P), 3);
    assert_int_equal(mmap_make_executable(&p.view, 10 * P, P), ERR_PERMISSION);
    assert_int_equal(mmap_protect(&p.view, 10 * P, P, HAL_PERMS_RW), STATUS_OK);
    write_ok(as, p.seen + 10 * P, 5);
    write_ok(as, p.seen + 11 * P, 6);
    assert_int_equal(read_ok(as, p.at + 10 * P), 5);
    assert_int_equal(read_ok(as, p.at + 11 * P), 6);
    drop_pair(&p);
}

static void test_what_cannot_be_shown(void **state) {
    aspace_t *as = as_of(state);
    const mmap_opts_t opts = {.len = 4 * P, .perms = HAL_PERMS_RW, .name = "test"};
    mmap_t wired, view, of_view;
    uint8_t byte;
    assert_int_equal(mmap_new_wired(as, &opts, false, &wired), STATUS_OK);
    assert_int_equal(mmap_new_view(as, mmap_range(&wired).start, &opts, &view), STATUS_OK);
    assert_int_equal(sim_read(as, mmap_range(&view).start.raw, &byte), FAULT_PERMISSION);
    assert_int_equal(mmap_commit(&view, 0, P, ACCESS_READ), ERR_PERMISSION);
    assert_int_equal(mmap_new_view(as, mmap_range(&view).start, &opts, &of_view), STATUS_OK);
    assert_int_equal(sim_read(as, mmap_range(&of_view).start.raw, &byte), FAULT_PERMISSION);
    mmap_drop(&of_view);
    mmap_drop(&view);
    mmap_drop(&wired);
    assert_int_equal(mmap_new_view(as, VADDR(GIB(100)), &opts, &view), STATUS_OK); /* of nothing */
    assert_int_equal(sim_read(as, mmap_range(&view).start.raw, &byte), FAULT_GUARD);
    assert_int_equal(mmap_commit(&view, 0, P, ACCESS_WRITE), ERR_NOT_FOUND);
    mmap_drop(&view);

    census_t before = census(as);
    assert_int_equal(mmap_new_view(as, VADDR(GIB(100) + 8), &opts, &view), ERR_INVALID);
    assert_int_equal(mmap_new_view(as, VADDR(-P), &opts, &view), ERR_RANGE);
    assert_int_equal(mmap_new_view(as, VADDR(0), &(mmap_opts_t){.perms = HAL_PERMS_RW}, &view),
                     ERR_INVALID);
    assert_int_equal(
        mmap_new_view(as, VADDR(0), &(mmap_opts_t){.len = P, .perms = HAL_PERMS_RX}, &view),
        ERR_PERMISSION);
    assert_unchanged(as, before);
}

static void test_grows(void **state) {
    aspace_t *as = as_of(state);
    pair_t p = new_pair(as);
    uint8_t byte;
    assert_int_equal(sim_read(as, p.seen + 40 * P, &byte), FAULT_GUARD);
    uint64_t promised = frame_promised_count();
    assert_int_equal(mmap_grow(&p.view, 50 * P), STATUS_OK);
    assert_int_equal(frame_promised_count(), promised);
    assert_int_equal(sim_read(as, p.seen + 40 * P, &byte), FAULT_GUARD); /* nothing there to see */
    assert_int_equal(mmap_grow(&p.of, 50 * P), STATUS_OK);
    write_ok(as, p.seen + 49 * P, 1);
    assert_int_equal(read_ok(as, p.at + 49 * P), 1);
    assert_int_equal(sim_read(as, p.seen + 50 * P, &byte), FAULT_GUARD);
    assert_int_equal(mmap_grow(&p.view, 65 * P), ERR_RANGE);
    assert_int_equal(mmap_shrink(&p.view, 10 * P), ERR_INVALID);
    drop_pair(&p);
}

/* One page of a big leaf, and pages that a commit makes seen ahead. */
static void test_big_leaves_and_commits(void **state) {
    aspace_t *as = as_of(state);
    mmap_t of, view;
    const mmap_opts_t opts = {.len = MIB(6), .align = MIB(2), .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &opts, &of), STATUS_OK);
    assert_int_equal(mmap_commit(&of, 0, MIB(4), ACCESS_WRITE), STATUS_OK);
    assert_int_equal(mmap_new_view(as, mmap_range(&of).start, &opts, &view), STATUS_OK);
    uint64_t at = mmap_range(&of).start.raw, seen = mmap_range(&view).start.raw;
    write_ok(as, at + MIB(2) + 5 * P, 1);
    assert_int_equal(read_ok(as, seen + MIB(2) + 5 * P), 1);
    uint64_t faults = sim_faults;
    assert_int_equal(mmap_commit(&view, 0, MIB(6), ACCESS_READ), STATUS_OK);
    write_ok(as, seen + MIB(5), 2);
    assert_int_equal(sim_faults, faults);
    assert_int_equal(read_ok(as, at + MIB(5)), 2);
    uint8_t bytes[3] = {7, 8, 9};
    assert_int_equal(mmap_copy_in(&view, MIB(4) - 1, bytes, 3), STATUS_OK);
    assert_int_equal(read_ok(as, at + MIB(4)), 8);
    mmap_drop(&of);
    mmap_drop(&view);
}

static void test_failure_at_every_step(void **state) {
    aspace_t *as = as_of(state);
    for (unsigned round = 0; round < 80; round++) { /* some round finds the page of nodes full */
        mmap_t of = new_zeroed(as, 4 * P, MIB(8)), view;
        const mmap_opts_t opts = {.len = 4 * P, .capacity = MIB(8), .perms = HAL_PERMS_RW};
        FAIL_EVERYWHERE(as, mmap_new_view(as, mmap_range(&of).start, &opts, &view));
        FAIL_EVERYWHERE(as, mmap_grow(&view, MIB(6)));
        write_ok(as, mmap_range(&view).start.raw, 1);
        assert_int_equal(read_ok(as, mmap_range(&of).start.raw), 1);
    } /* the fixture unmaps them all */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_both_places_show_the_same),
        FIXTURE_TEST(test_borrowed_pages_are_not_shown),
        FIXTURE_TEST(test_fault_around),
        FIXTURE_TEST(test_gone_is_gone),
        FIXTURE_TEST(test_rights_are_at_most_those_of_what_is_shown),
        FIXTURE_TEST(test_what_cannot_be_shown),
        FIXTURE_TEST(test_grows),
        FIXTURE_TEST(test_big_leaves_and_commits),
        FIXTURE_TEST(test_failure_at_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
