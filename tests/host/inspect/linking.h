/* SPDX-License-Identifier: MIT */
/* What the tests of the link plan share: modules in files, and what is told on stderr. */
#ifndef INGOT_TEST_LINKING_H
#define INGOT_TEST_LINKING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/host/inspect/build.h"
#include "toolchain/inspect/plan.h"

/* Set-up and tear-down of a group of tests: where the files are. */
int make_directory(void **state);
int drop_directory(void **state);

/* Writes a module of these sections, to which the header and TYPES are added, and answers its path.
 */
const char *module_file(text_t *sections);
/* The same of a module that is complete. */
const char *whole_file(text_t *module);

void add(link_t *l, const char *name, const char *path);

/* In between, stderr goes to `messages`. */
void capture(void);
void release(void);
extern text_t messages;
/* Some of it has these words. */
void told(const char *words);

/* With what they tell in `messages`. */
status_t resolve(link_t *l);
status_t add_source(host_t *host, const char *text); /* of preprocessed C */

#endif
