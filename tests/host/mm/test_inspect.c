/* SPDX-License-Identifier: MIT */
/* The memory map's text, big pages, and what faults cost. */
#include "tests/host/mm/fixture.h"

#include <stdio.h>
#include <string.h>

#define P PAGE_SIZE

static char text[4096];

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...) {
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, sizeof text - used, format, args);
    va_end(args);
}

static void test_dump_names_every_region(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 3 * P, 5 * P), code = new_zeroed(as, P, 0);
    assert_int_equal(mmap_make_executable(&code, 0, P), STATUS_OK);
    write_ok(as, mmap_range(&m).start.raw, 1);
    aspace_request_t q = {.len = P, .kind = REGION_RESERVED, .fixed = true, .at = VADDR(-P)};
    vaddr_t top;
    assert_int_equal(aspace_map(as, &q, &top), STATUS_OK);
    text[0] = 0;
    aspace_dump(as, print);
    static const char *const lines[] = {
        "0000000000010000 0000000000012fff rw-- zeroed              12  test\n",
        "0000000000013000 0000000000014fff ---- reserved             0  test\n",
        "0000000000015000 0000000000015fff r-x- zeroed               0  test\n",
        "fffffffffffff000 ffffffffffffffff ---- reserved             0  \n",
        "4 regions, ",
    };
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_non_null(strstr(text, lines[i]));
    }
    for (int k = REGION_RESERVED; k <= REGION_IMAGE; k++) {
        assert_true(strlen(region_kind_text((region_kind_t)k)) >= 5);
    }
    mmap_drop(&code);
    mmap_drop(&m);
    text[0] = 0;
    assert_int_equal(aspace_unmap(as, (vrange_t){top, P}), STATUS_OK);
    aspace_dump(as, print);
    assert_non_null(strstr(text, "\n0 regions"));
}

/* A fault in code that holds the lock is answered, not waited for. */
static void test_fault_while_locked(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, P, 0);
    uint8_t byte;
    assert_false(aspace_is_busy(as));
    hal_lock_take(&as->lock);
    assert_true(aspace_is_busy(as));
    assert_int_equal(sim_read(as, mmap_range(&m).start.raw, &byte), FAULT_BUSY);
    hal_lock_release(&as->lock);
    assert_int_equal(sim_read(as, mmap_range(&m).start.raw, &byte), FAULT_RESOLVED);
    mmap_drop(&m);
}

static void test_iteration_and_translation(void **state) {
    aspace_t *as = as_of(state);
    mmap_t a = new_zeroed(as, P, 2 * P), b = new_zeroed(as, P, 0);
    unsigned n = 0;
    uint64_t at = 0;
    for (const region_t *r; (r = aspace_next(as, VADDR(at))) != NULL; n++) {
        at = r->start.raw + r->len;
    }
    assert_int_equal(n, 3);
    hal_pt_entry_t e;
    vaddr_t va = VADDR(mmap_range(&b).start.raw + 5);
    assert_int_equal(aspace_translate(as, va, &e), ERR_NOT_FOUND);
    write_ok(as, va.raw, 77);
    assert_int_equal(aspace_translate(as, va, &e), STATUS_OK);
    assert_int_equal(*(uint8_t *)hal_phys_to_virt(e.pa), 77);
    assert_int_equal(e.perms.bits, HAL_R | HAL_W);
    assert_true(e.owned);
    assert_int_equal(e.level, 0);
    mmap_drop(&a);
    mmap_drop(&b);
}

/* A memory that is filled from its start on gets big pages: fewer faults, fewer entries. */
static void test_dense_memory_gets_big_pages(void **state) {
    aspace_t *as = as_of(state);
    const mmap_opts_t opts = {.len = MIB(16),
                              .capacity = GIB(1),
                              .align = MIB(2),
                              .perms = HAL_PERMS_RW,
                              .name = "memory"};
    mmap_t m;
    assert_int_equal(mmap_new_zeroed(as, &opts, &m), STATUS_OK);
    uint64_t base = mmap_range(&m).start.raw, faults = sim_faults, tables = as->table_frames;
    for (uint64_t i = 0; i < MIB(16); i += P) {
        write_ok(as, base + i, (uint8_t)(i / P + 1));
    }
    assert_int_equal(sim_faults - faults, 512 / ASPACE_FAULT_AROUND_PAGES + 7);
    assert_int_equal(as->table_frames, tables - 7);
    for (uint64_t i = 0; i < MIB(16); i += P) {
        assert_int_equal(read_ok(as, base + i), (uint8_t)(i / P + 1));
    }
    assert_int_equal(frame_promised_count(), 0);
    /* Cut again by protect, shrink and unmap. */
    assert_int_equal(mmap_make_readonly(&m, MIB(5), P), STATUS_OK);
    assert_int_equal(sim_write(as, base + MIB(5), 1), FAULT_PERMISSION);
    write_ok(as, base + MIB(5) + P, 1);
    assert_int_equal(mmap_shrink(&m, MIB(7) + 1), STATUS_OK);
    assert_int_equal(sim_write(as, base + MIB(7) + P, 1), FAULT_GUARD);
    assert_int_equal(read_ok(as, base + MIB(7)), (uint8_t)(MIB(7) / P + 1));
    assert_int_equal(mmap_grow(&m, MIB(9)), STATUS_OK);
    assert_int_equal(read_ok(as, base + MIB(7) + P), 0);
    assert_int_equal(read_ok(as, base + MIB(7) + 1), 0);
    write_ok(as, base + MIB(8), 3);
    /* A sparse one does not. */
    mmap_t sparse;
    mmap_drop(&m);
    assert_int_equal(mmap_new_zeroed(as, &opts, &sparse), STATUS_OK);
    base = mmap_range(&sparse).start.raw;
    for (uint64_t i = 0; i < MIB(16); i += MIB(1)) {
        write_ok(as, base + i, 1);
    }
    assert_int_equal(frame_promised_count(), MIB(16) / P - 16 * ASPACE_FAULT_AROUND_PAGES);
    /* Committed whole, it gets big pages where nothing is yet. */
    assert_int_equal(mmap_shrink(&sparse, MIB(2)), STATUS_OK);
    assert_int_equal(mmap_grow(&sparse, MIB(8)), STATUS_OK);
    assert_int_equal(mmap_commit(&sparse, 0, MIB(8), ACCESS_WRITE), STATUS_OK);
    sim_leaf_t leaf;
    assert_true(sim_walk(as, base + MIB(1), &leaf));
    assert_int_equal(leaf.level, 0);
    assert_true(sim_walk(as, base + MIB(3), &leaf));
    assert_int_equal(leaf.level, 1);
    assert_int_equal(mmap_commit(&sparse, 0, MIB(8), ACCESS_WRITE), STATUS_OK); /* again: nothing */
    mmap_drop(&sparse);
}

