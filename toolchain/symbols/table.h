/* SPDX-License-Identifier: MIT */
/* The table of kernel/debug/symtab.h. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_TABLE_H
#define INGOT_TOOLCHAIN_SYMBOLS_TABLE_H

#include "toolchain/symbols/elf.h"
#include "toolchain/symbols/names.h"

/* What each part takes, in bytes, for people. */
typedef struct table_sizes {
    size_t functions, inlined, lines, rules, names, tokens;
} table_sizes_t;

/* Makes the table for a linked image. */
void table_make(const elf_t *elf, const names_t *names, text_t *out, table_sizes_t *sizes);

#endif
