/* SPDX-License-Identifier: MIT */
#include "toolchain/dwarf/dwarf.h"

#include <stdlib.h>

#include "toolchain/dwarf/forms.h"

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
    AT_call_file = 0x58,
    AT_call_line = 0x59,
    AT_linkage_name = 0x6e,
    AT_str_offsets_base = 0x72,
    AT_addr_base = 0x73,
    AT_rnglists_base = 0x74,
};

static void store(const dwarf_unit_t *u, dwarf_entry_t *e, uint64_t attribute, dwarf_value_t v) {
    switch (attribute) {
    case AT_name:
        e->name = dwarf_string(u, v);
        break;
    case AT_linkage_name:
        e->linkage_name = dwarf_string(u, v);
        break;
    case AT_comp_dir:
        e->comp_dir = dwarf_string(u, v);
        break;
    case AT_low_pc:
        e->low = dwarf_address(u, v);
        e->has_low = true;
        break;
    case AT_high_pc:
        /* A length, unless it is of the class address; resolved by dwarf_ranges. */
        e->high = dwarf_is_address(v.form) ? dwarf_address(u, v) : e->low + v.number;
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
        e->origin = dwarf_reference(u, v);
        break;
    case AT_decl_file:
        e->decl_file = v.number;
        break;
    case AT_decl_line:
        e->decl_line = v.number;
        break;
    case AT_call_file:
        e->call_file = v.number;
        break;
    case AT_call_line:
        e->call_line = v.number;
        break;
    default:
        break;
    }
}

/* Bases are attributes of the unit, and needed by others of the same entry. */
static void store_base(dwarf_unit_t *u, uint64_t attribute, dwarf_value_t v) {
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
        dwarf_value_t v = dwarf_value(u, c, form, implicit);
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
