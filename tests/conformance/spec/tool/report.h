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

/* Prints unexpected verdicts and totals; `markdown` may be NULL. The exit code: 0 or 1. */
int report(const char *out, const char *expected, const char *markdown, char **files, int n_files);

#endif
