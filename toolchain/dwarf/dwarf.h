/* SPDX-License-Identifier: MIT */
/*
 * A reader of debug information, as far as functions, inlined calls and lines need it: of the
 * linked image, and of modules (whose addresses are offsets within the code section's contents).
 * Versions 2 to 5, 32-bit format. Source: DWARF Debugging Information Format, version 5.
 * Nothing is trusted: what does not parse ends the walk, with what was seen before it kept.
 */
#ifndef INGOT_TOOLCHAIN_DWARF_DWARF_H
#define INGOT_TOOLCHAIN_DWARF_DWARF_H

#include "toolchain/dwarf/cursor.h"

#define DW_TAG_compile_unit 0x11
#define DW_TAG_inlined_subroutine 0x1d
#define DW_TAG_subprogram 0x2e

/* The sections, empty where the file has none. */
typedef struct dwarf {
    cursor_t info, abbrev, str, line_str, str_offsets, addr, ranges, rnglists, line;
} dwarf_t;

typedef struct dwarf_abbrev {
    uint64_t code, tag;
    bool has_children;
    const uint8_t *attributes;
} dwarf_abbrev_t;

typedef struct dwarf_unit {
    const dwarf_t *dwarf;
    uint64_t offset; /* of its header in .debug_info; references are relative to it */
    cursor_t entries;
    unsigned version, address_size;
    dwarf_abbrev_t *abbrevs;
    size_t n_abbrevs;
    uint64_t base; /* DW_AT_low_pc of the unit: ranges are relative to it */
    uint64_t str_offsets_base, addr_base, rnglists_base;
} dwarf_unit_t;

/* One entry. Numbers are 0 and names NULL where it has no such attribute. */
typedef struct dwarf_entry {
    uint64_t tag;
    unsigned depth; /* 0: the unit itself */
    const char *name, *linkage_name, *comp_dir;
    bool has_low, has_high, has_ranges, has_lines;
    uint64_t low, high, ranges, lines;
    uint64_t origin; /* offset within .debug_info of the entry that says more, or 0 */
    uint64_t decl_file, decl_line;
    uint64_t call_file, call_line; /* of an inlined call: where it was written */
} dwarf_entry_t;

/* Calls visit for every entry of every unit, parents before children. */
void dwarf_walk(const dwarf_t *dwarf,
                void (*visit)(void *arg, const dwarf_unit_t *unit, const dwarf_entry_t *entry),
                void *arg);

/* Reads the entry that `origin` of another one names; false when there is none in this unit. */
bool dwarf_follow(const dwarf_unit_t *unit, uint64_t origin, dwarf_entry_t *out);

/* Calls visit for each non-empty range of addresses of the entry. */
void dwarf_ranges(const dwarf_unit_t *unit, const dwarf_entry_t *entry,
                  void (*visit)(void *arg, uint64_t low, uint64_t high), void *arg);

/* A source file. `directory` is NULL for that of the unit (DW_AT_comp_dir), and may be relative to
 * it; names are NULL where there is none. */
typedef struct dwarf_file {
    const char *directory, *name;
} dwarf_file_t;

/* A unit's line program. `files` is indexed as rows and DW_AT_decl_file do. */
typedef struct dwarf_lines {
    dwarf_file_t *files;
    size_t n_files;
    unsigned version, address_size, line_range, opcode_base;
    int line_base;
    uint64_t min_length;
    uint8_t n_operands[256]; /* of each opcode below opcode_base */
    cursor_t program;
} dwarf_lines_t;

/* Code from `address` on, up to the next row's, comes from `line` of `file`; line 0: from none. */
typedef struct dwarf_row {
    uint64_t address, file, line;
    bool end; /* the code before `address` was the sequence's last */
} dwarf_row_t;

/* The program at `offset` of .debug_line; false, and nothing to close, when it cannot be read. */
bool dwarf_lines_open(const dwarf_unit_t *unit, uint64_t offset, dwarf_lines_t *out);
void dwarf_lines_close(dwarf_lines_t *lines);

/* Calls visit for each row, in the program's order: sequences, each by rising address. */
void dwarf_lines_walk(const dwarf_lines_t *lines, void (*visit)(void *arg, const dwarf_row_t *row),
                      void *arg);

#endif
