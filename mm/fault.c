/* SPDX-License-Identifier: MIT */
/*
 * Filling pages on demand (mm/aspace.h): page faults, and commits in advance.
 *
 * Reads of untouched pages see the one zero frame, or the boot image, and borrow it without the
 * right to write; the first write puts a frame of the region's own there. Those frames were
 * promised and the tables were made with the region, so nothing here can fail.
 */
#include <string.h>

#include "hal/boot.h"
#include "mm/aspace_internal.h"
#include "mm/frame.h"
#include "mm/log.h"
#include "mm/panic.h"

#define PAGES_PER_TABLE 512u
#define BIG_PAGE (PAGE_SIZE * PAGES_PER_TABLE)
#define BIG_ORDER 9u

/* ---- One table's worth of pages ---- */

/* What a page holds before anyone has written to it. */
static paddr_t source_of(const aspace_t *as, const region_t *r, uint64_t va) {
    uint64_t offset = va - r->start.raw;
    return offset < r->image_len ? PADDR(r->phys.raw + offset) : as->zero_frame;
}

static void borrow(const aspace_t *as, const region_t *r, uint64_t *slots, uint64_t va,
                   uint64_t count) {
    hal_perms_t perms = hal_perms_without_write(r->perms);
    for (uint64_t i = 0; i < count; i++, va += PAGE_SIZE) {
        if (hal_pt_slot_is_empty(slots[i])) {
            hal_pt_slot_set(&slots[i], source_of(as, r, va), perms, false);
        }
    }
}

/* Frames of the region's own for `count` pages that have none, in blocks as large as there are. */
static void own_run(const aspace_t *as, region_t *r, uint64_t *slots, uint64_t va, uint64_t count) {
    r->committed += count;
    while (count > 0) {
        unsigned order = 0;
        while (UINT64_C(2) << order <= count) {
            order++;
        }
        paddr_t block;
        while (!frame_take_promised_block(order, &block)) {
            MM_ASSERT(order > 0, "a promised frame is there");
            order--;
        }
        uint64_t pages = UINT64_C(1) << order;
        uint8_t *bytes = hal_phys_to_virt(block);
        uint64_t offset = va - r->start.raw, copied = 0, filled = 0;
        if (offset < r->image_len) {
            copied = r->image_len - offset;
            copied = copied < pages << PAGE_SHIFT ? copied : pages << PAGE_SHIFT;
            memcpy(bytes, hal_phys_to_virt(source_of(as, r, va)), copied);
            filled = align_down(copied + PAGE_SIZE - 1, PAGE_SIZE);
            memset(bytes + copied, 0, filled - copied);
        }
        hal_clear_pages(PADDR(block.raw + filled), pages - (filled >> PAGE_SHIFT));
        for (uint64_t i = 0; i < pages; i++) {
            hal_pt_slot_set(slots++, PADDR(block.raw + (i << PAGE_SHIFT)), r->perms, true);
        }
        va += pages << PAGE_SHIFT;
        count -= pages;
    }
}

static bool own(const aspace_t *as, region_t *r, uint64_t *slots, uint64_t va, uint64_t count) {
    bool changed = false;
    for (uint64_t i = 0, run; i < count; i += run) {
        if (hal_pt_slot_is_owned(slots[i])) {
            run = 1;
            continue;
        }
        for (run = 0; i + run < count && !hal_pt_slot_is_owned(slots[i + run]); run++) {
            changed |= !hal_pt_slot_is_empty(slots[i + run]);
        }
        own_run(as, r, slots + i, va + (i << PAGE_SHIFT), run);
    }
    return changed;
}

/* One big leaf for a big page's worth of untouched zeroes. */
static bool own_big(aspace_t *as, region_t *r, uint64_t *slots, uint64_t va) {
    for (unsigned i = 0; i < PAGES_PER_TABLE; i++) {
        if (!hal_pt_slot_is_empty(slots[i])) {
            return false;
        }
    }
    paddr_t block;
    if (va - r->start.raw < r->image_len || !frame_take_promised_block(BIG_ORDER, &block)) {
        return false;
    }
    hal_clear_pages(block, PAGES_PER_TABLE);
    paddr_t table = hal_pt_promote(&as->pt, VADDR(va), block, r->perms, true);
    hal_tlb_flush_all(); /* before the table, which a walker may hold, is used for others */
    as->pt.ops->put_table(&as->pt, table);
    r->committed += PAGES_PER_TABLE;
    return true;
}

bool aspace_populate(aspace_t *as, region_t *r, vrange_t part, fault_access_t access) {
    bool changed = false;
    if (r->kind != REGION_ZERO && r->kind != REGION_IMAGE) {
        return false;
    }
    uint64_t left = part.len, step;
    for (uint64_t va = part.start.raw; left > 0; va += step, left -= step) {
        step = BIG_PAGE - (va & (BIG_PAGE - 1));
        step = step < left ? step : left;
        uint64_t *slots = hal_pt_slots(&as->pt, VADDR(va));
        if (slots == NULL) {
            continue; /* a big leaf is there already */
        }
        if (access == ACCESS_WRITE && step == BIG_PAGE && own_big(as, r, slots, va)) {
            continue;
        }
        if (access == ACCESS_WRITE) {
            changed |= own(as, r, slots, va, pages_of(step));
        } else {
            borrow(as, r, slots, va, pages_of(step));
        }
    }
    return changed;
}

/* ---- Faults ---- */

