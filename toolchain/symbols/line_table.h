/* SPDX-License-Identifier: MIT */
/* The part of the table that tells lines (kernel/debug/symtab.h). */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_LINE_TABLE_H
#define INGOT_TOOLCHAIN_SYMBOLS_LINE_TABLE_H

#include "toolchain/symbols/debug.h"

typedef struct line_table {
    const elf_t *elf;
    const names_t *names;
    debug_cursor_t cursor;
    text_t entry; /* of the next function, so far */
    bool known;   /* something in it */
    text_t block; /* of entries or declarations that are not written yet */
    bool block_known;
    uint32_t n_functions;
    text_t function_blocks, name_blocks, bytes;
    uint32_t *file_of; /* numbers in the table, from 1, of the files of `names`; 0: not used yet */
    uint32_t *used;    /* the files in that order, from 1 as in `names` */
    uint32_t n_used;
} line_table_t;

void line_table_start(line_table_t *t, const elf_t *elf, const names_t *names,
                      const debug_t *debug);
void line_table_free(line_table_t *t);

/* In the order of the table: for each function its inlined calls, then itself. */
void line_table_call(line_table_t *t, const inlined_t *call);
void line_table_function(line_table_t *t, const elf_function_t *f, place_t declared);

/* Then, after all functions, the declarations of all names. */
void line_table_names(line_table_t *t, const place_t *declared, uint32_t n);

/* Then the whole; offsets within it are from its start. `used` says which files it counts. */
void line_table_write(const line_table_t *t, text_t *out);

#endif
