/* SPDX-License-Identifier: MIT */
/* Pages of the boot image laid over a mapping that is zeroed on demand (mm/overlay.c). */
#include "tests/host/mm/fixture.h"

#define P PAGE_SIZE

static uint8_t image_byte(uint64_t page) {
    const uint8_t *image = hal_phys_to_virt(sim_image());
    return image[page * P];
}

/* A memory of 8 pages with 3 of the image from its third page on. */
static mmap_t new_overlaid(aspace_t *as) {
    mmap_t m = new_zeroed(as, 8 * P, 32 * P);
    assert_int_equal(mmap_overlay(&m, 2 * P, (prange_t){sim_image(), 3 * P}), STATUS_OK);
    return m;
}

static void check_pristine(aspace_t *as, const mmap_t *m) {
    for (uint64_t i = 0; i < 8; i++) {
        uint8_t want = i >= 2 && i < 5 ? image_byte(i - 2) : 0;
        assert_int_equal(read_ok(as, mmap_range(m).start.raw + i * P), want);
    }
}

static void test_reads_borrow_the_image(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_overlaid(as);
    uint64_t free = frame_free_count();
    check_pristine(as, &m);
    assert_int_equal(frame_free_count(), free);
    for (uint64_t i = 2; i < 5; i++) {
        sim_leaf_t leaf;
        assert_true(sim_walk(as, mmap_range(&m).start.raw + i * P, &leaf));
        assert_int_equal(leaf.pa, sim_image().raw + (i - 2) * P);
        assert_false(leaf.pte & (SIM_W | SIM_X | SIM_OWNED));
    }
    mmap_drop(&m);
}

/* Read first or written at once: the writer gets a copy, and the image and others never change. */
static void test_writes_copy(void **state) {
    aspace_t *as = as_of(state);
    uint8_t first = image_byte(0), last = image_byte(2);
    mmap_t m = new_overlaid(as), other = new_overlaid(as);
    uint64_t at = mmap_range(&m).start.raw;
    read_ok(as, at + 2 * P);
    write_ok(as, at + 2 * P, (uint8_t)(first + 1));
    write_ok(as, at + 4 * P + 1, (uint8_t)(last + 1));
    assert_int_equal(read_ok(as, at + 2 * P), (uint8_t)(first + 1));
    assert_int_equal(read_ok(as, at + 4 * P), last);
    assert_true(is_owned(as, at + 2 * P));
    assert_int_equal(image_byte(0), first);
    check_pristine(as, &other);
    mmap_drop(&m);
    mmap_t again = new_overlaid(as);
    check_pristine(as, &again);
    mmap_drop(&again);
    mmap_drop(&other);
}

/* No promise more and no frame, at most what the two border regions' records take. */
static void test_costs_no_frames(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 8 * P, 32 * P);
    uint64_t promised = frame_promised_count(), free = frame_free_count();
    assert_int_equal(mmap_overlay(&m, P, (prange_t){sim_image(), 2 * P}), STATUS_OK);
    assert_int_equal(frame_promised_count(), promised);
    assert_in_range(free - frame_free_count(), 0, 1);
    uint8_t byte = 7;
    assert_int_equal(mmap_copy_in(&m, 2 * P + 1, &byte, 1), STATUS_OK);
    assert_int_equal(frame_promised_count(), promised - 1);
    assert_int_equal(mmap_copy_out(&m, P, &byte, 1), STATUS_OK);
    assert_int_equal(byte, image_byte(0));
    mmap_drop(&m);
    assert_int_equal(frame_promised_count(), 0);
}

static void test_refused_where_it_cannot_be(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 8 * P, 32 * P);
    uint64_t at = mmap_range(&m).start.raw;
    const prange_t image = {sim_image(), 2 * P};
    census_t before = census(as);
    assert_int_equal(mmap_overlay(&m, 7 * P, image), ERR_RANGE);
    assert_int_equal(mmap_overlay(&m, 8, image), ERR_INVALID);
    assert_int_equal(mmap_overlay(&m, 0, (prange_t){PADDR(sim_image().raw + 8), P}), ERR_INVALID);
    assert_int_equal(mmap_overlay(&m, 0, (prange_t){PADDR(-P), 2 * P}), ERR_RANGE);
    assert_int_equal(mmap_overlay(&m, 0, (prange_t){PADDR(UINT64_C(1) << 56), P}), ERR_RANGE);
    assert_int_equal(mmap_overlay(&m, P, (prange_t){sim_image(), 0}), STATUS_OK);
    /* Into the guard; where nothing is. */
    assert_int_equal(aspace_overlay(as, (vrange_t){VADDR(at + 7 * P), 2 * P}, image.start),
                     ERR_INVALID);
    assert_int_equal(aspace_overlay(as, (vrange_t){VADDR(at + GIB(100)), P}, image.start),
                     ERR_NOT_FOUND);
    assert_unchanged(as, before);

    as->fault_around = 1;
    read_ok(as, at + 3 * P); /* borrows the zero frame */
    assert_int_equal(mmap_overlay(&m, 2 * P, image), ERR_INVALID);
    write_ok(as, at + 5 * P, 1);
    assert_int_equal(mmap_overlay(&m, 5 * P, image), ERR_INVALID);
    assert_int_equal(mmap_overlay(&m, 6 * P, image), STATUS_OK);
    assert_int_equal(mmap_overlay(&m, 6 * P, image), ERR_INVALID); /* no longer zeroes */
    assert_int_equal(read_ok(as, at + 5 * P), 1);
    mmap_drop(&m);

    const mmap_opts_t opts = {.len = 4 * P, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_wired(as, &opts, false, &m), STATUS_OK);
    assert_int_equal(mmap_overlay(&m, 0, image), ERR_INVALID);
    mmap_drop(&m);
}

