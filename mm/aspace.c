/* SPDX-License-Identifier: MIT */
/*
 * The address space (mm/aspace.h): making, mapping, unmapping, protecting, growing.
 *
 * Every operation takes all that it may need before it changes anything; from there on it cannot
 * fail. Frames that later faults need are promised (mm/frame.h), and their tables are made at once.
 */
#include "mm/aspace.h"

#include <string.h>

#include "hal/boot.h"
#include "mm/aspace_internal.h"
#include "mm/frame.h"
#include "mm/log.h"
#include "mm/nodes.h"
#include "mm/panic.h"
#include "mm/place.h"

/* ---- Frames for tables and leaves ---- */

static aspace_t *aspace_of(hal_pt_t *pt) {
    return (aspace_t *)((char *)pt - offsetof(aspace_t, pt));
}

static status_t get_table(hal_pt_t *pt, paddr_t *frame) {
    aspace_t *as = aspace_of(pt);
    if (as->reserve > 0) {
        as->reserve--;
        frame_take_promised(frame);
    } else {
        status_t s = frame_alloc(0, frame);
        if (s != STATUS_OK) {
            return s;
        }
    }
    hal_clear_pages(*frame, 1);
    as->table_frames++;
    return STATUS_OK;
}

static void put_table(hal_pt_t *pt, paddr_t frame) {
    aspace_of(pt)->table_frames--;
    frame_free(frame, 0);
}

static void put_leaf(hal_pt_t *pt, paddr_t pa, unsigned level) {
    (void)pt;
    frame_free_run(pa, pages_of(hal_pt_leaf_size(level)));
}

static const hal_pt_ops_t pt_ops = {get_table, put_table, put_leaf};

/* ---- Making ---- */

status_t aspace_init(aspace_t *as, const aspace_config_t *config) {
    if (config->levels != 3 && config->levels != 4) {
        return ERR_INVALID;
    }
    aspace_t fresh = {.window = config->window,
                      .seeded = config->seeded,
                      .random = config->seed,
                      .fault_around = ASPACE_FAULT_AROUND_PAGES};
    fresh.pt.levels = config->levels;
    status_t s = aspace_check_range(&fresh, config->window);
    if (s == STATUS_OK) {
        s = frame_alloc_zeroed(0, &fresh.zero_frame);
    }
    if (s != STATUS_OK) {
        return s;
    }
    s = hal_pt_init(&fresh.pt, config->levels, &pt_ops);
    if (s != STATUS_OK) {
        frame_free(fresh.zero_frame, 0);
        return s;
    }
    *as = fresh;
    batch_init(&as->batch, &as->pt);
    return STATUS_OK;
}

void aspace_destroy(aspace_t *as) {
    MM_ASSERT(as->open_scopes == 0 && batch_is_empty(&as->batch), "nothing is left to flush");
    while (as->root != NULL) {
        const region_t *r = as->root;
        status_t s = aspace_unmap(as, (vrange_t){r->start, r->len});
        MM_ASSERT(s == STATUS_OK, "a whole region can be unmapped");
    }
    hal_pt_destroy(&as->pt);
    frame_free(as->zero_frame, 0);
}

/* ---- Ranges ---- */

status_t aspace_check_range(const aspace_t *as, vrange_t range) {
    if (!is_aligned(range.start.raw | range.len, PAGE_SIZE)) {
        return ERR_INVALID;
    }
    uint64_t last;
    if (range.len == 0 || __builtin_add_overflow(range.start.raw, range.len - 1, &last) ||
        !hal_va_is_canonical(as->pt.levels, range.start) ||
        !hal_va_is_canonical(as->pt.levels, VADDR(last)) || (int64_t)(range.start.raw ^ last) < 0) {
        return ERR_RANGE;
    }
    return STATUS_OK;
}

status_t aspace_check_covered(const aspace_t *as, vrange_t range) {
    uint64_t at = range.start.raw, last = range.start.raw + (range.len - 1);
    for (;;) {
        const region_t *r = tree_find(as->root, at);
        if (r == NULL) {
            return ERR_NOT_FOUND;
        }
        if (region_last(r) >= last) {
            return STATUS_OK;
        }
        at = region_last(r) + 1;
    }
}

