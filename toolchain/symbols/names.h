/* SPDX-License-Identifier: MIT */
/* What people call the functions of an image: C symbol to name as the table has it. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_NAMES_H
#define INGOT_TOOLCHAIN_SYMBOLS_NAMES_H

#include "hal/status.h"
#include "toolchain/lib/text.h"

typedef struct names_entry {
    char *symbol, *name;
} names_entry_t;

typedef struct names {
    names_entry_t *entries; /* sorted by symbol */
    size_t n, room;
} names_t;

/*
 * Reads the plan's symbols.txt, and for each of its modules, in order, the C file that declares its
 * functions (NAME.c or NAME-impl.h): wasm2c declares every function once, in index order, so the
 * names need no guess about how it mangles. Errors are told on stderr.
 */
status_t names_read(const char *symbols, const char *const *sources, size_t n_sources,
                    names_t *out);
void names_free(names_t *names);

/* The name with its SYMTAB_ prefix, or NULL for a function that is no wasm function. */
const char *names_find(const names_t *names, const char *symbol);

#endif
