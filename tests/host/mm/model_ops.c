/* SPDX-License-Identifier: MIT */
/* The operations of the model test: choose, predict, do, compare (model.h). */
#include <stdlib.h>
#include <string.h>

#include "hal/boot.h"
#include "mm/frame.h"
#include "mm/nodes.h"
#include "tests/host/mm/model_internal.h"

typedef struct state {
    uint64_t free, promised, tables, regions, nodes;
} state_t;

static state_t state_of(const model_t *m) {
    return (state_t){frame_free_count(), frame_promised_count(), m->as.table_frames, m->as.regions,
                     node_frames()};
}

static uint64_t below(model_source_t *s, uint64_t limit) {
    return s->below(s, limit);
}

/* Lengths and places near what matters: table borders, fault windows, cluster ends. */
static uint64_t some_pages(model_source_t *s, uint64_t most) {
    static const uint16_t favourites[] = {1, 1, 2, 3, 4, 15, 16, 17, 33, 511, 512, 513};
    uint64_t pick = below(s, 32);
    uint64_t n = pick < 12 ? favourites[pick] : 1 + below(s, pick < 31 ? 40 : 1100);
    return n < most ? n : most;
}

static uint64_t some_place(const model_t *m, model_source_t *s, unsigned cluster) {
    uint64_t pick = below(s, 8), i = below(s, MODEL_PAGES);
    if (pick < 3) { /* the nearest border of a region */
        while (i > 0 && model_alike(&m->pages[cluster][i], &m->pages[cluster][i - 1])) {
            i--;
        }
    } else if (pick < 5) {
        i = i / 256 * 256;
        i -= pick == 3 && i > 0;
    } else if (pick == 5) {
        i = i % 2 ? 0 : MODEL_PAGES - 1;
    }
    return i;
}

/* Mostly where something is, or where nothing is: what is refused is soon tested. */
static uint64_t some_page(const model_t *m, model_source_t *s, unsigned *cluster, bool used) {
    uint64_t i = 0;
    for (unsigned tries = 0; tries < 16; tries++) {
        *cluster = (unsigned)below(s, MODEL_CLUSTERS);
        i = some_place(m, s, *cluster);
        if ((m->pages[*cluster][i].kind > MODEL_KIND(REGION_RESERVED)) == used) {
            break;
        }
    }
    return i;
}

static uint64_t address_of(const model_t *m, unsigned c, uint64_t page) {
    return m->bases[c] + page * PAGE_SIZE;
}

static vrange_t range_of(const model_t *m, unsigned c, uint64_t from, uint64_t count) {
    return (vrange_t){VADDR(address_of(m, c, from)), count * PAGE_SIZE};
}

static uint8_t some_perms(model_source_t *s) {
    static const uint8_t list[] = {HAL_R | HAL_W,
                                   HAL_R,
                                   HAL_R | HAL_X,
                                   HAL_R | HAL_W | HAL_USER,
                                   HAL_R | HAL_USER,
                                   HAL_X,
                                   HAL_R | HAL_W | HAL_X,
                                   HAL_W,
                                   0};
    switch (below(s, 8)) {
    case 0:
        return list[below(s, sizeof list)];
    case 1:
    case 2:
        return list[below(s, 5)];
    default:
        return HAL_R | HAL_W;
    }
}

static status_t perms_status(uint8_t bits) {
    hal_perms_t out;
    return hal_perms_make(bits, &out);
}

/* Compares a result with the prediction. True: the operation happened, the records follow. */
static bool judge(model_t *m, status_t got, status_t want, const state_t *before, uint64_t need) {
    bool injected = sim_failed();
    sim_fail_at(0);
    m->report.injected += injected;
    if (got == STATUS_OK && want == STATUS_OK) {
        m->report.succeeded++;
        return true;
    }
    if (want != STATUS_OK ? got != want : got != ERR_NO_MEMORY) {
        model_die(m, "status", got, want);
    }
    m->report.refused += want != STATUS_OK;
    m->report.out_of_memory += want == STATUS_OK;
    if (want == STATUS_OK && !injected && before->free - before->promised > need + 64) {
        model_die(m, "out of memory without need", before->free, before->promised);
    }
    state_t now = state_of(m);
    if (m->open == 0 && memcmp(&now, before, sizeof now) != 0) {
        model_die(m, "a refused operation changed frames", now.free, before->free);
    }
    return false;
}

