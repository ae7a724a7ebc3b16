/* SPDX-License-Identifier: MIT */
/*
 * Joins what host and guest found out about each command, compares it with the list of expected
 * failures, and writes the tables.
 *
 * The list: one failure a line, "FILE LINE REASON", '#' starts a comment. A line whose command is a
 * module covers everything that needs the module. A line that explains no failure is an error.
 */
#ifndef INGOT_TESTS_SPEC_REPORT_H
#define INGOT_TESTS_SPEC_REPORT_H

typedef struct report_options {
    const char *out;       /* where the images and their output are */
    const char *expected;  /* the list */
    const char *markdown;  /* where to publish (publish.h), or NULL */
    const char *published; /* what was published and must agree, or NULL */
} report_options_t;

/* Prints unexpected verdicts and totals. The exit code: 0 or 1. */
int report(const report_options_t *options, char **files, int n_files);

#endif