region_t *aspace_following(const aspace_t *as, const region_t *r, vrange_t range) {
    uint64_t last = range.start.raw + (range.len - 1);
    return region_last(r) >= last ? NULL : tree_find(as->root, region_last(r) + 1);
}

vrange_t aspace_part(const region_t *r, vrange_t range) {
    uint64_t last = range.start.raw + (range.len - 1);
    uint64_t from = r->start.raw > range.start.raw ? r->start.raw : range.start.raw;
    uint64_t to = region_last(r) < last ? region_last(r) : last;
    return (vrange_t){VADDR(from), to - from + 1};
}

/* Reserved regions have nothing mapped, so they count as empty here. */
vrange_t aspace_table_hole(const aspace_t *as, vrange_t range) {
    uint64_t reach = PAGE_SIZE << (9 * (as->pt.levels - 1));
    uint64_t first = range.start.raw, last = range.start.raw + (range.len - 1);
    uint64_t lowest = align_down(first, reach), highest = align_down(last, reach) + (reach - 1);
    while (first > lowest) {
        const region_t *r = tree_prev(as->root, first);
        if (r == NULL || region_last(r) < lowest) {
            first = lowest;
        } else if (r->kind == REGION_RESERVED) {
            first = r->start.raw > lowest ? r->start.raw : lowest;
        } else {
            first = region_last(r) + 1;
            break;
        }
    }
    while (last < highest) {
        const region_t *r = tree_next(as->root, last + 1);
        if (r == NULL || r->start.raw > highest) {
            last = highest;
        } else if (r->kind == REGION_RESERVED) {
            last = region_last(r) < highest ? region_last(r) : highest;
        } else {
            last = r->start.raw - 1;
            break;
        }
    }
    return (vrange_t){VADDR(first), last - first + 1};
}

void aspace_finish(aspace_t *as) {
    if (as->open_scopes == 0 && !batch_is_empty(&as->batch)) {
        batch_discharge(&as->batch);
    }
    hal_lock_release(&as->lock);
}

void aspace_make_way(aspace_t *as, vrange_t range) {
    if (batch_has_retired_in(&as->batch, range)) {
        batch_discharge(&as->batch);
    }
}

void aspace_roll_back(aspace_t *as, vrange_t range) {
    bool tables;
    hal_pt_unmap(&as->pt, range, aspace_table_hole(as, range), &tables);
    batch_note_retired(&as->batch, range, tables);
    batch_discharge(&as->batch); /* at once: its frames have to be free again */
}

/* ---- Mapping ---- */

static status_t check_request(const aspace_request_t *q, uint64_t *after) {
    uint64_t capacity = q->capacity == 0 ? q->len : q->capacity, total;
    hal_perms_t perms;
    if (!is_aligned(q->len | capacity | q->guard_before, PAGE_SIZE) || capacity < q->len ||
        (q->align != 0 && (q->align < PAGE_SIZE || (q->align & (q->align - 1)) != 0))) {
        return ERR_INVALID;
    }
    if (__builtin_add_overflow(capacity, q->guard_before, &total)) {
        return ERR_RANGE;
    }
    *after = capacity;
    if (q->kind == REGION_RESERVED) {
        return STATUS_OK;
    }
    if (q->kind == REGION_PHYS || q->kind == REGION_IMAGE) {
        uint64_t end;
        if (!is_aligned(q->phys.raw, PAGE_SIZE) || q->image_len > q->len) {
            return ERR_INVALID;
        }
        uint64_t extent = q->kind == REGION_PHYS ? q->len : q->image_len;
        if (__builtin_add_overflow(q->phys.raw, extent, &end) || end >> 56 != 0) {
            return ERR_RANGE; /* Sv39 and Sv48 have 56 bits of physical address */
        }
    }
    if (q->kind == REGION_VIEW) {
        uint64_t end;
        if (!is_aligned(q->of.raw, PAGE_SIZE)) {
            return ERR_INVALID;
        }
        if (__builtin_add_overflow(q->of.raw, capacity, &end)) {
            return ERR_RANGE;
        }
    }
    if ((q->perms.bits & HAL_X) &&
        (q->kind == REGION_VIEW || (q->kind == REGION_PHYS && q->attr == HAL_MEM_DEVICE))) {
        return ERR_PERMISSION;
    }
    return hal_perms_make(q->perms.bits, &perms);
}