static bool is_free(const model_t *m, unsigned c, uint64_t from, uint64_t count) {
    for (uint64_t i = from; i < from + count; i++) {
        if (m->pages[c][i].kind != MODEL_FREE) {
            return false;
        }
    }
    return true;
}

/* ---- map ---- */

typedef struct plan {
    aspace_request_t q;
    unsigned cluster;
    uint64_t at, guard, len, capacity, align; /* pages; `at` is behind the guard */
} plan_t;

static status_t predict_fixed(const model_t *m, const plan_t *p) {
    if (!is_aligned(p->q.at.raw, p->align * PAGE_SIZE)) {
        return ERR_INVALID;
    }
    if (p->at < p->guard || p->at + p->capacity > MODEL_PAGES) {
        return ERR_RANGE;
    }
    return is_free(m, p->cluster, p->at - p->guard, p->guard + p->capacity) ? STATUS_OK
                                                                            : ERR_OVERLAP;
}

/* First fit in the window, which is cluster 0. */
static status_t predict_place(const model_t *m, plan_t *p) {
    p->cluster = 0;
    for (p->at = p->guard; p->at + p->capacity <= MODEL_PAGES; p->at++) {
        if (is_aligned(address_of(m, 0, p->at), p->align * PAGE_SIZE) &&
            is_free(m, 0, p->at - p->guard, p->guard + p->capacity)) {
            return STATUS_OK;
        }
    }
    return ERR_RANGE;
}

static void record_map(model_t *m, const plan_t *p) {
    bool reserved = p->q.kind == REGION_RESERVED;
    uint64_t len = reserved ? 0 : p->len;
    uint32_t identity = m->next_identity++, front = m->next_identity++, back = m->next_identity++;
    model_page_t *pages = m->pages[p->cluster];
    for (uint64_t i = p->at - p->guard; i < p->at + p->capacity; i++) {
        bool mapped = i >= p->at && i < p->at + len;
        pages[i] = (model_page_t){.kind = MODEL_KIND(REGION_RESERVED),
                                  .identity = identity,
                                  .reservation = i < p->at ? front : back};
        if (!mapped) {
            continue;
        }
        uint64_t offset = (i - p->at) * PAGE_SIZE;
        region_kind_t kind = p->q.kind;
        pages[i].kind = (uint8_t)MODEL_KIND(kind);
        pages[i].perms = p->q.perms.bits;
        pages[i].owned = kind == REGION_WIRED;
        pages[i].charged =
            kind == REGION_ZERO || (kind == REGION_IMAGE && (p->q.perms.bits & HAL_W));
        pages[i].device = p->q.attr == HAL_MEM_DEVICE;
        bool backed = kind == REGION_PHYS || (kind == REGION_IMAGE && offset < p->q.image_len);
        pages[i].phys = backed ? p->q.phys.raw + offset : 0;
    }
}

