/* SPDX-License-Identifier: MIT */
/* The rules of mm/ where the hardware takes part: TLB, instruction fetch, zero frame, leaves. */
#include <string.h>

#include "hal/boot.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/trap.h"
#include "mm/frame.h"
#include "mm/mmap.h"
#include "tests/guest/code.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"

#define BIG (UINT64_C(2) << 20)

static mmap_t new_zeroed(uint64_t len, uint64_t align) {
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace,
        &(mmap_opts_t){.len = len, .align = align, .perms = HAL_PERMS_RW, .name = "test"}, &m));
    return m;
}

static hal_pt_entry_t entry_of(const void *at) {
    hal_pt_entry_t e;
    CHECK_OK(aspace_translate(&kernel_aspace, vaddr_of(at), &e));
    return e;
}

static bool all_zero(const volatile uint8_t *at, uint64_t len) {
    for (uint64_t i = 0; i < len; i++) {
        if (at[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Rule 6. */
static void zero_frame_stays_zero(void) {
    kernel_aspace.fault_around = 1;
    mmap_t m = new_zeroed(4 * PAGE_SIZE, 0);
    volatile uint8_t *p = mmap_as_mut_ptr(&m);
    uint64_t before = frame_free_count();
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ(p[i * PAGE_SIZE + 5], 0);
        hal_pt_entry_t e = entry_of((const void *)(p + i * PAGE_SIZE));
        CHECK_EQ(e.pa.raw, kernel_aspace.zero_frame.raw);
        CHECK(!e.owned && !hal_perms_have(e.perms, HAL_W));
    }
    CHECK_EQ(frame_free_count(), before);
    p[PAGE_SIZE + 5] = 77;
    CHECK_EQ(frame_free_count(), before - 1);
    hal_pt_entry_t e = entry_of((const void *)(p + PAGE_SIZE));
    CHECK(e.owned && e.pa.raw != kernel_aspace.zero_frame.raw);
    CHECK_EQ(p[PAGE_SIZE + 5], 77);
    p[PAGE_SIZE + 5] = 0;
    CHECK(all_zero(p, 4 * PAGE_SIZE)); /* the fresh frame was zeroed, the others still are */
    CHECK(all_zero(hal_phys_to_virt(kernel_aspace.zero_frame), PAGE_SIZE));
    mmap_drop(&m);
    kernel_aspace.fault_around = ASPACE_FAULT_AROUND_PAGES;
}

/* Neighbours that got frames of their own with the first store must not show the zero frame. */
static void upgraded_neighbours_are_flushed(void) {
    mmap_t m = new_zeroed(16 * PAGE_SIZE, 16 * PAGE_SIZE);
    volatile uint8_t *p = mmap_as_mut_ptr(&m);
    for (unsigned i = 0; i < 16; i++) {
        CHECK_EQ(p[i * PAGE_SIZE], 0);
    }
    p[0] = 1;
    CHECK(entry_of((const void *)(p + 15 * PAGE_SIZE)).owned);
    for (unsigned i = 1; i < 16; i++) {
        const uint8_t value = (uint8_t)(i + 1);
        CHECK_OK(mmap_copy_in(&m, i * PAGE_SIZE, &value, 1)); /* through the direct map */
        CHECK_EQ(p[i * PAGE_SIZE], value);
    }
    mmap_drop(&m);
}

/* Rules 4 and 5. */
static void commit_needs_no_faults(void) {
    mmap_t m = new_zeroed(8 * PAGE_SIZE, 0);
    uint8_t *p = mmap_as_mut_ptr(&m);
    CHECK_OK(mmap_commit(&m, PAGE_SIZE + 1, 2 * PAGE_SIZE, ACCESS_WRITE)); /* pages 1 to 3 */
    CHECK_OK(mmap_commit(&m, 0, 8 * PAGE_SIZE, ACCESS_READ));
    for (unsigned i = 0; i < 8; i++) {
        CHECK_EQ(fault_count(touch_read, p + i * PAGE_SIZE), 0);
        CHECK_EQ(entry_of(p + i * PAGE_SIZE).owned, i >= 1 && i <= 3);
    }
    for (unsigned i = 1; i <= 3; i++) {
        CHECK_EQ(fault_count(touch_write_blind, p + i * PAGE_SIZE), 0);
    }
    mmap_drop(&m);
}

/* Rule 9, and the flush. */
static void readonly_faults_at_once(void) {
    mmap_t m = new_zeroed(3 * PAGE_SIZE, 0);
    uint8_t *p = mmap_as_mut_ptr(&m);
    memset(p, 1, 3 * PAGE_SIZE);
    CHECK_OK(mmap_make_readonly(&m, PAGE_SIZE, 1));
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, p + PAGE_SIZE);
    CHECK_EQ(p[PAGE_SIZE], 1);
    CHECK_EQ(fault_count(touch_write, p + PAGE_SIZE - 1), 0);
    CHECK_EQ(fault_count(touch_write, p + 2 * PAGE_SIZE), 0);
    CHECK_OK(mmap_protect(&m, PAGE_SIZE, 1, HAL_PERMS_RW));
    CHECK_EQ(fault_count(touch_write, p + PAGE_SIZE), 0);
    mmap_drop(&m);
}

/* Rule 9: pages that were not there when the rights changed. */
static void untouched_pages_get_new_rights(void) {
    mmap_t m = new_zeroed(2 * PAGE_SIZE, 0);
    uint8_t *p = mmap_as_mut_ptr(&m);
    CHECK_OK(mmap_make_readonly(&m, 0, PAGE_SIZE));
    CHECK_EQ(fault_count(touch_read, p), 1);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, p);
    CHECK_EQ(fault_count(touch_write_blind, p + PAGE_SIZE), 1);
    mmap_drop(&m);
}

/* Rules 11 and 17. */
static void unmapped_faults_at_once(void) {
    mmap_t m = new_zeroed(2 * PAGE_SIZE, 0);
    uint8_t *p = mmap_as_mut_ptr(&m);
    memset(p, 9, 2 * PAGE_SIZE);
    vrange_t first = {m.start, PAGE_SIZE}, second = {VADDR(m.start.raw + PAGE_SIZE), PAGE_SIZE};
    CHECK_OK(aspace_unmap(&kernel_aspace, first));
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, p + 8);
    CHECK_EQ(p[PAGE_SIZE], 9);
    CHECK_STATUS(aspace_unmap(&kernel_aspace, first), ERR_NOT_FOUND);
    CHECK_STATUS(aspace_unmap(&kernel_aspace, (vrange_t){m.start, 2 * PAGE_SIZE}), ERR_NOT_FOUND);
    CHECK_EQ(p[PAGE_SIZE], 9);
    CHECK_OK(aspace_unmap(&kernel_aspace, second));
    CHECK_STATUS(aspace_unmap(&kernel_aspace, second), ERR_NOT_FOUND);
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p + PAGE_SIZE);
}