static status_t find_place(aspace_t *as, const aspace_request_t *q, uint64_t after, vaddr_t *out) {
    uint64_t align = q->align == 0 ? PAGE_SIZE : q->align;
    if (q->fixed) {
        if (!is_aligned(q->at.raw, align)) {
            return ERR_INVALID;
        }
        if (q->at.raw < q->guard_before) {
            return ERR_RANGE;
        }
        vrange_t all = {VADDR(q->at.raw - q->guard_before), q->guard_before + after};
        status_t s = aspace_check_range(as, all);
        if (s != STATUS_OK) {
            return s;
        }
        const region_t *next = tree_next(as->root, all.start.raw);
        if (next != NULL && next->start.raw <= all.start.raw + (all.len - 1)) {
            return ERR_OVERLAP;
        }
        *out = q->at;
        return STATUS_OK;
    }
    place_want_t want = {q->guard_before, after, align};
    bool ok = as->seeded ? place_random(as->root, as->window, &want, &as->random, out)
                         : place_first(as->root, as->window, &want, out);
    return ok ? STATUS_OK : ERR_RANGE;
}

/* Wired frames in as large blocks as there are; leaves grow with them. */
static status_t map_wired(aspace_t *as, const aspace_request_t *q, vrange_t range) {
    uint64_t at = range.start.raw, left = pages_of(range.len);
    while (left > 0) {
        paddr_t run;
        uint64_t count = left;
        status_t s;
        if (q->contiguous) {
            s = frame_alloc_run(count, &run);
        } else {
            unsigned order = FRAME_MAX_ORDER;
            while (order > 0 &&
                   (UINT64_C(1) << order > left || !is_aligned(at, PAGE_SIZE << order))) {
                order--;
            }
            while ((s = frame_alloc(order, &run)) == ERR_NO_MEMORY && order > 0) {
                order--;
            }
            count = UINT64_C(1) << order;
        }
        if (s != STATUS_OK) {
            return s;
        }
        hal_clear_pages(run, count);
        vrange_t piece = {VADDR(at), count << PAGE_SHIFT};
        s = hal_pt_map(&as->pt, piece, run, q->perms, q->attr, true, HAL_PT_MAX_LEVEL);
        if (s != STATUS_OK) {
            uint64_t mapped = hal_pt_count_owned(&as->pt, piece); /* always the front */
            frame_free_run(PADDR(run.raw + (mapped << PAGE_SHIFT)), count - mapped);
            return s;
        }
        at += count << PAGE_SHIFT;
        left -= count;
    }
    return STATUS_OK;
}

/* Tables, frames and promises behind the mapped part. All or nothing. */
static status_t make_backing(aspace_t *as, const aspace_request_t *q, vrange_t range) {
    uint64_t charge = aspace_needs_charge(q->kind, q->perms) ? pages_of(range.len) : 0;
    status_t s = frame_promise(charge);
    if (s != STATUS_OK) {
        return s;
    }
    if (q->kind == REGION_WIRED) {
        s = map_wired(as, q, range);
    } else if (q->kind == REGION_PHYS) {
        s = hal_pt_map(&as->pt, range, q->phys, q->perms, q->attr, false, HAL_PT_MAX_LEVEL);
    } else {
        s = hal_pt_prepare(&as->pt, range);
    }
    if (s != STATUS_OK) {
        frame_unpromise(charge);
        aspace_roll_back(as, range);
    }
    return s;
}

