/* SPDX-License-Identifier: MIT */
/*
 * A reader of the entries of .debug_info, as far as functions and inlined calls need it.
 * Versions 2 to 5, 32-bit format. Source: DWARF Debugging Information Format, version 5.
 * Nothing is trusted: what does not parse ends the walk, with what was seen before it kept.
 */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_DWARF_H
#define INGOT_TOOLCHAIN_SYMBOLS_DWARF_H

#include "toolchain/symbols/cursor.h"

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

#endif
