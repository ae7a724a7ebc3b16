/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/dwarf.h"

#include <stdlib.h>

#include "toolchain/lib/text.h"

/* Attributes (section 7.5.4). */
enum {
    AT_name = 0x03,
    AT_stmt_list = 0x10,
    AT_low_pc = 0x11,
    AT_high_pc = 0x12,
    AT_comp_dir = 0x1b,
    AT_abstract_origin = 0x31,
    AT_decl_file = 0x3a,
    AT_decl_line = 0x3b,
    AT_specification = 0x47,
    AT_ranges = 0x55,
    AT_linkage_name = 0x6e,
    AT_str_offsets_base = 0x72,
    AT_addr_base = 0x73,
    AT_rnglists_base = 0x74,
};

/* Forms (section 7.5.6). */
enum {
    FORM_addr = 0x01,
    FORM_block2 = 0x03,
    FORM_block4,
    FORM_data2,
    FORM_data4,
    FORM_data8,
    FORM_string,
    FORM_block,
    FORM_block1,
    FORM_data1,
    FORM_flag,
    FORM_sdata,
    FORM_strp,
    FORM_udata,
    FORM_ref_addr,
    FORM_ref1,
    FORM_ref2,
    FORM_ref4,
    FORM_ref8,
    FORM_ref_udata,
    FORM_indirect,
    FORM_sec_offset,
    FORM_exprloc,
    FORM_flag_present,
    FORM_strx,
    FORM_addrx,
    FORM_ref_sup4,
    FORM_strp_sup,
    FORM_data16,
    FORM_line_strp,
    FORM_ref_sig8,
    FORM_implicit_const,
    FORM_loclistx,
    FORM_rnglistx,
    FORM_ref_sup8,
    FORM_strx1,
    FORM_strx2,
    FORM_strx3,
    FORM_strx4,
    FORM_addrx1,
    FORM_addrx2,
    FORM_addrx3,
    FORM_addrx4,
};

/* Entries of a range list (section 7.25). */
enum { RLE_end, RLE_base_addressx, RLE_startx_endx, RLE_startx_length, RLE_offset_pair };
enum { RLE_base_address = 5, RLE_start_end, RLE_start_length };

typedef struct value {
    uint64_t form, number;
    const char *string;
} value_t;

static const char *string_at(cursor_t section, uint64_t offset) {
    cursor_t c = cursor_at(section, offset);
    return take_string(&c);
}

static const char *indexed_string(const dwarf_unit_t *u, uint64_t index) {
    cursor_t c = cursor_at(u->dwarf->str_offsets, u->str_offsets_base + index * 4);
    return string_at(u->dwarf->str, take_uint(&c, 4));
}

static uint64_t indexed_address(const dwarf_unit_t *u, uint64_t index) {
    cursor_t c = cursor_at(u->dwarf->addr, u->addr_base + index * u->address_size);
    return take_uint(&c, u->address_size);
}