static void add_region(aspace_t *as, region_t *node, uint64_t start, uint64_t len,
                       const aspace_request_t *q, region_kind_t kind) {
    *node = (region_t){.start = VADDR(start),
                       .len = len,
                       .name = q->name,
                       .kind = kind,
                       .identity = as->next_identity};
    if (kind != REGION_RESERVED) {
        node->perms = q->perms;
        node->attr = q->attr;
        node->charged = aspace_needs_charge(kind, q->perms);
        node->committed = kind == REGION_WIRED ? pages_of(len) : 0;
    }
    if (kind == REGION_PHYS || kind == REGION_IMAGE) {
        node->phys = q->phys;
        node->image_len = kind == REGION_IMAGE ? q->image_len : 0;
    }
    if (kind == REGION_VIEW) {
        node->of = q->of;
    }
    aspace_insert_region(as, node);
}

static void free_nodes(region_t **list, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (list[i] != NULL) {
            node_free(list[i]);
            list[i] = NULL;
        }
    }
}

/* The image's last page is mapped as it is: what follows the bytes in it must be zero. */
static bool image_tail_is_zero(const aspace_request_t *q) {
    uint64_t end = q->phys.raw + q->image_len;
    const uint8_t *tail = hal_phys_to_virt(PADDR(end));
    for (uint64_t i = 0; !is_aligned(end + i, PAGE_SIZE); i++) {
        if (tail[i] != 0) {
            return false;
        }
    }
    return true;
}

static status_t map_locked(aspace_t *as, const aspace_request_t *q, uint64_t after, vaddr_t *out) {
    vaddr_t at;
    status_t s = find_place(as, q, after, &at);
    if (s != STATUS_OK) {
        return s;
    }
    bool reserved = q->kind == REGION_RESERVED;
    uint64_t len = reserved ? 0 : q->len;
    /* The guard in front, what is mapped, and the guard behind. */
    const bool wanted[3] = {q->guard_before > 0, len > 0, after > len};
    region_t *list[3] = {NULL, NULL, NULL};
    for (unsigned i = 0; i < 3; i++) {
        if (wanted[i] && (list[i] = node_alloc()) == NULL) {
            free_nodes(list, 3);
            return ERR_NO_MEMORY;
        }
    }
    if (len > 0) {
        vrange_t range = {at, len};
        aspace_make_way(as, range);
        s = make_backing(as, q, range);
        if (s != STATUS_OK) {
            free_nodes(list, 3);
            return s;
        }
        if (q->perms.bits & HAL_X) {
            batch_note_executable(&as->batch);
        }
    }
    as->next_identity++;
    const uint64_t starts[3] = {at.raw - q->guard_before, at.raw, at.raw + len};
    const uint64_t lens[3] = {q->guard_before, len, after - len};
    for (unsigned i = 0; i < 3; i++) {
        if (wanted[i]) {
            add_region(as, list[i], starts[i], lens[i], q, i == 1 ? q->kind : REGION_RESERVED);
        }
    }
    *out = at;
    return STATUS_OK;
}

status_t aspace_map(aspace_t *as, const aspace_request_t *request, vaddr_t *out) {
    uint64_t after;
    status_t s = check_request(request, &after);
    if (s != STATUS_OK) {
        return s;
    }
    if (after == 0) {
        *out = VADDR(0);
        return STATUS_OK;
    }
    if (request->kind == REGION_IMAGE && !image_tail_is_zero(request)) {
        return ERR_INVALID;
    }
    hal_lock_take(&as->lock);
    s = map_locked(as, request, after, out);
    aspace_finish(as);
    if (s == STATUS_OK) {
        MM_LOG(MM_LOG_DEBUG, "map 0x%lx, 0x%lx of 0x%lx bytes, %s: %s", out->raw, request->len,
               after, region_kind_text(request->kind), request->name);
    } else {
        MM_LOG(MM_LOG_DEBUG, "cannot map 0x%lx bytes for %s: %s", after, request->name,
               status_text(s));
    }
    return s;
}

/* ---- Unmapping ---- */

void aspace_release_pages(aspace_t *as, region_t *r, vrange_t range) {
    bool tables;
    aspace_hide(as, range);
    uint64_t owned = hal_pt_unmap(&as->pt, range, aspace_table_hole(as, range), &tables);
    MM_ASSERT(owned <= r->committed, "a region's committed pages are those in the tables");
    r->committed -= owned;
    if (r->charged) {
        frame_unpromise(pages_of(range.len) - owned);
    }
    batch_note_retired(&as->batch, range, tables);
}

