/* SPDX-License-Identifier: MIT */
/* Memories that start with pages of the image: mapped, copied when written, pristine when made
 * again. */
#include "hal/boot.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/initial.h"
#include "kernel/wasm/trap.h"
#include "mm/frame.h"
#include "tests/guest/groups.h"

#define WASM_PAGE 65536u
#define PAGES 4u
#define WORDS (PAGE_SIZE / sizeof(uint32_t))

/* As the inspector lays them out. Seen only in the direct map. */
#define FOUR(n) n, n + 1, n + 2, n + 3
static const uint32_t pages[PAGES][WORDS] __attribute__((section("ingot_pages"), aligned(4096))) = {
    {FOUR(1)}, {FOUR(11)}, {FOUR(21)}, {[WORDS - 1] = 31}};

/* The last page of the first memory is the image's; the second memory has one page. */
static const wasm_initial_run_t runs[] = {{0, 1, 2}, {1, 0, 1}, {0, 15, 1}};
static const wasm_initial_t initial = {
    .map = wasm_map_initial, .pages = (const uint8_t *)pages, .runs = runs, .n_runs = 3};

static wasm_rt_memory_t state[2];
const wasm_instance_t wasm_initial_instance = {
    .name = "initial", .state = state, .state_size = sizeof state, .initial = &initial};

static void make(void) {
    for (unsigned i = 0; i < 2; i++) {
        wasm_rt_allocate_memory(&state[i], 1, 16, false, WASM_PAGE);
    }
}

static void drop(void) {
    wasm_rt_free_memory(&state[1]);
    wasm_rt_free_memory(&state[0]);
}

static volatile uint32_t *word(unsigned memory, uint64_t page, uint64_t index) {
    return (volatile uint32_t *)(state[memory].data + page * PAGE_SIZE) + index;
}

static void check_pristine(void) {
    CHECK_EQ(*word(0, 0, 0), 0);
    CHECK_EQ(*word(0, 1, 0), 1);
    CHECK_EQ(*word(0, 1, 3), 4);
    CHECK_EQ(*word(0, 1, WORDS - 1), 0);
    CHECK_EQ(*word(0, 2, 1), 12);
    CHECK_EQ(*word(0, 3, 0), 0);
    CHECK_EQ(*word(0, 15, WORDS - 1), 31);
    CHECK_EQ(*word(1, 0, 2), 23);
    CHECK_EQ(*word(1, 1, 0), 0);
}

static hal_pt_entry_t entry_of(volatile void *at) {
    hal_pt_entry_t e;
    CHECK_OK(aspace_translate(&kernel_aspace, vaddr_of((const void *)at), &e));
    return e;
}

/* Reading copies nothing: the image's own frame is seen, and cannot be written. */
static void reads_see_the_image(void) {
    make();
    uint64_t free = frame_free_count();
    check_pristine();
    CHECK_EQ(frame_free_count(), free);
    hal_pt_entry_t e = entry_of(word(0, 1, 0));
    CHECK_EQ(e.pa.raw, hal_virt_to_phys(pages[0]).raw);
    CHECK(!e.owned && !hal_perms_have(e.perms, HAL_W) && !hal_perms_have(e.perms, HAL_X));
    drop();
}

static void writes_go_to_a_copy(void) {
    make();
    *word(0, 1, 0) = 99;          /* not touched before */
    CHECK_EQ(*word(1, 0, 0), 21); /* touched, then written */
    *word(1, 0, 0) = 98;
    CHECK_EQ(*word(0, 1, 0), 99);
    CHECK_EQ(*word(0, 1, 1), 2); /* the rest of the page came along */
    CHECK_EQ(*word(1, 0, 0), 98);
    CHECK_EQ(*word(1, 0, 1), 22);
    CHECK(entry_of(word(0, 1, 0)).owned);
    const volatile uint32_t *image = hal_phys_to_virt(hal_virt_to_phys(pages));
    CHECK_EQ(image[0], 1);
    CHECK_EQ(image[2 * WORDS], 21);
    drop();
}

/* The next instance of the module sees nothing of that, and all frames come back each time. */
static void made_again_they_are_pristine(void) {
    make();
    drop();
    uint64_t frames = ktap_free_frames(), promised = frame_promised_count();
    for (unsigned round = 0; round < 3; round++) {
        make();
        check_pristine();
        for (unsigned page = 0; page < 16; page++) {
            *word(0, page, 0) = *word(1, page, WORDS - 1) = 77;
        }
        drop();
        CHECK_EQ(ktap_free_frames(), frames);
        CHECK_EQ(frame_promised_count(), promised);
    }
}

static void grows_behind_the_last_page(void) {
    make();
    CHECK_EQ(wasm_rt_grow_memory(&state[0], 2), 1);
    CHECK_EQ(*word(0, 16, 0), 0);
    *word(0, 16, 0) = 5;
    CHECK_EQ(*word(0, 15, WORDS - 1), 31);
    CHECK_EQ(*word(0, 16, 0), 5);
    CHECK_EQ(*word(0, 47, 0), 0);
    drop();
}

static const guest_test_t wasm_initial_tests[] = {
    {"reads see the image's own pages", reads_see_the_image},
    {"writes go to a copy", writes_go_to_a_copy},
    {"a second instance sees pristine pages, and frames come back", made_again_they_are_pristine},
    {"a memory grows behind a page of the image", grows_behind_the_last_page},
};
GUEST_GROUP(wasm_initial, "wasm-initial");
