/* SPDX-License-Identifier: MIT */
/*
 * Views (mm/aspace.h): entries for pages that own a frame, at other addresses.
 *
 * A page that owns its frame keeps it until it is unmapped, so an entry of a view stays true until
 * then. What is only borrowed (the zero frame, the boot image) would be replaced by the first
 * write, unseen by the view: so it is never shown. Tables of a view are made with it, and frames
 * are promised to what it shows: nothing here can fail for want of memory.
 */
#include "mm/aspace_internal.h"
#include "mm/panic.h"

/* The address whose page is seen at `va`. */
static uint64_t shown_by(const region_t *v, uint64_t va) {
    return v->of.raw + (va - v->start.raw);
}

/* Which region is seen at `va`, and whether it may be in this way. */
static fault_result_t seen_at(const aspace_t *as, const region_t *v, uint64_t va,
                              fault_access_t access, region_t **out) {
    region_t *r = tree_find(as->root, shown_by(v, va));
    if (r == NULL || r->kind == REGION_RESERVED) {
        return FAULT_GUARD;
    }
    bool owns = r->kind == REGION_ZERO || r->kind == REGION_IMAGE;
    if (!owns || !hal_perms_have(r->perms, HAL_W) || hal_perms_have(r->perms, HAL_X) ||
        !aspace_allows(v->perms, access)) {
        return FAULT_PERMISSION;
    }
    *out = r;
    return FAULT_RESOLVED;
}

/* The part of `range`, which lies in v, in which r is seen; it is where some of it is seen. */
static vrange_t part_of(const region_t *v, const region_t *r, vrange_t range) {
    vrange_t there = aspace_part(r, (vrange_t){VADDR(shown_by(v, range.start.raw)), range.len});
    return (vrange_t){VADDR(v->start.raw + (there.start.raw - v->of.raw)), there.len};
}

/* Gives frames to the pages of r that `part` of the view shows. */
static void own(aspace_t *as, const region_t *v, region_t *r, vrange_t part) {
    vrange_t there = {VADDR(shown_by(v, part.start.raw)), part.len};
    if (aspace_populate(as, r, there, ACCESS_WRITE)) {
        hal_tlb_flush_range(there);
    }
}

static void show(aspace_t *as, const region_t *v, vrange_t part) {
    aspace_make_way(as, part);
    for (uint64_t i = 0; i < part.len; i += PAGE_SIZE) {
        vaddr_t va = VADDR(part.start.raw + i);
        uint64_t *slot = hal_pt_slots(&as->pt, va);
        hal_pt_entry_t e;
        MM_ASSERT(slot != NULL, "a view's tables are made with it");
        if (hal_pt_slot_is_empty(*slot) && hal_pt_query(&as->pt, VADDR(shown_by(v, va.raw)), &e) &&
            e.owned) {
            hal_pt_slot_set(slot, PADDR(align_down(e.pa.raw, PAGE_SIZE)), v->perms, false);
        }
    }
}

fault_result_t aspace_fault_in_view(aspace_t *as, const region_t *v, uint64_t page,
                                    fault_access_t access) {
    region_t *r;
    fault_result_t result = seen_at(as, v, page, access, &r);
    if (result == FAULT_RESOLVED) {
        vrange_t window = part_of(v, r, aspace_fault_around(as, v, page));
        own(as, v, r, access == ACCESS_WRITE ? window : (vrange_t){VADDR(page), PAGE_SIZE});
        show(as, v, window);
    }
    return result;
}

status_t aspace_commit_view(aspace_t *as, const region_t *v, vrange_t part, fault_access_t access) {
    while (part.len > 0) {
        region_t *r;
        fault_result_t result = seen_at(as, v, part.start.raw, access, &r);
        if (result != FAULT_RESOLVED) {
            return result == FAULT_GUARD ? ERR_NOT_FOUND : ERR_PERMISSION;
        }
        vrange_t piece = part_of(v, r, part);
        own(as, v, r, piece);
        show(as, v, piece);
        part.start.raw += piece.len;
        part.len -= piece.len;
    }
    return STATUS_OK;
}

void aspace_hide(aspace_t *as, vrange_t range) {
    uint64_t last = range.start.raw + (range.len - 1), left = as->views;
    for (uint64_t at = 0; left > 0;) {
        const region_t *v = tree_next(as->root, at);
        at = region_last(v) + 1;
        if (v->kind != REGION_VIEW) {
            continue;
        }
        left--;
        uint64_t first = v->of.raw, end = first + (v->len - 1);
        first = first > range.start.raw ? first : range.start.raw;
        end = end < last ? end : last;
        if (first > end) {
            continue;
        }
        vrange_t part = {VADDR(v->start.raw + (first - v->of.raw)), end - first + 1};
        bool tables;
        /* No hole: the view keeps its tables. */
        hal_pt_unmap(&as->pt, part, (vrange_t){part.start, PAGE_SIZE}, &tables);
        batch_note_retired(&as->batch, part, tables);
    }
}
