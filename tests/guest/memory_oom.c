/* SPDX-License-Identifier: MIT */
/* Out of memory is an answer: every way to use it up ends in an error, and gives everything back.
 */
#include <string.h>

#include "hal/boot.h"
#include "kernel/core/vmap.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"

/* Frames in a list through their first bytes. */
typedef struct taken {
    struct taken *next;
    unsigned order;
} taken_t;

static taken_t *take_all_frames(void) {
    taken_t *list = NULL;
    for (unsigned order = FRAME_MAX_ORDER + 1; order-- > 0;) {
        paddr_t frame;
        while (frame_alloc(order, &frame) == STATUS_OK) {
            taken_t *t = hal_phys_to_virt(frame);
            *t = (taken_t){list, order};
            list = t;
        }
    }
    return list;
}

static void give_frames(taken_t *list) {
    while (list != NULL) {
        taken_t *next = list->next;
        frame_free(hal_virt_to_phys(list), list->order);
        list = next;
    }
}

static void frames_run_out_and_come_back(void) {
    for (unsigned round = 0; round < 3; round++) {
        uint64_t before = frame_free_count();
        taken_t *list = take_all_frames();
        paddr_t frame = PADDR(1);
        CHECK_STATUS(frame_alloc(0, &frame), ERR_NO_MEMORY);
        CHECK_STATUS(frame_alloc_run(3, &frame), ERR_NO_MEMORY);
        CHECK_STATUS(frame_promise(1), ERR_NO_MEMORY);
        CHECK_EQ(frame.raw, 1);
        CHECK_EQ(frame_free_count(), frame_promised_count());
        give_frames(list);
        CHECK_EQ(frame_free_count(), before);
    }
}

static mmap_t untouched(void) {
    return (mmap_t){.start = VADDR(1), .len = 2, .capacity = 3};
}

static void check_untouched(const mmap_t *m) {
    CHECK(m->as == NULL && m->start.raw == 1 && m->len == 2 && m->capacity == 3);
}

static void too_much_is_refused_whole(void) {
    uint64_t before = frame_free_count(), regions = kernel_aspace.regions;
    uint64_t tables = kernel_aspace.table_frames;
    mmap_opts_t opts = {
        .len = (frame_total_count() + 1) * PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "too much"};
    mmap_t m = untouched();
    CHECK_STATUS(mmap_new_zeroed(&kernel_aspace, &opts, &m), ERR_NO_MEMORY);
    CHECK_STATUS(mmap_new_wired(&kernel_aspace, &opts, false, &m), ERR_NO_MEMORY);
    CHECK_STATUS(mmap_new_wired(&kernel_aspace, &opts, true, &m), ERR_NO_MEMORY);
    /* Fits the frames, but not the tables for it. */
    opts.len = (frame_free_count() - frame_promised_count()) * PAGE_SIZE;
    CHECK_STATUS(mmap_new_zeroed(&kernel_aspace, &opts, &m), ERR_NO_MEMORY);
    check_untouched(&m);
    CHECK_EQ(frame_free_count(), before);
    CHECK_EQ(kernel_aspace.regions, regions);
    CHECK_EQ(kernel_aspace.table_frames, tables);
}

