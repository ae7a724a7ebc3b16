/* SPDX-License-Identifier: MIT */
/*
 * Debug information and call frames of any bytes: read without leaving them. The input's first byte
 * divides it into the sections.
 */
#include <stdlib.h>

#include "toolchain/dwarf/dwarf.h"
#include "toolchain/symbols/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_range(void *arg, uint64_t low, uint64_t high) {
    *(uint64_t *)arg += high - low;
}

static void on_row(void *arg, const dwarf_row_t *row) {
    *(uint64_t *)arg += row->line;
}

static void read_lines(const dwarf_unit_t *unit, uint64_t offset, uint64_t *sum) {
    dwarf_lines_t lines;
    if (!dwarf_lines_open(unit, offset, &lines)) {
        return;
    }
    for (size_t i = 0; i < lines.n_files; i++) {
        const dwarf_file_t *f = &lines.files[i];
        *sum += f->name != NULL ? strlen(f->name) : 0;
        *sum += f->directory != NULL ? strlen(f->directory) : 0;
    }
    dwarf_lines_walk(&lines, on_row, sum);
    dwarf_lines_close(&lines);
}

static void on_entry(void *arg, const dwarf_unit_t *unit, const dwarf_entry_t *entry) {
    dwarf_entry_t origin;
    dwarf_ranges(unit, entry, on_range, arg);
    if (entry->has_lines) {
        read_lines(unit, entry->lines, arg);
    }
    if (dwarf_follow(unit, entry->origin, &origin) && origin.name != NULL) {
        *(uint64_t *)arg += strlen(origin.name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) {
        return 0;
    }
    size_t first = data[0] < size - 1 ? data[0] : size - 1;
    cursor_t head = {data + 1, data + 1 + first, false};
    cursor_t rest = {data + 1 + first, data + size, false};
    dwarf_t dwarf = {.info = rest,
                     .abbrev = head,
                     .str = rest,
                     .line_str = rest,
                     .str_offsets = rest,
                     .addr = rest,
                     .ranges = rest,
                     .rnglists = rest,
                     .line = rest};
    uint64_t sum = 0;
    dwarf_walk(&dwarf, on_entry, &sum);
    /* Without a unit that leads to it, so that more inputs get there. */
    read_lines(&(dwarf_unit_t){.dwarf = &dwarf, .version = 4, .address_size = 4}, 0, &sum);
    uint32_t n;
    rules_t *rules = rules_read(rest, head, 0x1000, &n);
    for (uint32_t i = 0; i < n; i++) {
        text_free(&rules[i].bytes);
    }
    free(rules);
    return 0;
}
