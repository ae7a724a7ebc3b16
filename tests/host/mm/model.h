/* SPDX-License-Identifier: MIT */
/*
 * The naive model of an address space: one record per page, in a few clusters of pages that lie at
 * the borders of tables and of the address space. It predicts the result of every operation, does
 * it on its own records, and compares them with the raw table bytes, the contents of the pages,
 * and the counts of frames.
 */
#ifndef INGOT_TESTS_MM_MODEL_H
#define INGOT_TESTS_MM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* Where decisions come from: a number below `limit`, from a generator or a fuzzer's bytes. */
typedef struct model_source {
    uint64_t (*below)(struct model_source *source, uint64_t limit);
    bool (*is_empty)(struct model_source *source);
} model_source_t;

typedef struct model_options {
    unsigned levels;
    uint64_t ram_pages;
    bool seeded;          /* random placement */
    uint64_t steps;       /* at most */
    uint64_t check_every; /* steps between full comparisons */
} model_options_t;

typedef struct model_report {
    uint64_t operations, succeeded, refused, out_of_memory, injected, checks;
} model_report_t;

/* Aborts with a message on the first difference. */
model_report_t model_run(const model_options_t *options, model_source_t *source);

#endif