void aspace_release_region(aspace_t *as, region_t *r) {
    if (r->kind != REGION_RESERVED) {
        aspace_release_pages(as, r, (vrange_t){r->start, r->len});
        MM_ASSERT(r->committed == 0, "a region's committed pages are those in the tables");
    }
    aspace_remove_region(as, r);
}

status_t aspace_unmap(aspace_t *as, vrange_t range) {
    if (range.len == 0) {
        return STATUS_OK;
    }
    status_t s = aspace_check_range(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    hal_lock_take(&as->lock);
    cuts_t cuts;
    s = aspace_check_covered(as, range);
    if (s == STATUS_OK) {
        s = aspace_prepare_cuts(as, range, 0, &cuts);
    }
    if (s == STATUS_OK) {
        aspace_cut(as, range, &cuts);
        region_t *r = tree_find(as->root, range.start.raw);
        while (r != NULL) {
            region_t *next = aspace_following(as, r, range);
            aspace_release_region(as, r);
            r = next;
        }
    }
    aspace_finish(as);
    MM_LOG(MM_LOG_DEBUG, "unmap 0x%lx, 0x%lx bytes: %s", range.start.raw, range.len,
           status_text(s));
    return s;
}

/* ---- Protecting ---- */

/* Whether every region of the range can have these rights, and what that costs in promises. */
static status_t check_protect(const aspace_t *as, vrange_t range, hal_perms_t perms,
                              uint64_t *charge) {
    *charge = 0;
    for (const region_t *r = tree_find(as->root, range.start.raw); r != NULL;
         r = aspace_following(as, r, range)) {
        if (r->kind == REGION_RESERVED ||
            ((perms.bits & HAL_X) &&
             (r->kind == REGION_VIEW || (r->kind == REGION_PHYS && r->attr == HAL_MEM_DEVICE)))) {
            return ERR_PERMISSION;
        }
        if (aspace_needs_charge(r->kind, perms) && !r->charged) {
            *charge += pages_of(aspace_part(r, range).len);
        }
    }
    return STATUS_OK;
}

static void protect_region(aspace_t *as, region_t *r, hal_perms_t perms) {
    r->perms = perms;
    r->charged = r->charged || aspace_needs_charge(r->kind, perms);
    bool as_is = r->kind == REGION_PHYS || r->kind == REGION_VIEW;
    hal_perms_t borrowed = as_is ? perms : hal_perms_without_write(perms);
    vrange_t range = {r->start, r->len};
    aspace_hide(as, range);
    if (hal_pt_protect(&as->pt, range, perms, borrowed)) {
        batch_note_changed(&as->batch, range);
    }
}

status_t aspace_protect(aspace_t *as, vrange_t range, hal_perms_t perms) {
    hal_perms_t checked;
    status_t s = hal_perms_make(perms.bits, &checked);
    if (s != STATUS_OK || range.len == 0) {
        return s;
    }
    s = aspace_check_range(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    hal_lock_take(&as->lock);
    cuts_t cuts;
    uint64_t charge;
    s = aspace_check_covered(as, range);
    if (s == STATUS_OK) {
        s = check_protect(as, range, checked, &charge);
    }
    if (s == STATUS_OK) {
        s = aspace_prepare_cuts(as, range, charge, &cuts);
    }
    if (s == STATUS_OK) {
        aspace_cut(as, range, &cuts);
        for (region_t *r = tree_find(as->root, range.start.raw); r != NULL;
             r = aspace_following(as, r, range)) {
            protect_region(as, r, checked);
        }
        aspace_join(as, range);
        if (checked.bits & HAL_X) {
            batch_note_executable(&as->batch);
        }
    }
    aspace_finish(as);
    MM_LOG(MM_LOG_DEBUG, "protect 0x%lx, 0x%lx bytes, %c%c%c: %s", range.start.raw, range.len,
           checked.bits & HAL_R ? 'r' : '-', checked.bits & HAL_W ? 'w' : '-',
           checked.bits & HAL_X ? 'x' : '-', status_text(s));
    return s;
}
