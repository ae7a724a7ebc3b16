/* SPDX-License-Identifier: MIT */
/*
 * The tables of a run, in docs/conformance.md: everything between the lines
 * "<!-- spec: generated -->" and "<!-- end of spec -->" is replaced.
 */
#ifndef INGOT_TESTS_SPEC_PUBLISH_H
#define INGOT_TESTS_SPEC_PUBLISH_H

#include "tests/conformance/spec/tool/suite.h"
#include "toolchain/lib/text.h"

typedef struct totals {
    unsigned passed, expected, failed;
} totals_t;

/* A failure that must be. */
typedef struct expectation {
    char *file, *reason;
    unsigned line;
    unsigned explains; /* failures */
} expectation_t;

typedef struct expectations {
    expectation_t *items;
    size_t n;
    char *text; /* what the items point into */
} expectations_t;

/* One line of a table. */
void publish_row(text_t *t, const char *name, const totals_t *totals);

/* `files` has a row for each. Ends the program when the file cannot be read, has no such lines, or
 * cannot be written. */
void publish(const char *path, const text_t *files, const totals_t kinds[N_COMMAND_KINDS],
             const totals_t *all, const expectations_t *expectations);

#endif