/* With nothing left at all, every operation that needs a frame says so and changes nothing. */
static void operations_fail_without_frames(void) {
    mmap_t m, other = untouched();
    CHECK_OK(mmap_new_zeroed(&kernel_aspace,
                             &(mmap_opts_t){.len = 8 * PAGE_SIZE,
                                            .capacity = UINT64_C(1) << 32,
                                            .perms = HAL_PERMS_RW,
                                            .name = "poor"},
                             &m));
    uint8_t *p = mmap_as_mut_ptr(&m);
    taken_t *list = take_all_frames();
    uint64_t regions = kernel_aspace.regions;
    mmap_opts_t opts = {.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "more"};
    CHECK_STATUS(mmap_new_zeroed(&kernel_aspace, &opts, &other), ERR_NO_MEMORY);
    CHECK_STATUS(mmap_grow(&m, 9 * PAGE_SIZE), ERR_NO_MEMORY);
    CHECK_EQ(mmap_len(&m), 8 * PAGE_SIZE);
    CHECK(heap_alloc(4 * HEAP_RUN_MAX) == NULL);
    check_untouched(&other);
    CHECK_EQ(kernel_aspace.regions, regions);

    /* What was promised is kept: every page can still be written. */
    for (unsigned i = 0; i < 8; i++) {
        CHECK_NO_FAULT(touch_write_blind, p + i * PAGE_SIZE);
    }
    give_frames(list);
    CHECK_OK(mmap_grow(&m, 9 * PAGE_SIZE));
    CHECK_NO_FAULT(touch_write_blind, p + 8 * PAGE_SIZE);
    mmap_drop(&m);
}

/* Mappings in a list through their first page. */
typedef struct mapped {
    struct mapped *next;
    mmap_t map;
} mapped_t;

static status_t map_more(mapped_t **list, uint64_t len, bool wired) {
    mmap_t m;
    mmap_opts_t opts = {.len = len, .perms = HAL_PERMS_RW, .name = "many"};
    status_t s = wired ? mmap_new_wired(&kernel_aspace, &opts, false, &m)
                       : mmap_new_zeroed(&kernel_aspace, &opts, &m);
    if (s == STATUS_OK) {
        mapped_t *item = mmap_as_mut_ptr(&m);
        *item = (mapped_t){*list, m};
        *list = item;
    }
    return s;
}

static void unmap_all(mapped_t *list) {
    while (list != NULL) {
        mmap_t m = list->map;
        list = list->next;
        mmap_drop(&m);
    }
}

static void use_up_by_mapping(uint64_t len, bool wired) {
    uint64_t before = ktap_free_frames();
    mapped_t *list = NULL;
    unsigned count = 0;
    status_t s;
    while ((s = map_more(&list, len, wired)) == STATUS_OK) {
        count++;
    }
    CHECK_EQ(s, ERR_NO_MEMORY);
    CHECK(count > 0);
    unmap_all(list);
    CHECK_EQ(ktap_free_frames(), before);
}

static void small_mappings_until_none(void) {
    use_up_by_mapping(PAGE_SIZE, false);
}

static void wired_mappings_until_none(void) {
    use_up_by_mapping(5 * PAGE_SIZE, true);
}

static void large_mappings_until_none(void) {
    use_up_by_mapping(3 << 20, false);
}

static void heap_until_none(size_t size) {
    void **list = NULL, **block;
    unsigned count = 0;
    while ((block = heap_alloc(size)) != NULL) {
        *block = list;
        list = block;
        count++;
    }
    CHECK(count > 0);
    while (list != NULL) {
        block = *list;
        heap_free(list);
        list = block;
    }
    heap_free(heap_alloc(200u << 10)); /* back to what the heap keeps at hand */
}

static void heap_small_until_null(void) {
    heap_until_none(1000);
}

static void heap_runs_until_null(void) {
    heap_until_none(100u << 10);
}

static void heap_large_until_null(void) {
    heap_until_none(1u << 20);
}

static const guest_test_t memory_oom_tests[] = {
    {"frames run out and come back", frames_run_out_and_come_back},
    {"rule 14: a mapping too large is refused whole", too_much_is_refused_whole},
    {"rule 14: without frames nothing changes, promises hold", operations_fail_without_frames},
    {"rule 14: one-page mappings until there is no memory", small_mappings_until_none},
    {"rule 14: wired mappings until there is no memory", wired_mappings_until_none},
    {"rule 14: large mappings until there is no memory", large_mappings_until_none},
    {"small heap blocks until NULL", heap_small_until_null},
    {"page-sized heap blocks until NULL", heap_runs_until_null},
    {"large heap blocks until NULL", heap_large_until_null},
};
GUEST_GROUP(memory_oom, "oom");
