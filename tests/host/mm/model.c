/* SPDX-License-Identifier: MIT */
/* The naive model's records and its comparison with the real thing (model.h). */
#include "tests/host/mm/model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/boot.h"
#include "mm/frame.h"
#include "mm/nodes.h"

void model_die(const model_t *m, const char *what, uint64_t a, uint64_t b) {
    fprintf(stderr, "model: operation %llu (%s): %s: %llx, %llx\n",
            (unsigned long long)m->report.operations, m->doing, what, (unsigned long long)a,
            (unsigned long long)b);
    abort();
}

void model_init(model_t *m, const model_options_t *options) {
    memset(m, 0, sizeof *m);
    m->doing = "start";
    m->next_identity = 1;
    sim_start(options->ram_pages);
    uint64_t half = UINT64_C(1) << (11 + 9 * options->levels), size = MODEL_PAGES * PAGE_SIZE;
    uint64_t root_span = options->levels == 3 ? UINT64_C(1) << 30 : UINT64_C(1) << 39;
    const uint64_t bases[MODEL_CLUSTERS] = {root_span - size / 2, 0,     5 * root_span - size / 2,
                                            half - size,          -half, -size};
    memcpy(m->bases, bases, sizeof bases);
    const aspace_config_t config = {.levels = options->levels,
                                    .window = {VADDR(bases[0]), size},
                                    .seeded = options->seeded,
                                    .seed = 12345};
    m->seeded = options->seeded;
    if (aspace_init(&m->as, &config) != STATUS_OK) {
        model_die(m, "aspace_init", 0, 0);
    }
    const uint8_t *image = hal_phys_to_virt(sim_image());
    for (unsigned i = 0; i < SIM_IMAGE_PAGES; i++) {
        m->image[i] = image[i * PAGE_SIZE];
    }
}

void model_finish(model_t *m) {
    aspace_destroy(&m->as);
    if (frame_free_count() != frame_total_count() || frame_promised_count() != 0 ||
        node_frames() != 0) {
        model_die(m, "frames after the end", frame_free_count(), frame_total_count());
    }
    sim_stop();
}

/* Two pages that lie in an image as they do in memory; or one of them is of the zeroes behind it.
 */
static bool images_fit(const model_page_t *a, const model_page_t *b) {
    if (a->phys == 0 || b->phys == 0) {
        return a->overlaid == b->overlaid;
    }
    return a->phys - b->phys == (uint64_t)(a - b) * PAGE_SIZE;
}

bool model_alike(const model_page_t *a, const model_page_t *b) {
    if (a->kind == MODEL_FREE || a->kind != b->kind) {
        return false;
    }
    if (a->kind == MODEL_KIND(REGION_RESERVED)) {
        return a->reservation == b->reservation;
    }
    if (a->kind == MODEL_KIND(REGION_IMAGE) && !images_fit(a, b)) {
        return false;
    }
    return a->identity == b->identity && a->perms == b->perms && a->charged == b->charged;
}

uint8_t model_original(const model_t *m, const model_page_t *p) {
    bool from_image = p->kind == MODEL_KIND(REGION_IMAGE) && p->phys != 0;
    return from_image ? m->image[(p->phys - sim_image().raw) / PAGE_SIZE] : 0;
}

uint8_t *model_value(model_t *m, model_page_t *p) {
    bool shared = p->kind == MODEL_KIND(REGION_PHYS);
    return shared ? &m->image[(p->phys - sim_image().raw) / PAGE_SIZE] : &p->value;
}

/* ---- The comparison ---- */

typedef struct audit {
    model_t *m;
    uint64_t owned, wired, phys, tables;
    uint8_t frames[(1 << 15) / 8]; /* owned frames, to see that none is owned twice */
} audit_t;

static model_page_t *page_at(model_t *m, uint64_t va) {
    for (unsigned c = 0; c < MODEL_CLUSTERS; c++) {
        if (va - m->bases[c] < MODEL_PAGES * PAGE_SIZE) {
            return &m->pages[c][(va - m->bases[c]) / PAGE_SIZE];
        }
    }
    return NULL;
}

