/* SPDX-License-Identifier: MIT */
/* Cutting regions into pieces, joining pieces again, and moving the border to a guard. */
#include "mm/aspace_internal.h"
#include "mm/frame.h"
#include "mm/log.h"
#include "mm/nodes.h"

void aspace_insert_region(aspace_t *as, region_t *r) {
    tree_insert(&as->root, r);
    as->regions++;
    as->views += r->kind == REGION_VIEW;
}

void aspace_remove_region(aspace_t *as, region_t *r) {
    tree_remove(&as->root, r);
    as->regions--;
    as->views -= r->kind == REGION_VIEW;
    node_free(r);
}

/* Whether a region lies on both sides of the border before `at`. 0 is behind the last byte. */
static bool straddles(const aspace_t *as, uint64_t at) {
    const region_t *r = at == 0 ? NULL : tree_find(as->root, at);
    return r != NULL && r->start.raw < at;
}

status_t aspace_prepare_cuts(aspace_t *as, vrange_t range, uint64_t promise, cuts_t *cuts) {
    const uint64_t at[2] = {range.start.raw, range.start.raw + range.len};
    uint64_t tables = 0;
    *cuts = (cuts_t){{NULL, NULL}};
    for (unsigned i = 0; i < 2; i++) {
        if (!straddles(as, at[i])) {
            continue;
        }
        cuts->nodes[i] = node_alloc();
        if (cuts->nodes[i] == NULL) {
            goto fail;
        }
        tables += hal_pt_split_cost(&as->pt, VADDR(at[i]));
    }
    if (frame_promise(promise + tables) != STATUS_OK) {
        goto fail;
    }
    as->reserve = tables;
    for (unsigned i = 0; i < 2; i++) {
        if (cuts->nodes[i] != NULL) {
            (void)hal_pt_split(&as->pt, VADDR(at[i])); /* its tables are promised */
        }
    }
    frame_unpromise(as->reserve); /* both ends in one leaf: the second split is cheaper */
    as->reserve = 0;
    return STATUS_OK;
fail:
    for (unsigned i = 0; i < 2; i++) {
        if (cuts->nodes[i] != NULL) {
            node_free(cuts->nodes[i]);
        }
    }
    return ERR_NO_MEMORY;
}

static void cut_at(aspace_t *as, uint64_t at, region_t *right) {
    region_t *left = tree_find(as->root, at);
    uint64_t offset = at - left->start.raw;
    *right = *left;
    right->start = VADDR(at);
    right->len -= offset;
    right->phys.raw += offset;
    right->of.raw += offset;
    right->image_len -= left->image_len < offset ? left->image_len : offset;
    if (left->committed > 0) {
        right->committed = hal_pt_count_owned(&as->pt, (vrange_t){right->start, right->len});
    }
    left->len = offset;
    left->image_len -= right->image_len;
    left->committed -= right->committed;
    tree_refresh(as->root, left);
    aspace_insert_region(as, right);
}

void aspace_cut(aspace_t *as, vrange_t range, cuts_t *cuts) {
    const uint64_t at[2] = {range.start.raw, range.start.raw + range.len};
    for (unsigned i = 0; i < 2; i++) {
        if (cuts->nodes[i] != NULL) {
            cut_at(as, at[i], cuts->nodes[i]);
        }
    }
}

/* Pieces that were cut from one have images that fit together; pieces that were laid over a mapping
 * (mm/overlay.c) need not. */
static bool images_fit(const region_t *a, const region_t *b) {
    return a->phys.raw + a->len == b->phys.raw && (a->image_len == a->len || b->image_len == 0);
}

/* Whether `a`, and `b` behind it, can be one region again. */
static bool alike(const region_t *a, const region_t *b) {
    return a->identity == b->identity && a->kind == b->kind && a->charged == b->charged &&
           hal_perms_equal(a->perms, b->perms) && (a->kind != REGION_IMAGE || images_fit(a, b)) &&
           (a->kind != REGION_VIEW || a->of.raw + a->len == b->of.raw);
}