bool aspace_allows(hal_perms_t perms, fault_access_t access) {
    static const uint8_t needed[] = {
        [ACCESS_READ] = HAL_R, [ACCESS_WRITE] = HAL_W, [ACCESS_EXECUTE] = HAL_X};
    return hal_perms_have(perms, needed[access]);
}

/* Where a region has been filled densely from its start, and goes on to be, a big page pays. */
static bool is_dense(const region_t *r, uint64_t big) {
    uint64_t before = big - r->start.raw;
    return before >= BIG_PAGE && r->committed >= pages_of(before);
}

vrange_t aspace_fault_around(const aspace_t *as, const region_t *r, uint64_t page) {
    uint64_t size = (uint64_t)as->fault_around << PAGE_SHIFT;
    return aspace_part(r, (vrange_t){VADDR(align_down(page, size)), size});
}

/* The pages that are filled together with the one at `page`. */
static vrange_t window_of(const aspace_t *as, const region_t *r, uint64_t page,
                          fault_access_t access) {
    uint64_t big = align_down(page, BIG_PAGE);
    if (access == ACCESS_WRITE && r->kind == REGION_ZERO && big >= r->start.raw &&
        region_last(r) - big >= BIG_PAGE - 1 && is_dense(r, big)) {
        return (vrange_t){VADDR(big), BIG_PAGE};
    }
    return aspace_fault_around(as, r, page);
}

/* Whether the tables allow it already: then only the hart's TLB did not know yet. */
static bool is_spurious(const aspace_t *as, uint64_t page, fault_access_t access) {
    hal_pt_entry_t e;
    return hal_pt_query(&as->pt, VADDR(page), &e) && aspace_allows(e.perms, access);
}

static bool reaches(fault_level_t level, hal_perms_t perms, fault_access_t access) {
    bool user = hal_perms_have(perms, HAL_USER);
    return level == LEVEL_BOTH ? !user || access != ACCESS_EXECUTE : user == (level == LEVEL_USER);
}

static fault_result_t fault_locked(aspace_t *as, uint64_t address, fault_access_t access,
                                   fault_level_t level) {
    region_t *r = tree_find(as->root, address);
    if (r == NULL) {
        return FAULT_UNMAPPED;
    }
    if (r->kind == REGION_RESERVED) {
        return FAULT_GUARD;
    }
    if (!aspace_allows(r->perms, access) || !reaches(level, r->perms, access)) {
        return FAULT_PERMISSION;
    }
    uint64_t page = align_down(address, PAGE_SIZE);
    if (is_spurious(as, page, access)) {
        hal_tlb_flush_range((vrange_t){VADDR(page), PAGE_SIZE});
        return FAULT_RESOLVED;
    }
    if (r->kind == REGION_VIEW) {
        return aspace_fault_in_view(as, r, page, access);
    }
    MM_ASSERT(r->kind == REGION_ZERO || r->kind == REGION_IMAGE, "a wired page is present");
    vrange_t window = window_of(as, r, page, access);
    if (aspace_populate(as, r, window, access)) {
        hal_tlb_flush_range(window);
    }
    if (r->perms.bits & HAL_X) {
        hal_fence_i_all();
    }
    return FAULT_RESOLVED;
}

fault_result_t aspace_handle_fault(aspace_t *as, vaddr_t address, fault_access_t access,
                                   fault_level_t level) {
    if (!hal_lock_try(&as->lock)) {
        return FAULT_BUSY;
    }
    fault_result_t result = fault_locked(as, address.raw, access, level);
    hal_lock_release(&as->lock);
    MM_LOG(MM_LOG_TRACE, "fault at 0x%lx, to %s: %s", address.raw,
           access == ACCESS_READ    ? "read"
           : access == ACCESS_WRITE ? "write"
                                    : "execute",
           result == FAULT_RESOLVED   ? "brought in"
           : result == FAULT_GUARD    ? "a guard"
           : result == FAULT_UNMAPPED ? "not mapped"
                                      : "not allowed");
    return result;
}

/* ---- Commits ---- */

status_t aspace_commit(aspace_t *as, vrange_t range, fault_access_t access) {
    uint64_t end;
    if (range.len == 0) {
        return STATUS_OK;
    }
    if (__builtin_add_overflow(range.start.raw, range.len - 1, &end)) {
        return ERR_RANGE;
    }
    uint64_t first = align_down(range.start.raw, PAGE_SIZE);
    range = (vrange_t){VADDR(first), align_down(end, PAGE_SIZE) - first + PAGE_SIZE};
    status_t s = aspace_check_range(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    hal_lock_take(&as->lock);
    s = aspace_check_covered(as, range);
    region_t *start = s == STATUS_OK ? tree_find(as->root, first) : NULL;
    for (region_t *r = start; r != NULL && s == STATUS_OK; r = aspace_following(as, r, range)) {
        s = aspace_allows(r->perms, access) ? STATUS_OK : ERR_PERMISSION;
    }
    for (region_t *r = start; r != NULL && s == STATUS_OK; r = aspace_following(as, r, range)) {
        vrange_t part = aspace_part(r, range);
        if (r->kind == REGION_VIEW) {
            s = aspace_commit_view(as, r, part, access);
            continue;
        }
        if (aspace_populate(as, r, part, access)) {
            batch_note_changed(&as->batch, part);
        }
        if (r->perms.bits & HAL_X) {
            batch_note_executable(&as->batch);
        }
    }
    aspace_finish(as);
    return s;
}