static void do_map(model_t *m, model_source_t *s) {
    static const region_kind_t kinds[] = {REGION_ZERO, REGION_ZERO, REGION_ZERO,  REGION_WIRED,
                                          REGION_PHYS, REGION_PHYS, REGION_IMAGE, REGION_RESERVED};
    static const uint16_t aligns[] = {1, 1, 1, 2, 16, 512};
    m->doing = "map";
    plan_t p = {0};
    p.at = some_page(m, s, &p.cluster, false);
    p.q.kind = kinds[below(s, 8)];
    p.q.perms.bits = some_perms(s);
    p.q.fixed = below(s, 3) != 0;
    p.len = some_pages(s, MODEL_PAGES);
    p.capacity = p.len + (below(s, 3) == 0 ? some_pages(s, MODEL_PAGES) : 0);
    p.guard = below(s, 4) == 0 ? 1 + below(s, 3) : 0;
    p.align = aligns[below(s, 6)];
    if (p.q.kind == REGION_PHYS && (p.len > 16 || below(s, 2))) {
        /* A device, often with big leaves; nobody looks at what is in it. */
        p.q.attr = HAL_MEM_DEVICE;
        p.len += below(s, 2) ? 512 : 0;
        p.capacity = p.len;
        uint64_t skew = p.q.fixed ? address_of(m, p.cluster, p.at) % (512 * PAGE_SIZE) : 0;
        p.q.phys = PADDR((UINT64_C(64) << 30) + skew + below(s, 8) / 7 * PAGE_SIZE);
    } else if (p.q.kind == REGION_PHYS) {
        p.q.phys = PADDR(sim_image().raw + (32 + below(s, 16)) * PAGE_SIZE);
    } else if (p.q.kind == REGION_IMAGE) {
        p.q.phys = PADDR(sim_image().raw + below(s, 16) * PAGE_SIZE);
        p.q.image_len = (p.len < 16 ? p.len : below(s, 17)) * PAGE_SIZE;
    }
    p.q.contiguous = below(s, 2);
    /* At the ends of the halves, what sticks out must be refused; elsewhere it is cut off. */
    bool open_low = p.cluster == 0 || p.cluster == 2 || p.cluster == 3 || p.cluster == 5;
    bool open_high = p.cluster == 0 || p.cluster == 1 || p.cluster == 2 || p.cluster == 4;
    if (p.q.fixed && open_low && p.at < p.guard) {
        p.guard = p.at;
    }
    if (p.q.fixed && open_high && p.at + p.capacity > MODEL_PAGES) {
        p.capacity = MODEL_PAGES - p.at;
        p.len = p.len < p.capacity ? p.len : p.capacity;
        p.q.image_len = p.q.image_len < p.len * PAGE_SIZE ? p.q.image_len : p.len * PAGE_SIZE;
    }
    p.q.at = VADDR(address_of(m, p.cluster, p.at));
    p.q.len = p.len * PAGE_SIZE;
    p.q.capacity = p.capacity * PAGE_SIZE;
    p.q.guard_before = p.guard * PAGE_SIZE;
    p.q.align = p.align * PAGE_SIZE;
    p.q.name = "model";

    status_t want = STATUS_OK;
    if (p.q.kind != REGION_RESERVED) {
        want = p.q.attr == HAL_MEM_DEVICE && (p.q.perms.bits & HAL_X)
                   ? ERR_PERMISSION
                   : perms_status(p.q.perms.bits);
    }
    if (want == STATUS_OK) {
        want = p.q.fixed ? predict_fixed(m, &p) : predict_place(m, &p);
    }
    state_t before = state_of(m);
    vaddr_t at = VADDR(1);
    status_t got = aspace_map(&m->as, &p.q, &at);
    uint64_t need = p.q.kind == REGION_WIRED && p.q.contiguous ? UINT64_MAX / 2 : p.len;
    if (!judge(m, got, want, &before, need)) {
        return;
    }
    uint64_t place = (at.raw - m->bases[p.cluster]) / PAGE_SIZE;
    bool random = m->seeded && !p.q.fixed;
    bool fits = random && place >= p.guard && place + p.capacity <= MODEL_PAGES &&
                is_aligned(at.raw, p.q.align) &&
                is_free(m, 0, place - p.guard, p.guard + p.capacity);
    if (random ? !fits : place != p.at) {
        model_die(m, "place", place, p.at);
    }
    p.at = place;
    record_map(m, &p);
}

/* ---- Ranges ---- */

typedef struct part {
    unsigned cluster;
    uint64_t from, count;
} part_t;