/* What the TLB knew of the old mapping must not show through the new one. */
static void remapped_shows_the_new_frame(void) {
    paddr_t frames[2];
    const vaddr_t at = VADDR(UINT64_C(3) << 30);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_OK(frame_alloc_zeroed(0, &frames[i]));
        *(uint8_t *)hal_phys_to_virt(frames[i]) = (uint8_t)(10 + i);
    }
    for (unsigned round = 0; round < 4; round++) {
        vaddr_t out;
        CHECK_OK(aspace_map(&kernel_aspace,
                            &(aspace_request_t){.len = PAGE_SIZE,
                                                .fixed = true,
                                                .at = at,
                                                .kind = REGION_PHYS,
                                                .perms = HAL_PERMS_RW,
                                                .phys = frames[round % 2],
                                                .name = "remapped"},
                            &out));
        CHECK_EQ(*(volatile uint8_t *)vaddr_ptr(at), 10 + round % 2);
        CHECK_OK(aspace_unmap(&kernel_aspace, (vrange_t){at, PAGE_SIZE}));
    }
    frame_free(frames[0], 0);
    frame_free(frames[1], 0);
}

/* Rule 11: nothing is reachable when the scope has ended, and all frames are back. */
static void batch_flushes_once_for_all(void) {
    uint64_t before = frame_free_count();
    mmap_t a = new_zeroed(64 * PAGE_SIZE, 0), b = new_zeroed(64 * PAGE_SIZE, 0);
    uint8_t *pa = mmap_as_mut_ptr(&a), *pb = mmap_as_mut_ptr(&b);
    memset(pa, 1, 64 * PAGE_SIZE);
    memset(pb, 2, 64 * PAGE_SIZE);
    {
        BATCH_SCOPE(scope, &kernel_aspace);
        mmap_drop(&a);
        mmap_drop(&b);
        CHECK(frame_free_count() < before);
        batch_scope_end(&scope);
    }
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, pa);
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, pb + 63 * PAGE_SIZE);
    CHECK_EQ(frame_free_count(), before);
}