void aspace_join(aspace_t *as, vrange_t range) {
    uint64_t end = range.start.raw + range.len; /* 0 at the very top */
    region_t *a = range.start.raw == 0 ? NULL : tree_find(as->root, range.start.raw - 1);
    if (a == NULL) {
        a = tree_find(as->root, range.start.raw);
    }
    for (;;) {
        uint64_t next = region_last(a) + 1;
        region_t *b = next == 0 ? NULL : tree_find(as->root, next);
        if (b == NULL || (end != 0 && next > end)) {
            return;
        }
        if (!alike(a, b)) {
            a = b;
            continue;
        }
        uint64_t len = b->len, image_len = b->image_len, committed = b->committed;
        aspace_remove_region(as, b);
        a->len += len;
        a->image_len += image_len;
        a->committed += committed;
        tree_refresh(as->root, a);
    }
}

/* ---- Growing and shrinking ---- */

static status_t grow_locked(aspace_t *as, uint64_t start, uint64_t len, uint64_t extra,
                            hal_perms_t perms) {
    region_t *guard = tree_find(as->root, start + len);
    region_t *tail = len == 0 ? NULL : tree_find(as->root, start + len - 1);
    if (guard == NULL || (len > 0 && tail == NULL)) {
        return ERR_NOT_FOUND;
    }
    if (guard->kind != REGION_RESERVED || guard->start.raw != start + len) {
        return ERR_OVERLAP;
    }
    bool image = tail != NULL && tail->kind == REGION_IMAGE;
    bool view = tail != NULL && tail->kind == REGION_VIEW;
    if (tail != NULL &&
        ((tail->kind != REGION_ZERO && !image && !view) || tail->identity != guard->identity)) {
        return ERR_INVALID;
    }
    if (guard->len < extra) {
        return ERR_RANGE;
    }
    bool extend = tail != NULL && !image && hal_perms_equal(tail->perms, perms);
    if (view && !extend) {
        return ERR_INVALID;
    }
    uint64_t promised = view ? 0 : pages_of(extra);
    region_t *node = extend ? NULL : node_alloc();
    if (!extend && node == NULL) {
        return ERR_NO_MEMORY;
    }
    vrange_t range = {guard->start, extra};
    status_t s = frame_promise(promised);
    if (s == STATUS_OK) {
        aspace_make_way(as, range);
        s = hal_pt_prepare(&as->pt, range);
        if (s != STATUS_OK) {
            frame_unpromise(promised);
            aspace_roll_back(as, range);
        }
    }
    if (s != STATUS_OK) {
        if (node != NULL) {
            node_free(node);
        }
        return s;
    }
    if (!extend) {
        *node = (region_t){.start = range.start,
                           .name = guard->name,
                           .kind = REGION_ZERO,
                           .perms = perms,
                           .charged = true,
                           .identity = guard->identity};
    }
    if (guard->len == extra) {
        aspace_remove_region(as, guard);
    } else {
        guard->start.raw += extra;
        guard->len -= extra;
        tree_refresh(as->root, guard);
    }
    if (extend) {
        tail->len += extra;
        tree_refresh(as->root, tail);
    } else {
        node->len = extra;
        aspace_insert_region(as, node);
    }
    aspace_join(as, range); /* a guard amid a mapping may be used up now */
    return STATUS_OK;
}

status_t aspace_grow(aspace_t *as, vaddr_t start, uint64_t len, uint64_t extra, hal_perms_t perms) {
    hal_perms_t checked;
    uint64_t total;
    status_t s = hal_perms_make(perms.bits, &checked);
    if (s != STATUS_OK || extra == 0) {
        return s;
    }
    if (__builtin_add_overflow(len, extra, &total)) {
        return ERR_RANGE;
    }
    if (!is_aligned(len, PAGE_SIZE)) {
        return ERR_INVALID;
    }
    s = aspace_check_range(as, (vrange_t){start, total});
    if (s != STATUS_OK) {
        return s;
    }
    hal_lock_take(&as->lock);
    s = grow_locked(as, start.raw, len, extra, checked);
    aspace_finish(as);
    MM_LOG(MM_LOG_DEBUG, "grow 0x%lx, 0x%lx bytes and 0x%lx more: %s", start.raw, len, extra,
           status_text(s));
    return s;
}