static part_t some_part(model_t *m, model_source_t *s) {
    part_t p;
    p.from = some_page(m, s, &p.cluster, true);
    p.count = some_pages(s, MODEL_PAGES - p.from);
    if (below(s, 4)) { /* to the end of the region, or as near as that comes */
        const model_page_t *pages = m->pages[p.cluster];
        uint64_t end = p.from + 1;
        while (end < MODEL_PAGES && pages[end].kind != MODEL_FREE &&
               (model_alike(&pages[end], &pages[end - 1]) || end - p.from < p.count)) {
            end++;
        }
        p.count = end - p.from;
    }
    return p;
}

static bool has_hole(const model_t *m, const part_t *p) {
    for (uint64_t i = p->from; i < p->from + p->count; i++) {
        if (m->pages[p->cluster][i].kind == MODEL_FREE) {
            return true;
        }
    }
    return false;
}

static void do_unmap(model_t *m, model_source_t *s) {
    m->doing = "unmap";
    part_t p = some_part(m, s);
    if (below(s, 4)) {
        p.count = some_pages(s, p.count);
    }
    status_t want = has_hole(m, &p) ? ERR_NOT_FOUND : STATUS_OK;
    state_t before = state_of(m);
    status_t got = aspace_unmap(&m->as, range_of(m, p.cluster, p.from, p.count));
    if (judge(m, got, want, &before, 0)) {
        memset(&m->pages[p.cluster][p.from], 0, p.count * sizeof(model_page_t));
    }
}

static void do_protect(model_t *m, model_source_t *s) {
    m->doing = "protect";
    part_t p = some_part(m, s);
    uint8_t perms = some_perms(s);
    model_page_t *pages = m->pages[p.cluster];
    status_t want = perms_status(perms);
    if (want == STATUS_OK && has_hole(m, &p)) {
        want = ERR_NOT_FOUND;
    }
    for (uint64_t i = p.from; want == STATUS_OK && i < p.from + p.count; i++) {
        if (pages[i].kind == MODEL_KIND(REGION_RESERVED) || (pages[i].device && (perms & HAL_X))) {
            want = ERR_PERMISSION;
        }
    }
    state_t before = state_of(m);
    vrange_t range = range_of(m, p.cluster, p.from, p.count);
    status_t got = aspace_protect(&m->as, range, (hal_perms_t){perms});
    if (!judge(m, got, want, &before, p.count)) {
        return;
    }
    for (uint64_t i = p.from; i < p.from + p.count; i++) {
        pages[i].perms = perms;
        pages[i].charged |= pages[i].kind == MODEL_KIND(REGION_IMAGE) && (perms & HAL_W);
    }
}

static uint8_t needed(fault_access_t access) {
    return access == ACCESS_READ ? HAL_R : access == ACCESS_WRITE ? HAL_W : HAL_X;
}

/* Page i may, or must, have got a frame of its own. */
static void follow(model_t *m, unsigned c, uint64_t i, bool may, bool must) {
    model_page_t *p = &m->pages[c][i];
    sim_leaf_t leaf;
    bool owned = sim_walk(&m->as, address_of(m, c, i), &leaf) && (leaf.pte & SIM_OWNED);
    if ((must && !owned) || (p->owned && !owned) || (!may && owned != p->owned)) {
        model_die(m, "who owns what after a fault or commit", address_of(m, c, i), owned);
    }
    if (owned && !p->owned) {
        p->value = model_original(m, p);
        p->owned = true;
    }
}

static bool on_demand(const model_page_t *p) {
    return p->kind == MODEL_KIND(REGION_ZERO) || p->kind == MODEL_KIND(REGION_IMAGE);
}