/* Rule 10. */
static void code_runs_and_can_change(void) {
    mmap_t m = new_zeroed(2 * PAGE_SIZE, 0);
    uint8_t *p = mmap_as_mut_ptr(&m);
    for (int value = 42; value < 50; value++) {
        const code_t code = CODE_RETURNING(value);
        memcpy(p + 128, &code, sizeof code);
        CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, p + 128);
        CHECK_OK(mmap_make_executable(&m, 0, PAGE_SIZE));
        CHECK_EQ(code_call(p + 128), value);
        CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, p + 128);
        CHECK_OK(mmap_protect(&m, 0, PAGE_SIZE, HAL_PERMS_RW));
    }
    mmap_drop(&m);
}

/* The same, with the frame written through another mapping of it. */
static void code_written_elsewhere_runs(void) {
    mmap_t m = new_zeroed(PAGE_SIZE, 0);
    for (int value = 1; value < 5; value++) {
        const code_t code = CODE_RETURNING(value);
        CHECK_OK(mmap_copy_in(&m, 256, &code, sizeof code));
        CHECK_OK(mmap_make_executable(&m, 0, PAGE_SIZE));
        CHECK_EQ(code_call((const uint8_t *)mmap_as_ptr(&m) + 256), value);
        CHECK_OK(mmap_protect(&m, 0, PAGE_SIZE, HAL_PERMS_RW));
    }
    mmap_drop(&m);
}

/* ---- Faults ---- */

#define SCRATCH_REGISTERS                                                                          \
    35u /* t0..t6, a0..a7, ft0..ft11, fa0..fa7: what a C function may change */

/* Fills them, stores to *at, and writes to `out` what is in them then. */
static void fault_with_full_registers(uint8_t *at, uint64_t out[SCRATCH_REGISTERS]) {
#define INTEGERS(X)                                                                                \
    X(t0, 0)                                                                                       \
    X(t1, 1)                                                                                       \
    X(t2, 2)                                                                                       \
    X(t3, 3)                                                                                       \
    X(t4, 4)                                                                                       \
    X(t5, 5) X(t6, 6) X(a0, 7) X(a1, 8) X(a2, 9) X(a3, 10) X(a4, 11) X(a5, 12) X(a6, 13) X(a7, 14)
#define FLOATS(X)                                                                                  \
    X(ft0, 15)                                                                                     \
    X(ft1, 16)                                                                                     \
    X(ft2, 17)                                                                                     \
    X(ft3, 18)                                                                                     \
    X(ft4, 19)                                                                                     \
    X(ft5, 20) X(ft6, 21) X(ft7, 22) X(ft8, 23) X(ft9, 24) X(ft10, 25) X(ft11, 26) X(fa0, 27)      \
        X(fa1, 28) X(fa2, 29) X(fa3, 30) X(fa4, 31) X(fa5, 32) X(fa6, 33) X(fa7, 34)
#define FILL(reg, i) "li " #reg ", 1000 + " #i "\n"
#define FILL_FLOAT(reg, i) "li t0, 1000 + " #i "\nfmv.d.x " #reg ", t0\n"
#define STORE(reg, i) "sd " #reg ", 8*" #i "(%[out])\n"
#define STORE_FLOAT(reg, i) "fsd " #reg ", 8*" #i "(%[out])\n"
#define CLOBBER(reg, i) #reg,
    __asm__ volatile(FLOATS(FILL_FLOAT) INTEGERS(FILL) "sb zero, 0(%[at])\n" INTEGERS(STORE)
                         FLOATS(STORE_FLOAT)
                     :
                     : [at] "r"(at), [out] "r"(out)
                     : INTEGERS(CLOBBER) FLOATS(CLOBBER) "memory");
}

/* A handler that really changes all of them. */
static bool clobbering_handler(hal_trap_t *t) {
#define CLEAR(reg, i) "li " #reg ", -1\n"
#define CLEAR_FLOAT(reg, i) "fmv.d.x " #reg ", t0\n"
    __asm__ volatile(INTEGERS(CLEAR) FLOATS(CLEAR_FLOAT)::
                         : INTEGERS(CLOBBER) FLOATS(CLOBBER) "memory");
    return vmap_handle_fault(t) == VMAP_FAULT_RESOLVED;
}

static void faults_leave_registers(void) {
    mmap_t m = new_zeroed(PAGE_SIZE, 0);
    uint64_t out[SCRATCH_REGISTERS];
    memset(out, 0, sizeof out);
    hal_trap_set_handler(clobbering_handler);
    fault_with_full_registers(mmap_as_mut_ptr(&m), out);
    wasm_fault_init();
    for (unsigned i = 0; i < SCRATCH_REGISTERS; i++) {
        CHECK_EQ(out[i], 1000 + i);
    }
    CHECK(entry_of(mmap_as_ptr(&m)).owned);
    mmap_drop(&m);
}

