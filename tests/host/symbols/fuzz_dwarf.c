/* SPDX-License-Identifier: MIT */
/*
 * Debug information and call frames of any bytes: read without leaving them. The input's first byte
 * divides it into the sections.
 */
#include <stdlib.h>

#include "toolchain/symbols/dwarf.h"
#include "toolchain/symbols/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_range(void *arg, uint64_t low, uint64_t high) {
    *(uint64_t *)arg += high - low;
}

static void on_entry(void *arg, const dwarf_unit_t *unit, const dwarf_entry_t *entry) {
    dwarf_entry_t origin;
    dwarf_ranges(unit, entry, on_range, arg);
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
                     .rnglists = rest};
    uint64_t sum = 0;
    dwarf_walk(&dwarf, on_entry, &sum);
    uint32_t n;
    rules_t *rules = rules_read(rest, head, 0x1000, &n);
    for (uint32_t i = 0; i < n; i++) {
        text_free(&rules[i].bytes);
    }
    free(rules);
    return 0;
}