static void do_commit(model_t *m, model_source_t *s) {
    m->doing = "commit";
    part_t p = some_part(m, s);
    fault_access_t access = (fault_access_t)below(s, 3);
    /* Any bytes that touch just these pages. */
    uint64_t skip = below(s, PAGE_SIZE), cut = below(s, PAGE_SIZE);
    skip = p.count == 1 && skip + cut >= PAGE_SIZE ? 0 : skip;
    vrange_t range = range_of(m, p.cluster, p.from, p.count);
    range.start.raw += skip;
    range.len -= skip + cut;
    status_t want = has_hole(m, &p) ? ERR_NOT_FOUND : STATUS_OK;
    for (uint64_t i = p.from; want == STATUS_OK && i < p.from + p.count; i++) {
        bool ok = m->pages[p.cluster][i].perms & needed(access);
        want = ok ? STATUS_OK : ERR_PERMISSION;
    }
    state_t before = state_of(m);
    if (judge(m, aspace_commit(&m->as, range, access), want, &before, 0)) {
        for (uint64_t i = p.from; i < p.from + p.count; i++) {
            bool mine = access == ACCESS_WRITE && on_demand(&m->pages[p.cluster][i]);
            follow(m, p.cluster, i, mine, mine);
        }
    }
}

static void close_scopes(model_t *m) {
    while (m->open > 0) {
        batch_scope_end(&m->scopes[--m->open]);
    }
}

static fault_result_t predict_fault(const model_page_t *p, fault_access_t access) {
    if (p->kind == MODEL_FREE) {
        return FAULT_UNMAPPED;
    }
    if (p->kind == MODEL_KIND(REGION_RESERVED)) {
        return FAULT_GUARD;
    }
    return p->perms & needed(access) ? FAULT_RESOLVED : FAULT_PERMISSION;
}

/* A load, store or fetch by the hart; or, within a scope, where the TLB may be stale, the fault
 * alone. Faults never run out of memory, injected failures or not. */
static void do_access(model_t *m, model_source_t *s) {
    m->doing = "access";
    unsigned c;
    uint64_t i = some_page(m, s, &c, true), va = address_of(m, c, i);
    fault_access_t access = (fault_access_t)below(s, 3);
    uint8_t byte = (uint8_t)(1 + below(s, 255)), got_byte = byte;
    model_page_t *p = &m->pages[c][i];
    if (p->device) {
        return;
    }
    fault_result_t want = predict_fault(p, access), got;
    bool hart = m->open == 0 || below(s, 8) == 0;
    if (hart) {
        close_scopes(m);
        got = access == ACCESS_READ    ? sim_read(&m->as, va, &got_byte)
              : access == ACCESS_WRITE ? sim_write(&m->as, va, byte)
                                       : sim_fetch(&m->as, va, &got_byte);
    } else {
        got = aspace_handle_fault(&m->as, VADDR(va), access, LEVEL_BOTH);
    }
    sim_fail_at(0);
    if (got != want) {
        model_die(m, "result of an access", got, want);
    }
    if (got != FAULT_RESOLVED) {
        return;
    }
    m->report.succeeded++;
    /* Fault-around: pages of the same region, in the same window or the same 2 MiB. */
    bool write = access == ACCESS_WRITE && on_demand(p);
    uint64_t first = i, last = i;
    while (first > 0 && model_alike(&m->pages[c][first - 1], p) &&
           (address_of(m, c, first) & 0x1fffff) != 0) {
        first--;
    }
    while (last + 1 < MODEL_PAGES && model_alike(&m->pages[c][last + 1], p) &&
           (address_of(m, c, last + 1) & 0x1fffff) != 0) {
        last++;
    }
    for (uint64_t k = first; k <= last; k++) {
        follow(m, c, k, write, write && k == i);
    }
    if (!hart) {
        return;
    }
    if (access == ACCESS_WRITE) {
        *model_value(m, p) = byte;
    } else if (got_byte != (p->owned || p->kind == MODEL_KIND(REGION_PHYS)
                                ? *model_value(m, p)
                                : model_original(m, p))) {
        model_die(m, "what was read", va, got_byte);
    }
}

/* ---- Overlaying ---- */