#define AROUND_PAGES 64u

static void read_pages(void *at) {
    for (unsigned i = 0; i < AROUND_PAGES; i++) {
        touch_read((uint8_t *)at + i * PAGE_SIZE);
    }
}

static void write_pages(void *at) {
    for (unsigned i = 0; i < AROUND_PAGES; i++) {
        touch_write_blind((uint8_t *)at + i * PAGE_SIZE);
    }
}

static void fault_around_fills_windows(void) {
    for (uint32_t around = 1; around <= AROUND_PAGES; around *= 4) {
        kernel_aspace.fault_around = around;
        mmap_t m = new_zeroed(AROUND_PAGES * PAGE_SIZE, AROUND_PAGES * PAGE_SIZE);
        void *p = mmap_as_mut_ptr(&m);
        CHECK_EQ(fault_count(read_pages, p), AROUND_PAGES / around);
        CHECK_EQ(fault_count(write_pages, p), AROUND_PAGES / around);
        CHECK_EQ(fault_count(write_pages, p), 0);
        mmap_drop(&m);
    }
    kernel_aspace.fault_around = ASPACE_FAULT_AROUND_PAGES;
}

/* Never over the end of the region, into a neighbour or a guard. */
static void fault_around_stays_inside(void) {
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(&kernel_aspace,
                             &(mmap_opts_t){.len = 3 * PAGE_SIZE,
                                            .capacity = 20 * PAGE_SIZE,
                                            .guard_before = 5 * PAGE_SIZE,
                                            .align = 32 * PAGE_SIZE,
                                            .perms = HAL_PERMS_RW,
                                            .name = "window"},
                             &m));
    uint8_t *p = mmap_as_mut_ptr(&m);
    CHECK_EQ(fault_count(touch_write_blind, p + PAGE_SIZE), 1);
    CHECK_EQ(aspace_find(&kernel_aspace, m.start)->committed, 3);
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p + 3 * PAGE_SIZE);
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p - 1);
    mmap_drop(&m);
}

/* Rules 13 and 18. */
static void grow_and_shrink(void) {
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace,
        &(mmap_opts_t){
            .len = 100, .capacity = 4 * PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "growing"},
        &m));
    uint8_t *p = mmap_as_mut_ptr(&m);
    CHECK_EQ(mmap_len(&m), 100);
    memset(p, 5, 100);
    p[100] = p[PAGE_SIZE - 1] = 5; /* on the last page, but not ours yet */
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p + PAGE_SIZE);
    CHECK_OK(mmap_grow(&m, 2 * PAGE_SIZE + 1));
    CHECK(mmap_as_mut_ptr(&m) == p);
    CHECK_EQ(p[99], 5);
    CHECK(all_zero(p + 100, 3 * PAGE_SIZE - 100));
    p[3 * PAGE_SIZE - 1] = 6;
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, p + 3 * PAGE_SIZE);
    CHECK_STATUS(mmap_grow(&m, 4 * PAGE_SIZE + 1), ERR_RANGE);
    CHECK_EQ(mmap_len(&m), 2 * PAGE_SIZE + 1);
    CHECK_OK(mmap_shrink(&m, PAGE_SIZE));
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, p + PAGE_SIZE);
    CHECK_EQ(p[99], 5);
    CHECK_OK(mmap_grow(&m, 3 * PAGE_SIZE));
    CHECK_EQ(p[3 * PAGE_SIZE - 1], 0); /* what was there is gone */
    mmap_drop(&m);
}

/* Whole pages of the boot image; the last one ends in zeroes. Seen only in the direct map. */
static const uint8_t boot_bytes[3 * 4096] __attribute__((section("ingot_pages"), aligned(4096))) = {
    [0] = 11, [4096] = 22, [4097] = 23, [2 * 4096 + 99] = 33};
#define BOOT_LEN (2 * PAGE_SIZE + 100)