static void test_shrinking(void **state) {
    aspace_t *as = as_of(state);
    mmap_t m = new_zeroed(as, 6 * P, 0);
    uint64_t base = mmap_range(&m).start.raw;
    for (uint64_t i = 0; i < 6; i++) {
        write_ok(as, base + i * P, 1);
    }
    assert_int_equal(mmap_shrink(&m, 6 * P), STATUS_OK);
    assert_int_equal(mmap_shrink(&m, 6 * P + 1), ERR_INVALID);
    census_t before = census(as);
    sim_fail_at(1); /* a node is there; the table entry of no big page needs nothing else */
    assert_int_equal(mmap_shrink(&m, 5 * P + 1), STATUS_OK);
    sim_fail_at(0);
    assert_unchanged(as, before);
    assert_int_equal(mmap_shrink(&m, 2 * P), STATUS_OK);
    assert_int_equal(frame_free_count(), before.free + 4);
    assert_int_equal(sim_write(as, base + 2 * P, 1), FAULT_GUARD);
    assert_int_equal(mmap_grow(&m, 4 * P), STATUS_OK);
    assert_int_equal(read_ok(as, base + 3 * P), 0);
    assert_int_equal(mmap_shrink(&m, 0), STATUS_OK);
    assert_true(mmap_is_empty(&m));
    assert_int_equal(frame_promised_count(), 0);
    assert_int_equal(mmap_grow(&m, 1), STATUS_OK);
    vrange_t whole = {mmap_range(&m).start, P};
    assert_int_equal(aspace_shrink(as, whole.start, P, 2 * P), ERR_RANGE);
    assert_int_equal(aspace_shrink(as, whole.start, P, 0), STATUS_OK);
    assert_int_equal(aspace_shrink(as, whole.start, P, 1), ERR_INVALID);
    assert_int_equal(aspace_shrink(as, whole.start, 2 * P, P), ERR_INVALID); /* a guard */
    assert_int_equal(aspace_shrink(as, VADDR(GIB(100)), P, P), ERR_NOT_FOUND);
    mmap_drop(&m);
    const mmap_opts_t opts = {.len = P, .perms = HAL_PERMS_RW};
    assert_int_equal(mmap_new_wired(as, &opts, false, &m), STATUS_OK);
    assert_int_equal(mmap_shrink(&m, 0), ERR_INVALID);
    assert_int_equal(mmap_shrink(&m, P), STATUS_OK);
    mmap_drop(&m);
}

static void test_image_pages(void **state) {
    aspace_t *as = as_of(state);
    const prange_t image = {sim_image(), 3 * P};
    const mmap_opts_t opts = {.len = 40 * P, .perms = HAL_PERMS_RW, .name = "data"};
    const uint8_t *bytes = hal_phys_to_virt(sim_image());
    uint8_t first = bytes[2 * P + 9];
    mmap_t m;
    assert_int_equal(mmap_new_image(as, image, &opts, &m), STATUS_OK);
    uint64_t base = mmap_range(&m).start.raw;
    assert_int_equal(frame_promised_count(), 40);
    assert_int_equal(read_ok(as, base + 2 * P + 9), first);
    assert_int_equal(read_ok(as, base + 3 * P), 0);
    assert_int_equal(frame_promised_count(), 40);
    write_ok(as, base + 2 * P + 9, (uint8_t)(first + 1));
    assert_int_equal(read_ok(as, base + 2 * P + 9), (uint8_t)(first + 1));
    assert_int_equal(read_ok(as, base + 2 * P + 10), bytes[2 * P + 10]);
    assert_int_equal(bytes[2 * P + 9], first); /* the image is as it was */
    write_ok(as, base + 39 * P, 1);
    assert_int_equal(read_ok(as, base + 39 * P + 1), 0);
    mmap_drop(&m);
    assert_int_equal(bytes[2 * P + 9], first);
    assert_int_equal(mmap_new_image(as, (prange_t){sim_image(), 41 * P}, &opts, &m), ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_dump_names_every_region),
        FIXTURE_TEST(test_fault_while_locked),
        FIXTURE_TEST(test_iteration_and_translation),
        FIXTURE_TEST(test_dense_memory_gets_big_pages),
        FIXTURE_TEST(test_shrinking),
        FIXTURE_TEST(test_image_pages),
    };
    return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
