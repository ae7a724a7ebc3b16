/* SPDX-License-Identifier: MIT */
/* What people call the functions of an image: C symbol to name as the table has it. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_NAMES_H
#define INGOT_TOOLCHAIN_SYMBOLS_NAMES_H

#include <stdint.h>

#include "hal/status.h"
#include "toolchain/lib/text.h"

/* A place in the original source; `file` counts names_t.files from 1, and 0 is none. */
typedef struct place {
    uint32_t file, line;
} place_t;

typedef struct names_entry {
    char *symbol, *name;
    place_t declared;
} names_entry_t;

/* A source file: the path that #line has, and what people call it. */
typedef struct names_file {
    char *path, *name;
} names_file_t;

typedef struct names {
    names_entry_t *entries; /* sorted by symbol */
    size_t n, room;
    names_file_t *files; /* sorted by path, each once */
    size_t n_files, files_room;
} names_t;

/*
 * Reads the plan's symbols.txt, and for each of its modules, in order, the C file that declares its
 * functions (NAME.c or NAME-impl.h): wasm2c declares every function once, in index order, so the
 * names need no guess about how it mangles. Errors are told on stderr.
 */
status_t names_read(const char *symbols, const char *const *sources, size_t n_sources,
                    names_t *out);
void names_free(names_t *names);

/* The number of the source file with this path, from 1, or 0 when it is none. */
uint32_t names_file(const names_t *names, const char *directory, const char *name);

/* The entry of a function, or NULL. */
const names_entry_t *names_entry(const names_t *names, const char *symbol);

/* The name with its SYMTAB_ prefix, or NULL for a function that is no wasm function. */
const char *names_find(const names_t *names, const char *symbol);

#endif
