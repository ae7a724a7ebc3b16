/* SPDX-License-Identifier: MIT */
/* Gathered page-table changes, and scopes over several operations (mm/batch.h). */
#include "mm/batch.h"

#include "mm/aspace.h"
#include "mm/panic.h"

void batch_init(batch_t *b, hal_pt_t *pt) {
    *b = (batch_t){.pt = pt};
}

static uint64_t last_of(vrange_t r) {
    return r.start.raw + (r.len - 1);
}

static bool touches(vrange_t a, vrange_t b) {
    return a.start.raw <= last_of(b) && b.start.raw <= last_of(a);
}

/* Joins `range` to `to` where they overlap or lie side by side in one half of the space. */
static bool join(vrange_t *to, vrange_t range) {
    bool apart = !touches(*to, range) && last_of(*to) + 1 != range.start.raw &&
                 last_of(range) + 1 != to->start.raw;
    if (apart || (int64_t)(to->start.raw ^ range.start.raw) < 0) {
        return false;
    }
    uint64_t first = to->start.raw < range.start.raw ? to->start.raw : range.start.raw;
    uint64_t last = last_of(*to) > last_of(range) ? last_of(*to) : last_of(range);
    *to = (vrange_t){VADDR(first), last - first + 1};
    return true;
}

void batch_note_changed(batch_t *b, vrange_t range) {
    for (unsigned i = 0; i < b->count; i++) {
        if (join(&b->ranges[i], range)) {
            return;
        }
    }
    if (b->count == BATCH_RANGES) {
        batch_discharge(b);
    }
    b->ranges[b->count++] = range;
}

void batch_note_retired(batch_t *b, vrange_t range, bool tables) {
    batch_note_changed(b, range);
    b->retired = true; /* after the note: that may discharge */
    b->tables = b->tables || tables;
}

void batch_note_executable(batch_t *b) {
    b->sync_fetch = true;
}

bool batch_has_retired_in(const batch_t *b, vrange_t range) {
    for (unsigned i = 0; b->retired && i < b->count; i++) {
        if (touches(b->ranges[i], range)) {
            return true;
        }
    }
    return false;
}

bool batch_is_empty(const batch_t *b) {
    return b->count == 0 && !b->sync_fetch;
}

void batch_discharge(batch_t *b) {
    uint64_t pages = 0;
    for (unsigned i = 0; i < b->count; i++) {
        pages += b->ranges[i].len >> PAGE_SHIFT;
    }
    /* A flush by address is for leaves only (RISC-V privileged, 4.2.1). */
    if (b->tables || pages > BATCH_FLUSH_ALL_PAGES) {
        hal_tlb_flush_all();
    } else {
        for (unsigned i = 0; i < b->count; i++) {
            hal_tlb_flush_range(b->ranges[i]);
        }
    }
    for (unsigned i = 0; b->retired && i < b->count; i++) {
        hal_pt_sweep(b->pt, b->ranges[i]);
    }
    if (b->sync_fetch) {
        hal_fence_i_all();
    }
    b->count = 0;
    b->retired = b->tables = b->sync_fetch = false;
}

batch_scope_t batch_scope_begin(aspace_t *as) {
    hal_lock_take(&as->lock);
    as->open_scopes++;
    hal_lock_release(&as->lock);
    return (batch_scope_t){as};
}

void batch_scope_end(batch_scope_t *scope) {
    aspace_t *as = scope->as;
    MM_ASSERT(as != NULL, "a batch scope ends once");
    scope->as = NULL;
    hal_lock_take(&as->lock);
    if (--as->open_scopes == 0 && !batch_is_empty(&as->batch)) {
        batch_discharge(&as->batch);
    }
    hal_lock_release(&as->lock);
}

void batch_scope_check(batch_scope_t *scope) {
    MM_ASSERT(scope->as == NULL, "a batch scope was ended before it was left");
}
