/* SPDX-License-Identifier: MIT */
/*
 * What the memory manager costs, in retired instructions (run with -icount shift=0, where they are
 * the same in every run). Each line is "bench NAME VALUE"; mm.budget holds the limits.
 */
#include <string.h>

#include "hal/boot.h"
#include "hal/cpu.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/user.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

#define WASM_PAGE 65536u
#define BIG (UINT64_C(2) << 20)

static uint64_t now(void) {
    return hal_instructions_retired();
}

static void report(const char *name, uint64_t value) {
    ktap_print("bench %s %lu\n", name, value);
}

/* ---- The tree: one more region, and one less, among n ---- */

#define MAX_REGIONS 10000u
#define TRIALS 500u

static vaddr_t places[MAX_REGIONS];

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static vaddr_t map_one(aspace_t *as, region_kind_t kind) {
    vaddr_t at;
    CHECK_OK(aspace_map(
        as,
        &(aspace_request_t){.len = PAGE_SIZE, .kind = kind, .perms = HAL_PERMS_RW, .name = "bench"},
        &at));
    return at;
}

static void unmap_one(aspace_t *as, vaddr_t at) {
    CHECK_OK(aspace_unmap(as, (vrange_t){at, PAGE_SIZE}));
}

typedef struct cost {
    uint64_t map, unmap;
} cost_t;

/* Somewhere among n regions, one goes and another comes. */
static cost_t measure_among(aspace_t *as, unsigned n, region_kind_t kind) {
    cost_t cost = {0};
    uint32_t random = 1;
    for (unsigned i = 0; i < TRIALS; i++) {
        unsigned chosen = next_random(&random) % n;
        uint64_t start = now();
        unmap_one(as, places[chosen]);
        uint64_t middle = now();
        places[chosen] = map_one(as, kind);
        cost.map += now() - middle;
        cost.unmap += middle - start;
    }
    return (cost_t){cost.map / TRIALS, cost.unmap / TRIALS};
}

/* In an address space of its own, which is never in force. */
static void bench_tree(region_kind_t kind, bool seeded, const char *const names[4][2],
                       const char *growth) {
    aspace_t as;
    CHECK_OK(aspace_init(
        &as, &(aspace_config_t){.levels = 3,
                                .window = {VADDR(UINT64_C(1) << 30), UINT64_C(64) << 30},
                                .seeded = seeded,
                                .seed = 1}));
    unsigned count = 0, row = 0;
    cost_t first = {0}, cost = {0};
    for (unsigned n = 10; n <= MAX_REGIONS; n *= 10, row++) {
        for (; count < n; count++) {
            places[count] = map_one(&as, kind);
        }
        cost = measure_among(&as, n, kind);
        first = row == 0 ? cost : first;
        report(names[row][0], cost.map);
        report(names[row][1], cost.unmap);
    }
    /* n grew a thousandfold; log2(10,000) / log2(10) is 4.0. */
    report(growth, (cost.map + cost.unmap) * 100 / (first.map + first.unmap));
    aspace_destroy(&as);
}

/* ---- Faults ---- */

static uint64_t zeroing_a_page(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc(0, &frame));
    uint64_t start = now();
    for (unsigned i = 0; i < 64; i++) {
        hal_clear_pages(frame, 1);
        __asm__ volatile("" ::: "memory");
    }
    uint64_t cost = (now() - start) / 64;
    frame_free(frame, 0);
    return cost;
}

/* From the end down, so that the memory never counts as dense. */
static uint64_t touch_all(volatile uint8_t *p, uint64_t pages, bool write) {
    uint64_t start = now();
    for (uint64_t i = pages; i-- > 0;) {
        if (write) {
            p[i * PAGE_SIZE] = 1;
        } else {
            (void)p[i * PAGE_SIZE];
        }
    }
    return (now() - start) / pages;
}

static void bench_faults(uint64_t zeroing, uint32_t around, const char *read, const char *write,
                         const char *upgrade) {
    const uint64_t pages = 2 * BIG / PAGE_SIZE;
    const mmap_opts_t opts = {.len = 2 * BIG, .align = BIG, .perms = HAL_PERMS_RW, .name = "bench"};
    mmap_t m;
    kernel_aspace.fault_around = around;
    CHECK_OK(mmap_new_zeroed(&kernel_aspace, &opts, &m));
    report(write, touch_all(mmap_as_mut_ptr(&m), pages, true) - zeroing);
    mmap_drop(&m);
    CHECK_OK(mmap_new_zeroed(&kernel_aspace, &opts, &m));
    report(read, touch_all(mmap_as_mut_ptr(&m), pages, false));
    report(upgrade, touch_all(mmap_as_mut_ptr(&m), pages, true) - zeroing);
    mmap_drop(&m);
    kernel_aspace.fault_around = ASPACE_FAULT_AROUND_PAGES;
}