static void image_is_copied_on_write(void) {
    mmap_t m;
    kernel_aspace.fault_around = 1;
    CHECK_OK(mmap_new_image(
        &kernel_aspace, (prange_t){hal_virt_to_phys(boot_bytes), BOOT_LEN},
        &(mmap_opts_t){.len = 5 * PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "image"}, &m));
    volatile uint8_t *p = mmap_as_mut_ptr(&m);
    uint64_t before = frame_free_count();
    CHECK_EQ(p[0], 11);
    CHECK_EQ(p[4097], 23);
    CHECK_EQ(p[BOOT_LEN - 1], 33);
    CHECK(all_zero(p + BOOT_LEN, 5 * PAGE_SIZE - BOOT_LEN));
    CHECK_EQ(frame_free_count(), before);
    CHECK_EQ(entry_of((const void *)p).pa.raw, hal_virt_to_phys(boot_bytes).raw);
    p[4096] = 99;
    p[BOOT_LEN] = 44;
    p[4 * PAGE_SIZE] = 55;
    CHECK_EQ(frame_free_count(), before - 3);
    CHECK_EQ(p[4096], 99);
    CHECK_EQ(p[4097], 23); /* the rest of the page came along */
    CHECK_EQ(p[BOOT_LEN - 1], 33);
    CHECK_EQ(p[BOOT_LEN], 44);
    const volatile uint8_t *image = hal_phys_to_virt(hal_virt_to_phys(boot_bytes));
    CHECK_EQ(image[4096], 22); /* the image is as it was */
    CHECK_EQ(image[BOOT_LEN], 0);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, (void *)(uintptr_t)image);
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, (void *)(uintptr_t)image);
    CHECK(!entry_of((const void *)p).owned);
    mmap_drop(&m);
    kernel_aspace.fault_around = ASPACE_FAULT_AROUND_PAGES;
}

/* A memory that is filled from its start gets large leaves, and loses them where rights change. */
static void dense_memory_gets_large_leaves(void) {
    mmap_t m = new_zeroed(4 * BIG, BIG);
    uint8_t *p = mmap_as_mut_ptr(&m);
    for (uint64_t at = 0; at < 4 * BIG; at += PAGE_SIZE) {
        p[at] = (uint8_t)(at >> PAGE_SHIFT);
    }
    CHECK_EQ(entry_of(p + 2 * BIG).level, 1);
    CHECK_OK(mmap_make_readonly(&m, 2 * BIG + 5 * PAGE_SIZE, PAGE_SIZE));
    CHECK_EQ(entry_of(p + 2 * BIG).level, 0);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, p + 2 * BIG + 5 * PAGE_SIZE);
    CHECK_EQ(fault_count(touch_write, p + 2 * BIG + 4 * PAGE_SIZE), 0);
    CHECK_EQ(fault_count(touch_write, p + 2 * BIG + 6 * PAGE_SIZE), 0);
    for (uint64_t at = 0; at < 4 * BIG; at += PAGE_SIZE) {
        CHECK_EQ(p[at], (uint8_t)(at >> PAGE_SHIFT));
    }
    mmap_drop(&m);
}

/* A window onto a frame, from the middle of its page. */
static void physical_window_shows_the_frame(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc_zeroed(0, &frame));
    uint8_t *direct = hal_phys_to_virt(frame);
    mmap_t m;
    CHECK_OK(mmap_new_phys(&kernel_aspace, PADDR(frame.raw + 100), HAL_MEM_NORMAL,
                           &(mmap_opts_t){.len = 8, .perms = HAL_PERMS_RW, .name = "window"}, &m));
    volatile uint8_t *p = mmap_as_mut_ptr(&m);
    p[0] = 1;
    direct[107] = 2;
    CHECK_EQ(((volatile uint8_t *)direct)[100], 1);
    CHECK_EQ(p[7], 2);
    mmap_drop(&m);
    frame_free(frame, 0);
}

static const guest_test_t pages_tests[] = {
    {"rule 6: load then store, and the zero frame stays zero", zero_frame_stays_zero},
    {"rule 6: neighbours of a first store are flushed, too", upgraded_neighbours_are_flushed},
    {"rules 1, 4, 5: committed pages do not fault", commit_needs_no_faults},
    {"rule 9: read-only is in force at once", readonly_faults_at_once},
    {"rule 9: untouched pages fault in with new rights", untouched_pages_get_new_rights},
    {"rules 11, 17: unmapped is gone at once, once", unmapped_faults_at_once},
    {"the TLB forgets what was mapped before", remapped_shows_the_new_frame},
    {"rule 11: a batch flushes before frames are free", batch_flushes_once_for_all},
    {"rule 10: fresh and rewritten code runs", code_runs_and_can_change},
    {"rule 10: code written through another mapping runs", code_written_elsewhere_runs},
    {"a demand fault leaves every register as it was", faults_leave_registers},
    {"fault-around fills aligned windows", fault_around_fills_windows},
    {"fault-around stays in its region", fault_around_stays_inside},
    {"rules 13, 18: grow and shrink, the tail faults", grow_and_shrink},
    {"image-backed pages are copied on first write", image_is_copied_on_write},
    {"dense memory gets large leaves", dense_memory_gets_large_leaves},
    {"a physical window shows its frame", physical_window_shows_the_frame},
};
GUEST_GROUP(pages, "pages");