static void test_a_big_leaf_is_refused(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m;
    const mmap_opts_t opts = {.len = MIB(6), .align = MIB(2), .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_zeroed(as, &opts, &m), STATUS_OK);
    assert_int_equal(mmap_commit(&m, 0, MIB(4), ACCESS_WRITE), STATUS_OK);
    sim_leaf_t leaf;
    assert_true(sim_walk(as, mmap_range(&m).start.raw, &leaf));
    assert_int_equal(leaf.level, 1);
    assert_int_equal(mmap_overlay(&m, MIB(1), (prange_t){sim_image(), P}), ERR_INVALID);
    assert_int_equal(mmap_overlay(&m, MIB(4), (prange_t){sim_image(), P}), STATUS_OK);
    assert_int_equal(read_ok(as, mmap_range(&m).start.raw + MIB(4)), image_byte(0));
    mmap_drop(&m);
}

/* The last page of a memory may be the image's: what it grows by is zeroes. */
static void test_grows_behind_an_image(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 4 * P, 32 * P);
    uint64_t at = mmap_range(&m).start.raw;
    assert_int_equal(mmap_overlay(&m, 2 * P, (prange_t){sim_image(), 2 * P}), STATUS_OK);
    assert_int_equal(mmap_grow(&m, 6 * P), STATUS_OK);
    assert_int_equal(mmap_grow(&m, 9 * P), STATUS_OK);
    assert_int_equal(read_ok(as, at + 3 * P), image_byte(1));
    assert_int_equal(read_ok(as, at + 4 * P), 0);
    write_ok(as, at + 3 * P, 1);
    assert_int_equal(read_ok(as, at + 4 * P), 0);
    uint8_t byte;
    assert_int_equal(sim_read(as, at + 9 * P, &byte), FAULT_GUARD);
    assert_int_equal(frame_promised_count(), 7); /* the write copied both pages of the image */
    mmap_drop(&m);
}

/* Side by side they are one region only where the image goes on, and each shows its own pages. */
static void test_neighbours_join_when_they_fit(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 8 * P, 0);
    uint64_t at = mmap_range(&m).start.raw;
    const paddr_t image = sim_image(), fifth = PADDR(image.raw + 4 * P),
                  second = PADDR(image.raw + P);
    assert_int_equal(mmap_overlay(&m, 0, (prange_t){image, P}), STATUS_OK);
    assert_int_equal(as->regions, 2);
    assert_int_equal(mmap_overlay(&m, P, (prange_t){second, 2 * P}), STATUS_OK);
    assert_int_equal(as->regions, 2);
    assert_int_equal(mmap_overlay(&m, 3 * P, (prange_t){fifth, P}), STATUS_OK);
    assert_int_equal(as->regions, 3);
    assert_int_equal(mmap_protect(&m, 0, 8 * P, HAL_PERMS_R), STATUS_OK);
    assert_int_equal(as->regions, 3);
    static const uint8_t pages[] = {0, 1, 2, 4};
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(read_ok(as, at + i * P), image_byte(pages[i]));
    }
    mmap_drop(&m);
}

static void test_failure_at_every_step(void **state) {
    aspace_t *as = as_of(state);
    for (unsigned round = 0; round < 80; round++) { /* some round finds the page of nodes full */
        mmap_t m = new_zeroed(as, 8 * P, 0);
        const prange_t image = {sim_image(), 2 * P};
        FAIL_EVERYWHERE(as, mmap_overlay(&m, 2 * P, image));
        assert_int_equal(read_ok(as, mmap_range(&m).start.raw + 3 * P), image_byte(1));
    } /* the fixture unmaps them all */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_reads_borrow_the_image),
        FIXTURE_TEST(test_writes_copy),
        FIXTURE_TEST(test_costs_no_frames),
        FIXTURE_TEST(test_refused_where_it_cannot_be),
        FIXTURE_TEST(test_a_big_leaf_is_refused),
        FIXTURE_TEST(test_grows_behind_an_image),
        FIXTURE_TEST(test_neighbours_join_when_they_fit),
        FIXTURE_TEST(test_failure_at_every_step),
    };
    return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