/* Often behind what was overlaid before with the next pages of the image, so that they join. */
static paddr_t some_image(const model_t *m, model_source_t *s, const part_t *p) {
    const model_page_t *before = p->from > 0 ? &m->pages[p->cluster][p->from - 1] : NULL;
    uint64_t end = sim_image().raw + 32 * PAGE_SIZE;
    if (before != NULL && before->overlaid && below(s, 2) &&
        before->phys + PAGE_SIZE + p->count * PAGE_SIZE <= end) {
        return PADDR(before->phys + PAGE_SIZE);
    }
    return PADDR(sim_image().raw + below(s, 16) * PAGE_SIZE);
}

static void do_overlay(model_t *m, model_source_t *s) {
    m->doing = "overlay";
    part_t p = some_part(m, s);
    p.count = some_pages(s, p.count);
    p.count = p.count < 16 ? p.count : 16;
    model_page_t *pages = m->pages[p.cluster];
    paddr_t phys = some_image(m, s, &p);
    bool misaligned = below(s, 16) == 0;
    status_t want = misaligned ? ERR_INVALID : has_hole(m, &p) ? ERR_NOT_FOUND : STATUS_OK;
    for (uint64_t i = p.from; want == STATUS_OK && i < p.from + p.count; i++) {
        sim_leaf_t leaf;
        bool ok = pages[i].kind == MODEL_KIND(REGION_ZERO) &&
                  (i == p.from || model_alike(&pages[i], &pages[i - 1])) &&
                  !sim_walk(&m->as, address_of(m, p.cluster, i), &leaf);
        want = ok ? STATUS_OK : ERR_INVALID;
    }
    state_t before = state_of(m);
    status_t got = aspace_overlay(&m->as, range_of(m, p.cluster, p.from, p.count),
                                  PADDR(phys.raw + (misaligned ? 8 : 0)));
    if (!judge(m, got, want, &before, 0)) {
        return;
    }
    for (uint64_t i = p.from; i < p.from + p.count; i++) {
        pages[i].kind = (uint8_t)MODEL_KIND(REGION_IMAGE);
        pages[i].phys = phys.raw + (i - p.from) * PAGE_SIZE;
        pages[i].overlaid = true;
    }
}

/* ---- Growing and shrinking ---- */

static void do_grow(model_t *m, model_source_t *s) {
    m->doing = "grow";
    part_t p = some_part(m, s);
    model_page_t *pages = m->pages[p.cluster];
    uint64_t len = p.count, extra = some_pages(s, 600);
    uint64_t guard = p.from + len;
    if (below(s, 4) == 0) { /* from nothing */
        guard = p.from;
        len = 0;
    }
    uint8_t perms = below(s, 3) ? (uint8_t)(HAL_R | HAL_W) : some_perms(s);
    if (guard >= MODEL_PAGES || guard + extra > MODEL_PAGES) {
        return;
    }
    const model_page_t *g = &pages[guard], *tail = len > 0 ? g - 1 : NULL;
    status_t want = perms_status(perms);
    if (want != STATUS_OK) { /* refused already */
    } else if (g->kind == MODEL_FREE || (tail != NULL && tail->kind == MODEL_FREE)) {
        want = ERR_NOT_FOUND;
    } else if (g->kind != MODEL_KIND(REGION_RESERVED) || (guard > 0 && model_alike(g, g - 1))) {
        want = ERR_OVERLAP;
    } else if (tail != NULL && (!on_demand(tail) || tail->identity != g->identity)) {
        want = ERR_INVALID;
    } else {
        for (uint64_t i = guard; i < guard + extra; i++) {
            want = model_alike(&pages[i], g) ? want : ERR_RANGE;
        }
    }
    state_t before = state_of(m);
    status_t got = aspace_grow(&m->as, VADDR(address_of(m, p.cluster, guard - len)),
                               len * PAGE_SIZE, extra * PAGE_SIZE, (hal_perms_t){perms});
    if (!judge(m, got, want, &before, extra)) {
        return;
    }
    for (uint64_t i = guard; i < guard + extra; i++) {
        pages[i] = (model_page_t){.kind = MODEL_KIND(REGION_ZERO),
                                  .perms = perms,
                                  .charged = true,
                                  .identity = pages[i].identity};
    }
}

