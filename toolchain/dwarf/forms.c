/* SPDX-License-Identifier: MIT */
#include "toolchain/dwarf/forms.h"

static const char *string_at(cursor_t section, uint64_t offset) {
    cursor_t c = cursor_at(section, offset);
    return take_string(&c);
}

static const char *indexed_string(const dwarf_unit_t *u, uint64_t index) {
    cursor_t c = cursor_at(u->dwarf->str_offsets, u->str_offsets_base + index * 4);
    return string_at(u->dwarf->str, take_uint(&c, 4));
}

uint64_t dwarf_indexed_address(const dwarf_unit_t *u, uint64_t index) {
    cursor_t c = cursor_at(u->dwarf->addr, u->addr_base + index * u->address_size);
    return take_uint(&c, u->address_size);
}

dwarf_value_t dwarf_value(const dwarf_unit_t *u, cursor_t *c, uint64_t form, int64_t implicit) {
    dwarf_value_t v = {.form = form};
    switch (form) {
    case FORM_addr:
        v.number = take_uint(c, u->address_size);
        break;
    case FORM_data1:
    case FORM_ref1:
    case FORM_flag:
    case FORM_strx1:
    case FORM_addrx1:
        v.number = take_uint(c, 1);
        break;
    case FORM_data2:
    case FORM_ref2:
    case FORM_strx2:
    case FORM_addrx2:
        v.number = take_uint(c, 2);
        break;
    case FORM_strx3:
    case FORM_addrx3:
        v.number = take_uint(c, 3);
        break;
    case FORM_data4:
    case FORM_ref4:
    case FORM_sec_offset:
    case FORM_strx4:
    case FORM_addrx4:
    case FORM_ref_sup4:
    case FORM_strp_sup:
        v.number = take_uint(c, 4);
        break;
    case FORM_data8:
    case FORM_ref8:
    case FORM_ref_sig8:
    case FORM_ref_sup8:
        v.number = take_uint(c, 8);
        break;
    case FORM_data16:
        take(c, 16);
        break;
    case FORM_sdata:
        v.number = (uint64_t)take_sleb(c);
        break;
    case FORM_udata:
    case FORM_ref_udata:
    case FORM_strx:
    case FORM_addrx:
    case FORM_loclistx:
    case FORM_rnglistx:
        v.number = take_uleb(c);
        break;
    case FORM_string:
        v.string = take_string(c);
        break;
    case FORM_strp:
        v.string = string_at(u->dwarf->str, take_uint(c, 4));
        break;
    case FORM_line_strp:
        v.string = string_at(u->dwarf->line_str, take_uint(c, 4));
        break;
    case FORM_ref_addr:
        v.number = take_uint(c, u->version <= 2 ? u->address_size : 4);
        break;
    case FORM_block1:
        take(c, take_uint(c, 1));
        break;
    case FORM_block2:
        take(c, take_uint(c, 2));
        break;
    case FORM_block4:
        take(c, take_uint(c, 4));
        break;
    case FORM_block:
    case FORM_exprloc:
        take(c, take_uleb(c));
        break;
    case FORM_flag_present:
        v.number = 1;
        break;
    case FORM_implicit_const:
        v.number = (uint64_t)implicit;
        break;
    case FORM_indirect: {
        uint64_t inner = take_uleb(c);
        if (inner != FORM_indirect) {
            return dwarf_value(u, c, inner, 0);
        }
        c->bad = true;
        break;
    }
    default:
        c->bad = true;
    }
    return v;
}

static bool is_string_index(uint64_t form) {
    return form == FORM_strx || (form >= FORM_strx1 && form <= FORM_strx4);
}

static bool is_address_index(uint64_t form) {
    return form == FORM_addrx || (form >= FORM_addrx1 && form <= FORM_addrx4);
}

bool dwarf_is_address(uint64_t form) {
    return form == FORM_addr || is_address_index(form);
}

const char *dwarf_string(const dwarf_unit_t *u, dwarf_value_t v) {
    return is_string_index(v.form) ? indexed_string(u, v.number) : v.string;
}

uint64_t dwarf_address(const dwarf_unit_t *u, dwarf_value_t v) {
    return is_address_index(v.form) ? dwarf_indexed_address(u, v.number) : v.number;
}

uint64_t dwarf_reference(const dwarf_unit_t *u, dwarf_value_t v) {
    if (v.form == FORM_ref_addr) {
        return v.number;
    }
    bool local = (v.form >= FORM_ref1 && v.form <= FORM_ref_udata);
    return local ? u->offset + v.number : 0;
}
