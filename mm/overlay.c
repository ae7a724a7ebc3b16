/* SPDX-License-Identifier: MIT */
/* Pages of the boot image in a mapping that is otherwise zeroed on demand (mm/aspace.h). */
#include "mm/aspace_internal.h"
#include "mm/log.h"

#define TABLE_REACH (PAGE_SIZE * 512u) /* what hal_pt_slots() answers for */

/* Nothing is in the tables yet: no frame of the region's own, and no borrowed zero frame, which
 * would go on being seen where the image should be. */
static bool is_untouched(aspace_t *as, vrange_t range) {
    uint64_t left = range.len, step;
    for (uint64_t va = range.start.raw; left > 0; va += step, left -= step) {
        step = TABLE_REACH - (va & (TABLE_REACH - 1));
        step = step < left ? step : left;
        const uint64_t *slots = hal_pt_slots(&as->pt, VADDR(va));
        if (slots == NULL) {
            return false; /* a big leaf */
        }
        for (uint64_t i = 0; i < pages_of(step); i++) {
            if (!hal_pt_slot_is_empty(slots[i])) {
                return false;
            }
        }
    }
    return true;
}

static status_t overlay_locked(aspace_t *as, vrange_t range, paddr_t phys) {
    status_t s = aspace_check_covered(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    const region_t *whole = tree_find(as->root, range.start.raw);
    if (whole->kind != REGION_ZERO || aspace_following(as, whole, range) != NULL ||
        !is_untouched(as, range)) {
        return ERR_INVALID;
    }
    cuts_t cuts;
    s = aspace_prepare_cuts(as, range, 0, &cuts);
    if (s != STATUS_OK) {
        return s;
    }
    aspace_cut(as, range, &cuts);
    region_t *r = tree_find(as->root, range.start.raw);
    r->kind = REGION_IMAGE;
    r->phys = phys;
    r->image_len = range.len;
    aspace_join(as, range);
    return STATUS_OK;
}

status_t aspace_overlay(aspace_t *as, vrange_t range, paddr_t phys) {
    if (range.len == 0) {
        return STATUS_OK;
    }
    status_t s = aspace_check_range(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    uint64_t end;
    if (!is_aligned(phys.raw, PAGE_SIZE)) {
        return ERR_INVALID;
    }
    if (__builtin_add_overflow(phys.raw, range.len, &end) || end >> 56 != 0) {
        return ERR_RANGE; /* Sv39 and Sv48 have 56 bits of physical address */
    }
    hal_lock_take(&as->lock);
    s = overlay_locked(as, range, phys);
    aspace_finish(as);
    MM_LOG(MM_LOG_DEBUG, "overlay 0x%lx, 0x%lx bytes of the image: %s", range.start.raw, range.len,
           status_text(s));
    return s;
}
