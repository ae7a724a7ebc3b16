/* SPDX-License-Identifier: MIT */
/* The answers of batch.js: one line per job, "ID TAB EXIT TAB MESSAGE". */
#ifndef INGOT_TESTS_SPEC_RESULTS_H
#define INGOT_TESTS_SPEC_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

/* batch.js's exit status for a tool that crashed instead of judging its input. */
#define RESULT_CRASHED 134

typedef struct result {
    const char *id, *message;
    int status;
} result_t;

typedef struct results {
    result_t *items; /* sorted by id */
    size_t n;
    char *text;
} results_t;

/* Reads the file; ends the program with a message when it cannot. */
void results_load(const char *path, results_t *out);
void results_free(results_t *r);
const result_t *results_find(const results_t *r, const char *id);

#endif
