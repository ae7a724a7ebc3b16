/* SPDX-License-Identifier: MIT */
#include "toolchain/dwarf/forms.h"

/* Entries of a range list (section 7.25). */
enum { RLE_end, RLE_base_addressx, RLE_startx_endx, RLE_startx_length, RLE_offset_pair };
enum { RLE_base_address = 5, RLE_start_end, RLE_start_length };

/* DWARF 2 to 4: pairs of addresses, relative to a base; (-1, x) sets it, (0, 0) ends. */
static void old_ranges(const dwarf_unit_t *u, uint64_t offset,
                       void (*visit)(void *, uint64_t, uint64_t), void *arg) {
    cursor_t c = cursor_at(u->dwarf->ranges, offset);
    uint64_t base = u->base, all_ones = u->address_size >= 8 ? UINT64_MAX : UINT32_MAX;
    for (;;) {
        uint64_t low = take_uint(&c, u->address_size), high = take_uint(&c, u->address_size);
        if (c.bad || (low == 0 && high == 0)) {
            return;
        }
        if (low == all_ones) {
            base = high;
        } else if (low < high) {
            visit(arg, base + low, base + high);
        }
    }
}

static void new_ranges(const dwarf_unit_t *u, uint64_t offset,
                       void (*visit)(void *, uint64_t, uint64_t), void *arg) {
    cursor_t c = cursor_at(u->dwarf->rnglists, offset);
    uint64_t base = u->base;
    while (!c.bad) {
        uint64_t low = 0, high = 0;
        switch (take_uint(&c, 1)) {
        case RLE_base_addressx:
            base = dwarf_indexed_address(u, take_uleb(&c));
            continue;
        case RLE_base_address:
            base = take_uint(&c, u->address_size);
            continue;
        case RLE_startx_endx:
            low = dwarf_indexed_address(u, take_uleb(&c));
            high = dwarf_indexed_address(u, take_uleb(&c));
            break;
        case RLE_startx_length:
            low = dwarf_indexed_address(u, take_uleb(&c));
            high = low + take_uleb(&c);
            break;
        case RLE_offset_pair:
            low = base + take_uleb(&c);
            high = base + take_uleb(&c);
            break;
        case RLE_start_end:
            low = take_uint(&c, u->address_size);
            high = take_uint(&c, u->address_size);
            break;
        case RLE_start_length:
            low = take_uint(&c, u->address_size);
            high = low + take_uleb(&c);
            break;
        default: /* RLE_end, or unknown */
            return;
        }
        if (low < high && !c.bad) {
            visit(arg, low, high);
        }
    }
}

void dwarf_ranges(const dwarf_unit_t *u, const dwarf_entry_t *e,
                  void (*visit)(void *, uint64_t, uint64_t), void *arg) {
    if (e->has_ranges) {
        (u->version >= 5 ? new_ranges : old_ranges)(u, e->ranges, visit, arg);
    } else if (e->has_low && e->has_high && e->low < e->high) {
        visit(arg, e->low, e->high);
    }
}