/* Puts table borders where the range begins, for the end of a region that is shrunk. */
static status_t split_before(aspace_t *as, vrange_t range) {
    uint64_t tables = hal_pt_split_cost(&as->pt, range.start);
    if (tables > 0) {
        status_t s = frame_promise(tables);
        if (s != STATUS_OK) {
            return s;
        }
        as->reserve = tables;
        (void)hal_pt_split(&as->pt, range.start); /* its tables are promised */
        frame_unpromise(as->reserve);
        as->reserve = 0;
    }
    return STATUS_OK;
}

/* Moves the border between a region and the guard behind it. That takes no node: memory can be
 * given back when there is none. */
static status_t move_border(aspace_t *as, region_t *r, region_t *guard, vrange_t range) {
    status_t s = split_before(as, range);
    if (s == STATUS_OK) {
        r->len -= range.len;
        tree_refresh(as->root, r);
        aspace_release_pages(as, r, range);
        guard->start = range.start;
        guard->len += range.len;
        tree_refresh(as->root, guard);
    }
    return s;
}

static status_t shrink_locked(aspace_t *as, vrange_t range) {
    status_t s = aspace_check_covered(as, range);
    if (s != STATUS_OK) {
        return s;
    }
    region_t *first = tree_find(as->root, range.start.raw);
    uint32_t identity = first->identity;
    const char *name = first->name;
    for (const region_t *r = first; r != NULL; r = aspace_following(as, r, range)) {
        if (r->kind != REGION_ZERO || r->identity != identity) {
            return ERR_INVALID;
        }
    }
    uint64_t end = range.start.raw + range.len;
    region_t *guard = end == 0 ? NULL : tree_find(as->root, end), *node = NULL;
    if (guard != NULL && (guard->kind != REGION_RESERVED || guard->identity != identity)) {
        guard = NULL;
    }
    if (guard != NULL && first->start.raw < range.start.raw &&
        first->start.raw + first->len == end) {
        return move_border(as, first, guard, range);
    }
    cuts_t cuts;
    if (guard == NULL && (node = node_alloc()) == NULL) {
        return ERR_NO_MEMORY;
    }
    s = aspace_prepare_cuts(as, range, 0, &cuts);
    if (s != STATUS_OK) {
        if (node != NULL) {
            node_free(node);
        }
        return s;
    }
    aspace_cut(as, range, &cuts);
    for (region_t *r = tree_find(as->root, range.start.raw), *next; r != NULL; r = next) {
        next = aspace_following(as, r, range);
        aspace_release_region(as, r);
    }
    if (guard != NULL) {
        guard->start = range.start;
        guard->len += range.len;
        tree_refresh(as->root, guard);
    } else {
        *node = (region_t){.start = range.start,
                           .len = range.len,
                           .name = name,
                           .kind = REGION_RESERVED,
                           .identity = identity};
        aspace_insert_region(as, node);
    }
    return STATUS_OK;
}

status_t aspace_shrink(aspace_t *as, vaddr_t start, uint64_t len, uint64_t less) {
    if (less == 0) {
        return STATUS_OK;
    }
    if (less > len) {
        return ERR_RANGE;
    }
    vrange_t range = {VADDR(start.raw + (len - less)), less};
    status_t s = aspace_check_range(as, (vrange_t){start, len});
    if (s == STATUS_OK) {
        s = aspace_check_range(as, range);
    }
    if (s != STATUS_OK) {
        return s;
    }
    hal_lock_take(&as->lock);
    s = shrink_locked(as, range);
    aspace_finish(as);
    MM_LOG(MM_LOG_DEBUG, "shrink 0x%lx, 0x%lx bytes less 0x%lx: %s", start.raw, len, less,
           status_text(s));
    return s;
}