static void do_shrink(model_t *m, model_source_t *s) {
    m->doing = "shrink";
    part_t p = some_part(m, s);
    model_page_t *pages = m->pages[p.cluster];
    uint64_t less = some_pages(s, p.count), from = p.from + p.count - less, end = from + less;
    const part_t gone = {p.cluster, from, less};
    status_t want = has_hole(m, &gone) ? ERR_NOT_FOUND : STATUS_OK;
    for (uint64_t i = from; want == STATUS_OK && i < end; i++) {
        bool ok =
            pages[i].kind == MODEL_KIND(REGION_ZERO) && pages[i].identity == pages[from].identity;
        want = ok ? STATUS_OK : ERR_INVALID;
    }
    state_t before = state_of(m);
    status_t got = aspace_shrink(&m->as, VADDR(address_of(m, p.cluster, p.from)),
                                 p.count * PAGE_SIZE, less * PAGE_SIZE);
    if (!judge(m, got, want, &before, 0)) {
        return;
    }
    bool joins = end < MODEL_PAGES && pages[end].kind == MODEL_KIND(REGION_RESERVED) &&
                 pages[end].identity == pages[from].identity;
    uint32_t reservation = joins ? pages[end].reservation : m->next_identity++;
    for (uint64_t i = from; i < end; i++) {
        pages[i] = (model_page_t){.kind = MODEL_KIND(REGION_RESERVED),
                                  .identity = pages[i].identity,
                                  .reservation = reservation};
    }
}

static void do_scope(model_t *m, model_source_t *s) {
    m->doing = "scope";
    if (m->open < 2 && below(s, 2)) {
        m->scopes[m->open++] = batch_scope_begin(&m->as);
    } else if (m->open > 0) {
        batch_scope_end(&m->scopes[--m->open]);
    }
}

/* Sweeps a cluster clean, so that there is room for large mappings again. */
static void do_clear(model_t *m, model_source_t *s) {
    m->doing = "clear";
    unsigned c = (unsigned)below(s, MODEL_CLUSTERS);
    if (below(s, 4) != 0) {
        return;
    }
    for (uint64_t i = 0, n; i < MODEL_PAGES; i += n) {
        const model_page_t *p = &m->pages[c][i];
        for (n = 1; i + n < MODEL_PAGES && model_alike(p, p + n); n++) {
        }
        if (p->kind == MODEL_FREE) {
            continue;
        }
        if (aspace_unmap(&m->as, range_of(m, c, i, n)) != STATUS_OK) {
            model_die(m, "a whole region is unmapped", i, n);
        }
        memset(&m->pages[c][i], 0, n * sizeof *p);
    }
}

model_report_t model_run(const model_options_t *options, model_source_t *source) {
    static model_t m;
    typedef void (*operation_t)(model_t *, model_source_t *);
    static const operation_t operations[] = {
        do_map,    do_map,    do_map,     do_map,    do_map,     do_map,     do_map,
        do_map,    do_map,    do_map,     do_unmap,  do_protect, do_protect, do_protect,
        do_commit, do_commit, do_access,  do_access, do_access,  do_access,  do_access,
        do_access, do_grow,   do_grow,    do_grow,   do_shrink,  do_shrink,  do_scope,
        do_scope,  do_clear,  do_overlay, do_overlay};
    model_init(&m, options);
    while (m.report.operations < options->steps && !source->is_empty(source)) {
        m.report.operations++;
        if (below(source, 4) == 0) {
            sim_fail_at(1 + below(source, 1 + below(source, 8)));
        }
        operations[below(source, sizeof operations / sizeof operations[0])](&m, source);
        sim_fail_at(0);
        if (m.report.operations % options->check_every == 0) {
            model_check(&m);
        }
    }
    m.doing = "end";
    close_scopes(&m);
    model_check(&m);
    model_report_t report = m.report;
    model_finish(&m);
    return report;
}
