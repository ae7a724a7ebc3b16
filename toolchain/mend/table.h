/* SPDX-License-Identifier: MIT */
/* What mend knows of a module's tables and function types, for the calls through them. */
#ifndef INGOT_TOOLCHAIN_MEND_TABLE_H
#define INGOT_TOOLCHAIN_MEND_TABLE_H

#include <stdint.h>

#include "toolchain/mend/parts.h"

typedef struct entry {
    slice_t function; /* empty: null */
    size_t type;      /* number of its signature */
} entry_t;

/* wasm2c's name for a function type, and the symbol of its signature: "#define NAME SYMBOL". */
typedef struct type_name {
    slice_t name, symbol;
    size_t type; /* the number of the first one with this symbol */
} type_name_t;

typedef struct table {
    slice_t field;    /* w2c_T0 */
    entry_t *entries; /* NULL: it may change, or is not understood */
    uint32_t n;
} table_t;

typedef struct lines {
    slice_t *line;
    size_t n;
} lines_t;

typedef struct tables {
    arena_t *arena;
    const mend_file_t *files;
    lines_t *lines; /* of each file */
    size_t n_files;
    type_name_t *types;
    size_t n_types;
    table_t *tables;
    size_t n_tables;
} tables_t;

/* Fills types and tables from files and lines; false: there is no table. */
bool read_tables(tables_t *w);

/* NULL: there is none of that name, or it may change. */
const table_t *find_table(const tables_t *w, slice_t field);
const type_name_t *find_type(const tables_t *w, slice_t name);

#endif