static void audit_owned(audit_t *a, const model_page_t *p, uint64_t va, uint64_t pa) {
    model_t *m = a->m;
    uint64_t frame = (pa - SIM_RAM_BASE) / PAGE_SIZE;
    if (a->frames[frame / 8] & 1u << frame % 8) {
        model_die(m, "a frame is owned twice", va, pa);
    }
    a->frames[frame / 8] |= (uint8_t)(1u << frame % 8);
    const uint8_t *bytes = hal_phys_to_virt(PADDR(pa));
    if (bytes[0] != p->value) {
        model_die(m, "contents", va, bytes[0]);
    }
    bool from_image = p->kind == MODEL_KIND(REGION_IMAGE) && p->phys != 0;
    const uint8_t *origin = from_image ? hal_phys_to_virt(PADDR(p->phys)) : NULL;
    for (unsigned i = 1; i < PAGE_SIZE; i += 1365) {
        if (bytes[i] != (origin != NULL ? origin[i] : 0)) {
            model_die(m, "contents behind the first byte", va + i, bytes[i]);
        }
    }
    a->owned++;
    a->wired += p->kind == MODEL_KIND(REGION_WIRED);
}

static void audit_page(audit_t *a, uint64_t va, uint64_t pa, uint64_t pte) {
    model_t *m = a->m;
    const model_page_t *p = page_at(m, va);
    if (p == NULL || p->kind == MODEL_FREE || p->kind == MODEL_KIND(REGION_RESERVED)) {
        model_die(m, "mapped, and should not be", va, pte);
    }
    if (!!(pte & SIM_OWNED) != p->owned) {
        model_die(m, "ownership", va, pte);
    }
    bool is_phys = p->kind == MODEL_KIND(REGION_PHYS);
    uint64_t perms = p->owned || is_phys ? p->perms : p->perms & ~(unsigned)HAL_W;
    if ((pte >> 1 & 15) != perms) {
        model_die(m, "permissions", va, pte);
    }
    if (p->owned) {
        audit_owned(a, p, va, pa);
        return;
    }
    uint64_t want = p->phys != 0 ? p->phys : m->as.zero_frame.raw;
    if (pa != want) {
        model_die(m, "frame", va, pa);
    }
    a->phys += is_phys;
}

static void audit_leaf(const sim_leaf_t *leaf, void *context) {
    for (uint64_t i = 0; i < UINT64_C(1) << 9 * leaf->level; i++) {
        audit_page(context, leaf->va + i * PAGE_SIZE, leaf->pa + i * PAGE_SIZE, leaf->pte);
    }
}

/* A table has a reason: something that may be mapped lies in it. */
static void audit_table(uint64_t first, uint64_t last, void *context) {
    audit_t *a = context;
    a->tables++;
    for (unsigned c = 0; c < MODEL_CLUSTERS; c++) {
        uint64_t base = a->m->bases[c], end = base + (MODEL_PAGES * PAGE_SIZE - 1);
        if (base > last || end < first) {
            continue;
        }
        uint64_t from = first > base ? (first - base) / PAGE_SIZE : 0;
        uint64_t to = last < end ? (last - base) / PAGE_SIZE : MODEL_PAGES - 1;
        for (uint64_t i = from; i <= to; i++) {
            if (a->m->pages[c][i].kind > MODEL_KIND(REGION_RESERVED)) {
                return;
            }
        }
    }
    model_die(a->m, "a table without a reason", first, last);
}

void model_check(model_t *m) {
    static audit_t a;
    a = (audit_t){.m = m};
    m->report.checks++;
    sim_walk_all(&m->as, audit_leaf, m->as.open_scopes == 0 ? audit_table : NULL, &a);
    uint64_t owned = 0, wired = 0, phys = 0, promised = 0, regions = 0;
    for (unsigned c = 0; c < MODEL_CLUSTERS; c++) {
        for (unsigned i = 0; i < MODEL_PAGES; i++) {
            const model_page_t *p = &m->pages[c][i];
            owned += p->owned;
            wired += p->kind == MODEL_KIND(REGION_WIRED);
            phys += p->kind == MODEL_KIND(REGION_PHYS);
            promised += p->charged && !p->owned;
            regions += p->kind != MODEL_FREE && (i == 0 || !model_alike(p, p - 1));
        }
    }
    if (owned != a.owned || wired != a.wired || phys != a.phys) {
        model_die(m, "pages that should be there", owned, a.owned);
    }
    if (promised != frame_promised_count()) {
        model_die(m, "promises", promised, frame_promised_count());
    }
    if (regions != m->as.regions) {
        model_die(m, "regions", regions, m->as.regions);
    }
    if (m->as.open_scopes != 0) {
        return; /* what is retired still has its frames */
    }
    uint64_t in_use = owned + a.tables + 1 + node_frames() + 1; /* the root; the zero frame */
    if (frame_free_count() + in_use != frame_total_count()) {
        model_die(m, "free frames", frame_free_count() + in_use, frame_total_count());
    }
    if (m->as.table_frames != a.tables + 1) {
        model_die(m, "tables", m->as.table_frames, a.tables + 1);
    }
}
