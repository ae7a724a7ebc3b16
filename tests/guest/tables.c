/* SPDX-License-Identifier: MIT */
/*
 * A walk over the page tables as the hardware sees them. Nothing of hal/mmu.h's queries is used,
 * and the entry's bits are spelled again: an error there must not hide here.
 * Source: RISC-V Privileged Architecture 20211203, 4.3 to 4.5.
 */
#include <string.h>

#include "hal/boot.h"
#include "hal/cpu.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/memory.h"
#include "mm/mmap.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };
#define RESERVED_BITS (UINT64_C(0x3ff) << 54)

typedef struct leaf {
    uint64_t va, pa, size, bits;
} leaf_t;

typedef struct counts {
    uint64_t tables, leaves, executable;
} counts_t;

static const region_t *text, *rodata, *image, *user_text;

static const region_t *region_called(const char *name) {
    for (const region_t *r = aspace_next(&kernel_aspace, VADDR(0)); r != NULL;
         r = aspace_next(&kernel_aspace, VADDR(r->start.raw + r->len))) {
        if (r->name != NULL && strcmp(r->name, name) == 0) {
            return r;
        }
    }
    FAIL("no region is called \"%s\"", name);
}

static bool overlaps(const leaf_t *leaf, const region_t *phys) {
    return leaf->pa < phys->phys.raw + phys->len && phys->phys.raw < leaf->pa + leaf->size;
}

/* Every byte of the leaf lies in regions that allow what the leaf does. */
static void check_wanted(const leaf_t *leaf) {
    uint64_t at = leaf->va, last = leaf->va + (leaf->size - 1);
    for (;;) {
        const region_t *r = aspace_find(&kernel_aspace, VADDR(at));
        if (r == NULL) {
            FAIL("0x%lx is mapped, and in no region", at);
        }
        unsigned bits = leaf->bits >> 1 & (HAL_R | HAL_W | HAL_X | HAL_USER);
        if (r->kind == REGION_RESERVED || (bits & ~(unsigned)r->perms.bits) != 0 ||
            ((bits ^ r->perms.bits) & HAL_USER) != 0) {
            FAIL("0x%lx is mapped with rights %x, its region \"%s\" has %x", at, bits, r->name,
                 r->perms.bits);
        }
        if (r->start.raw + (r->len - 1) >= last) {
            return;
        }
        at = r->start.raw + r->len;
    }
}

static void check_leaf(const leaf_t *leaf, counts_t *counts) {
    uint64_t bits = leaf->bits;
    counts->leaves++;
    if ((bits & W) && (bits & X)) {
        FAIL("0x%lx is writable and executable", leaf->va);
    }
    if (!(bits & R) || !(bits & A) || ((bits & W) && !(bits & D)) || (bits & RESERVED_BITS)) {
        FAIL("0x%lx has the entry 0x%lx", leaf->va, bits);
    }
    if ((leaf->pa & (leaf->size - 1)) != 0) {
        FAIL("0x%lx: a leaf of %lu bytes at physical 0x%lx", leaf->va, leaf->size, leaf->pa);
    }
    if ((bits & W) && (overlaps(leaf, text) || overlaps(leaf, rodata) || overlaps(leaf, image) ||
                       overlaps(leaf, user_text))) {
        FAIL("0x%lx is a writable alias of text, rodata or image pages at physical 0x%lx", leaf->va,
             leaf->pa);
    }
    if (leaf->va < VMAP_LOWEST && !(bits & U)) {
        FAIL("0x%lx is mapped for the kernel, below its lowest address", leaf->va);
    }
    counts->executable += bits & X ? leaf->size : 0;
    check_wanted(leaf);
}

static void walk(paddr_t frame, unsigned level, uint64_t base, counts_t *counts) {
    const volatile uint64_t *table = hal_phys_to_virt(frame);
    counts->tables++;
    for (uint64_t i = 0; i < 512; i++) {
        uint64_t pte = table[i], va = base + (i << (12 + 9 * level));
        if (level + 1 == kernel_aspace.pt.levels && i >= 256) {
            va |= ~UINT64_C(0) << (12 + 9 * (level + 1)); /* sign-extended */
        }
        if (!(pte & V)) {
            if (pte != 0) {
                FAIL("0x%lx has the leftover entry 0x%lx", va, pte);
            }
            continue;
        }
        paddr_t pa = PADDR((pte << 10 >> 20) << 12);
        if (pte & (R | W | X)) {
            const leaf_t leaf = {va, pa.raw, UINT64_C(4096) << (9 * level), pte};
            check_leaf(&leaf, counts);
        } else if (level == 0 || (pte & (U | A | D))) {
            FAIL("0x%lx: entry 0x%lx at level %u", va, pte, level);
        } else {
            walk(pa, level - 1, va, counts);
        }
    }
}

static counts_t walk_all(void) {
    counts_t counts = {0};
    text = region_called("kernel text");
    rodata = region_called("kernel rodata");
    image = region_called("image pages");
    user_text = region_called("module text");
    walk(kernel_aspace.pt.root, kernel_aspace.pt.levels - 1, 0, &counts);
    CHECK_EQ(counts.executable, text->len + user_text->len); /* nothing else is code */
    CHECK_EQ(counts.tables, kernel_aspace.table_frames);
    return counts;
}

static void walk_after_boot(void) {
    CHECK(hal_mmu_is_active(&kernel_aspace.pt));
    counts_t counts = walk_all();
    ktap_note("Sv%u: %lu tables, %lu leaves, %lu regions", 12 + 9 * kernel_aspace.pt.levels,
              counts.tables, counts.leaves, kernel_aspace.regions);
}

/* With every kind of region, borrowed and owned pages, and leaves of two sizes. */
static void walk_with_mappings(void) {
    const uint64_t big = UINT64_C(2) << 20;
    mmap_t wired, dense;
    wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){4, 100, false, 65536});
    touch_read(memory->bytes);
    touch_write_blind(memory->bytes + 3 * 65536);
    wasm_trap_t trap;
    CHECK(user_call(user_load, memory->user.raw + 65536, NULL, &trap));
    CHECK(wasm_memory_grow(memory, 2));
    CHECK_OK(mmap_new_wired(
        &kernel_aspace,
        &(mmap_opts_t){.len = 2 * big, .align = big, .perms = HAL_PERMS_RW, .name = "wired"}, false,
        &wired));
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace,
        &(mmap_opts_t){.len = 4 * big, .align = big, .perms = HAL_PERMS_RW, .name = "dense"},
        &dense));
    CHECK_OK(mmap_commit(&dense, 0, 2 * big, ACCESS_WRITE));
    CHECK_OK(mmap_make_readonly(&dense, big + PAGE_SIZE, PAGE_SIZE));
    walk_all();

    /* Code is the one thing more that may be executable now. */
    CHECK_OK(mmap_make_executable(&dense, 0, PAGE_SIZE));
    counts_t counts = {0};
    walk(kernel_aspace.pt.root, kernel_aspace.pt.levels - 1, 0, &counts);
    CHECK_EQ(counts.executable, text->len + user_text->len + PAGE_SIZE);

    mmap_drop(&dense);
    mmap_drop(&wired);
    wasm_memory_free(memory);
    walk_all();
}

static const guest_test_t tables_tests[] = {
    {"nothing is W and X, of the wrong level, aliased, or mapped by accident", walk_after_boot},
    {"the same, while mappings come and go", walk_with_mappings},
};
GUEST_GROUP(tables, "tables");
