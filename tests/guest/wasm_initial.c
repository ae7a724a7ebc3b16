/* SPDX-License-Identifier: MIT */
/* Memories that start with pages of the image: mapped, copied when written, pristine when made
 * again. */
#include "hal/boot.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/initial.h"
#include "mm/frame.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

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

static wasm_memory_t *memories[2];
const wasm_instance_t wasm_initial_instance = {.name = "initial", .initial = &initial};

static void make(void) {
    for (unsigned i = 0; i < 2; i++) {
        memories[i] =
            wasm_memory_new(&wasm_initial_instance, &(wasm_memory_type_t){1, 16, false, WASM_PAGE});
    }
}

static void drop(void) {
    wasm_memory_free(memories[1]);
    wasm_memory_free(memories[0]);
}

static uint64_t address(unsigned memory, uint64_t page, uint64_t index) {
    return memories[memory]->user.raw + page * PAGE_SIZE + index * sizeof(uint32_t);
}

/* At user level, as the module does it. */
static uint32_t load(unsigned memory, uint64_t page, uint64_t index) {
    user_access_t a = {.at = address(memory, page, index), .bytes = 4};
    wasm_trap_t trap;
    CHECK(user_try_access(&a, &trap));
    return (uint32_t)a.value;
}

static void store(unsigned memory, uint64_t page, uint64_t index, uint32_t value) {
    user_access_t a = {address(memory, page, index), value, 4, true};
    wasm_trap_t trap;
    CHECK(user_try_access(&a, &trap));
}

static void check_pristine(void) {
    CHECK_EQ(load(0, 0, 0), 0);
    CHECK_EQ(load(0, 1, 0), 1);
    CHECK_EQ(load(0, 1, 3), 4);
    CHECK_EQ(load(0, 1, WORDS - 1), 0);
    CHECK_EQ(load(0, 2, 1), 12);
    CHECK_EQ(load(0, 3, 0), 0);
    CHECK_EQ(load(0, 15, WORDS - 1), 31);
    CHECK_EQ(load(1, 0, 2), 23);
    CHECK_EQ(load(1, 1, 0), 0);
}

static hal_pt_entry_t entry_of(uint64_t at) {
    hal_pt_entry_t e;
    CHECK_OK(aspace_translate(&kernel_aspace, VADDR(at), &e));
    return e;
}

/* Reading copies nothing: the image's own frame is seen, and cannot be written. */
static void reads_see_the_image(void) {
    make();
    uint64_t free = frame_free_count();
    check_pristine();
    CHECK_EQ(frame_free_count(), free);
    hal_pt_entry_t e = entry_of(address(0, 1, 0));
    CHECK_EQ(e.pa.raw, hal_virt_to_phys(pages[0]).raw);
    CHECK(!e.owned && !hal_perms_have(e.perms, HAL_W) && !hal_perms_have(e.perms, HAL_X));
    drop();
}

static void writes_go_to_a_copy(void) {
    make();
    store(0, 1, 0, 99);          /* not touched before */
    CHECK_EQ(load(1, 0, 0), 21); /* touched, then written */
    store(1, 0, 0, 98);
    CHECK_EQ(load(0, 1, 0), 99);
    CHECK_EQ(load(0, 1, 1), 2); /* the rest of the page came along */
    CHECK_EQ(load(1, 0, 0), 98);
    CHECK_EQ(load(1, 0, 1), 22);
    CHECK(entry_of(address(0, 1, 0)).owned);
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
            store(0, page, 0, 77);
            store(1, page, WORDS - 1, 77);
        }
        drop();
        CHECK_EQ(ktap_free_frames(), frames);
        CHECK_EQ(frame_promised_count(), promised);
    }
}

static void grows_behind_the_last_page(void) {
    make();
    CHECK(wasm_memory_grow(memories[0], 2));
    CHECK_EQ(load(0, 16, 0), 0);
    store(0, 16, 0, 5);
    CHECK_EQ(load(0, 15, WORDS - 1), 31);
    CHECK_EQ(load(0, 16, 0), 5);
    CHECK_EQ(load(0, 47, 0), 0);
    drop();
}

/* The kernel looks at a page of the image, and the module writes to it then: both see that. */
static void the_kernel_sees_a_copy(void) {
    make();
    CHECK_EQ(load(0, 1, 0), 1);
    const volatile uint32_t *seen = (const uint32_t *)(memories[0]->bytes + PAGE_SIZE);
    CHECK_EQ(*seen, 1);
    store(0, 1, 0, 50);
    CHECK_EQ(*seen, 50);
    CHECK_EQ(*(const volatile uint32_t *)hal_phys_to_virt(hal_virt_to_phys(pages)), 1);
    drop();
}

static const guest_test_t wasm_initial_tests[] = {
    {"reads see the image's own pages", reads_see_the_image},
    {"writes go to a copy", writes_go_to_a_copy},
    {"a second instance sees pristine pages, and frames come back", made_again_they_are_pristine},
    {"a memory grows behind a page of the image", grows_behind_the_last_page},
    {"the kernel and the module see one copy", the_kernel_sees_a_copy},
};
GUEST_GROUP(wasm_initial, "wasm-initial");