/* ---- Linear memory ---- */

static void bench_grow(void) {
    const unsigned count = 256;
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 65536, false, WASM_PAGE});
    uint64_t start = now();
    for (unsigned i = 0; i < count; i++) {
        wasm_memory_grow(m, 1);
    }
    report("memory-grow-one-page", (now() - start) / count);
    CHECK_EQ(m->size, (count + 1) * WASM_PAGE);
    wasm_memory_free(m);
}

static void bench_touch(uint64_t zeroing) {
    const uint64_t len = UINT64_C(64) << 20, pages = len / PAGE_SIZE;
    wasm_memory_t *m =
        wasm_memory_new(NULL, &(wasm_memory_type_t){len / WASM_PAGE, 65536, false, WASM_PAGE});
    const user_access_t range = {.at = m->user.raw, .value = pages};
    wasm_trap_t trap;
    user_write(&user_access, &range, sizeof range);
    uint64_t start = now();
    CHECK(user_call(user_touch, 0, NULL, &trap));
    uint64_t all = now() - start;
    report("touch-64-MiB", all);
    report("touch-64-MiB-per-page-beyond-zeroing", all / pages - zeroing);
    start = now();
    for (uint64_t at = 0; at < len; at += PAGE_SIZE) {
        (void)*(volatile uint8_t *)(m->bytes + at);
    }
    report("view-64-MiB-per-page", (now() - start) / pages);
    start = now();
    wasm_memory_free(m);
    report("free-64-MiB", now() - start);
}

static void bench_trap(void) {
    const unsigned count = 100;
    wasm_trap_t trap;
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, WASM_PAGE});
    uint64_t start = now();
    for (unsigned i = 0; i < count; i++) {
        CHECK(!user_call(user_load, m->user.raw + m->size, NULL, &trap));
    }
    report("trap-out-of-bounds", (now() - start) / count);
    wasm_memory_free(m);
}

static void bench_run(void) {
    const unsigned count = 100;
    wasm_trap_t trap;
    uint64_t start = now();
    for (unsigned i = 0; i < count; i++) {
        CHECK(user_call(user_add_one, 0, NULL, &trap));
    }
    report("run-user-function", (now() - start) / count);
}

static void bench_heap(void) {
    const unsigned count = 1000;
    void *first = heap_alloc(64); /* so that the page stays */
    uint64_t start = now();
    for (unsigned i = 0; i < count; i++) {
        heap_free(heap_alloc(64));
    }
    report("heap-alloc-and-free", (now() - start) / count);
    heap_free(first);
}

static void bench_all(void) {
    static const char *const reserve[4][2] = {{"reserve-among-10", "unreserve-among-10"},
                                              {"reserve-among-100", "unreserve-among-100"},
                                              {"reserve-among-1000", "unreserve-among-1000"},
                                              {"reserve-among-10000", "unreserve-among-10000"}};
    static const char *const map[4][2] = {{"map-among-10", "unmap-among-10"},
                                          {"map-among-100", "unmap-among-100"},
                                          {"map-among-1000", "unmap-among-1000"},
                                          {"map-among-10000", "unmap-among-10000"}};
    uint64_t zeroing = zeroing_a_page();
    bench_tree(REGION_RESERVED, true, reserve, "reserve-growth-percent");
    bench_tree(REGION_ZERO, false, map, "map-growth-percent");
    report("zeroing-a-page", zeroing);
    bench_faults(zeroing, 1, "fault-read-alone", "fault-write-alone", "fault-upgrade-alone");
    bench_faults(zeroing, ASPACE_FAULT_AROUND_PAGES, "fault-read-around", "fault-write-around",
                 "fault-upgrade-around");
    bench_grow();
    bench_touch(zeroing);
    bench_trap();
    bench_run();
    bench_heap();
}

static const guest_test_t bench_tests[] = {{"memory manager", bench_all}};
GUEST_GROUP(bench, "bench");

bool bench_mm_run(void) {
    static const guest_group_t *const groups[] = {&bench_group};
    return ktap_run(groups, 1);
}