/* Indices stay indices: the bases that they need may come later in the same entry. */
static value_t read_value(const dwarf_unit_t *u, cursor_t *c, uint64_t form, int64_t implicit) {
    value_t v = {.form = form};
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
            return read_value(u, c, inner, 0);
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

static const char *as_string(const dwarf_unit_t *u, value_t v) {
    return is_string_index(v.form) ? indexed_string(u, v.number) : v.string;
}

static uint64_t as_address(const dwarf_unit_t *u, value_t v) {
    return is_address_index(v.form) ? indexed_address(u, v.number) : v.number;
}

static uint64_t as_reference(const dwarf_unit_t *u, value_t v) {
    if (v.form == FORM_ref_addr) {
        return v.number;
    }
    bool local = (v.form >= FORM_ref1 && v.form <= FORM_ref_udata);
    return local ? u->offset + v.number : 0;
}

static void store(const dwarf_unit_t *u, dwarf_entry_t *e, uint64_t attribute, value_t v) {
    switch (attribute) {
    case AT_name:
        e->name = as_string(u, v);
        break;
    case AT_linkage_name:
        e->linkage_name = as_string(u, v);
        break;
    case AT_comp_dir:
        e->comp_dir = as_string(u, v);
        break;
    case AT_low_pc:
        e->low = as_address(u, v);
        e->has_low = true;
        break;
    case AT_high_pc:
        /* A length, unless it is of the class address; resolved by dwarf_ranges. */
        e->high =
            v.form == FORM_addr || is_address_index(v.form) ? as_address(u, v) : e->low + v.number;
        e->has_high = true;
        break;
    case AT_ranges:
        e->ranges = v.number;
        if (v.form == FORM_rnglistx) {
            cursor_t c = cursor_at(u->dwarf->rnglists, u->rnglists_base + v.number * 4);
            e->ranges = u->rnglists_base + take_uint(&c, 4);
        }
        e->has_ranges = true;
        break;
    case AT_stmt_list:
        e->lines = v.number;
        e->has_lines = true;
        break;
    case AT_abstract_origin:
    case AT_specification:
        e->origin = as_reference(u, v);
        break;
    case AT_decl_file:
        e->decl_file = v.number;
        break;
    case AT_decl_line:
        e->decl_line = v.number;
        break;
    default:
        break;
    }
}

/* Bases are attributes of the unit, and needed by others of the same entry. */
static void store_base(dwarf_unit_t *u, uint64_t attribute, value_t v) {
    if (attribute == AT_str_offsets_base) {
        u->str_offsets_base = v.number;
    } else if (attribute == AT_addr_base) {
        u->addr_base = v.number;
    } else if (attribute == AT_rnglists_base) {
        u->rnglists_base = v.number;
    }
}

static const dwarf_abbrev_t *find_abbrev(const dwarf_unit_t *u, uint64_t code) {
    if (code - 1 < u->n_abbrevs && u->abbrevs[code - 1].code == code) {
        return &u->abbrevs[code - 1];
    }
    for (size_t i = 0; i < u->n_abbrevs; i++) {
        if (u->abbrevs[i].code == code) {
            return &u->abbrevs[i];
        }
    }
    return NULL;
}

/* Calls one of the two for each attribute; with `bases`, only the bases are kept. */
static void read_attributes(dwarf_unit_t *bases, const dwarf_unit_t *u, const dwarf_abbrev_t *a,
                            cursor_t *c, dwarf_entry_t *e) {
    cursor_t spec = {a->attributes, u->dwarf->abbrev.end, false};
    while (!c->bad && !spec.bad) {
        uint64_t attribute = take_uleb(&spec), form = take_uleb(&spec);
        if (attribute == 0 && form == 0) {
            return;
        }
        int64_t implicit = form == FORM_implicit_const ? take_sleb(&spec) : 0;
        value_t v = read_value(u, c, form, implicit);
        if (bases != NULL) {
            store_base(bases, attribute, v);
        } else {
            store(u, e, attribute, v);
        }
    }
    c->bad = true;
}

/* False at the entry that ends a list of children, and where nothing more can be read. */
static bool read_entry(const dwarf_unit_t *u, cursor_t *c, dwarf_entry_t *e, bool *has_children) {
    uint64_t code = take_uleb(c);
    if (code == 0) {
        return false;
    }
    const dwarf_abbrev_t *a = find_abbrev(u, code);
    if (a == NULL) {
        c->bad = true;
        return false;
    }
    *e = (dwarf_entry_t){.tag = a->tag};
    *has_children = a->has_children;
    read_attributes(NULL, u, a, c, e);
    return !c->bad;
}

static void read_abbrevs(dwarf_unit_t *u, uint64_t offset) {
    cursor_t c = cursor_at(u->dwarf->abbrev, offset);
    size_t room = 0;
    for (;;) {
        uint64_t code = take_uleb(&c);
        if (code == 0 || c.bad) {
            return;
        }
        if (u->n_abbrevs == room) {
            room = room == 0 ? 64 : room * 2;
            u->abbrevs = xrealloc(u->abbrevs, room * sizeof *u->abbrevs);
        }
        dwarf_abbrev_t *a = &u->abbrevs[u->n_abbrevs++];
        *a = (dwarf_abbrev_t){.code = code, .tag = take_uleb(&c)};
        a->has_children = take_uint(&c, 1) != 0;
        a->attributes = c.p;
        for (uint64_t attribute = 1, form = 1; (attribute != 0 || form != 0) && !c.bad;) {
            attribute = take_uleb(&c);
            form = take_uleb(&c);
            if (form == FORM_implicit_const) {
                take_sleb(&c);
            }
        }
    }
}

/* The unit's own entry, in two rounds: it is what holds the bases. */
static bool read_root(dwarf_unit_t *u, cursor_t *c, dwarf_entry_t *e, bool *has_children) {
    cursor_t again = *c;
    const dwarf_abbrev_t *a = find_abbrev(u, take_uleb(&again));
    if (a == NULL) {
        return false;
    }
    read_attributes(u, u, a, &again, e);
    if (!read_entry(u, c, e, has_children)) {
        return false;
    }
    u->base = e->has_low ? e->low : 0;
    return true;
}

typedef void (*visit_t)(void *, const dwarf_unit_t *, const dwarf_entry_t *);

static void walk_entries(dwarf_unit_t *u, visit_t visit, void *arg) {
    cursor_t c = u->entries;
    dwarf_entry_t e;
    bool has_children;
    if (!read_root(u, &c, &e, &has_children)) {
        return;
    }
    visit(arg, u, &e);
    unsigned depth = has_children ? 1 : 0;
    while (depth > 0 && !c.bad) {
        if (!read_entry(u, &c, &e, &has_children)) {
            depth--;
            continue;
        }
        e.depth = depth;
        visit(arg, u, &e);
        depth += has_children;
    }
}

void dwarf_walk(const dwarf_t *dwarf, visit_t visit, void *arg) {
    enum { UT_compile = 1, UT_partial = 3 };
    cursor_t c = dwarf->info;
    while (c.p < c.end && !c.bad) {
        dwarf_unit_t u = {.dwarf = dwarf, .offset = (uint64_t)(c.p - dwarf->info.p)};
        uint64_t length = take_uint(&c, 4);
        const uint8_t *body = take(&c, length);
        if (body == NULL || length >= 0xfffffff0) {
            return;
        }
        u.entries = (cursor_t){body, body + length, false};
        u.version = (unsigned)take_uint(&u.entries, 2);
        unsigned type = UT_compile;
        uint64_t abbrevs;
        if (u.version >= 5) {
            type = (unsigned)take_uint(&u.entries, 1);
            u.address_size = (unsigned)take_uint(&u.entries, 1);
            abbrevs = take_uint(&u.entries, 4);
        } else {
            abbrevs = take_uint(&u.entries, 4);
            u.address_size = (unsigned)take_uint(&u.entries, 1);
        }
        if (u.version < 2 || u.version > 5 || u.address_size > 8 ||
            (type != UT_compile && type != UT_partial)) {
            continue;
        }
        read_abbrevs(&u, abbrevs);
        walk_entries(&u, visit, arg);
        free(u.abbrevs);
    }
}

bool dwarf_follow(const dwarf_unit_t *u, uint64_t origin, dwarf_entry_t *out) {
    cursor_t c = cursor_at(u->dwarf->info, origin);
    bool has_children;
    if (origin == 0 || c.bad || c.p < u->entries.p || c.p >= u->entries.end) {
        return false;
    }
    c.end = u->entries.end;
    return read_entry(u, &c, out, &has_children);
}

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
            base = indexed_address(u, take_uleb(&c));
            continue;
        case RLE_base_address:
            base = take_uint(&c, u->address_size);
            continue;
        case RLE_startx_endx:
            low = indexed_address(u, take_uleb(&c));
            high = indexed_address(u, take_uleb(&c));
            break;
        case RLE_startx_length:
            low = indexed_address(u, take_uleb(&c));
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
