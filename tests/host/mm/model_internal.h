/* SPDX-License-Identifier: MIT */
/* Shared by model.c (records and comparison) and model_ops.c (operations). */
#ifndef INGOT_TESTS_MM_MODEL_INTERNAL_H
#define INGOT_TESTS_MM_MODEL_INTERNAL_H

#include "mm/aspace.h"
#include "tests/host/mm/model.h"
#include "tests/host/mm/sim.h"

#define MODEL_CLUSTERS 6u
#define MODEL_PAGES 1536u /* three level 0 tables, or parts of four */

#define MODEL_FREE 0u
#define MODEL_KIND(k) (1u + (unsigned)(k))

typedef struct model_page {
    uint8_t kind; /* MODEL_FREE, or MODEL_KIND(region_kind_t) */
    uint8_t perms;
    bool charged, owned, device;
    bool overlaid;        /* an image laid over what was zeroed on demand */
    uint8_t value;        /* its first byte, once owned */
    uint32_t identity;    /* of the mapping */
    uint32_t reservation; /* of the reserved region; they are never joined */
    uint64_t phys;        /* PHYS: its frame; IMAGE: the image's page, or 0 behind it */
} model_page_t;

typedef struct model {
    aspace_t as;
    uint64_t bases[MODEL_CLUSTERS];
    model_page_t pages[MODEL_CLUSTERS][MODEL_PAGES];
    uint8_t image[SIM_IMAGE_PAGES]; /* first byte of each page */
    uint32_t next_identity;
    bool seeded;
    batch_scope_t scopes[2];
    unsigned open;
    const char *doing;
    model_report_t report;
} model_t;

_Noreturn void model_die(const model_t *m, const char *what, uint64_t a, uint64_t b);
void model_init(model_t *m, const model_options_t *options);
void model_finish(model_t *m);

/* Whether two pages side by side belong to one region. */
bool model_alike(const model_page_t *a, const model_page_t *b);
/* The first byte of the page before anyone wrote to it, and where its present one is noted. */
uint8_t model_original(const model_t *m, const model_page_t *p);
uint8_t *model_value(model_t *m, model_page_t *p);

void model_check(model_t *m);

#endif
