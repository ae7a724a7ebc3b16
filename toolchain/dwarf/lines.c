/* SPDX-License-Identifier: MIT */
/* Source: DWARF version 5, section 6.2; version 4, section 6.2 for the older header. */
#include <stdlib.h>

#include "toolchain/dwarf/forms.h"
#include "toolchain/lib/text.h"

/* What an entry of a version 5 list of directories or files says (section 6.2.4.1). */
enum { LNCT_path = 1, LNCT_directory_index = 2 };

/* Opcodes (sections 7.22). Those not here have operands that say nothing about lines. */
enum {
    LNS_copy = 1,
    LNS_advance_pc,
    LNS_advance_line,
    LNS_set_file,
    LNS_const_add_pc = 8,
    LNS_fixed_advance_pc,
};
enum { LNE_end_sequence = 1, LNE_set_address };

static void add_file(dwarf_lines_t *l, size_t *room, dwarf_file_t file) {
    if (l->n_files == *room) {
        *room = *room == 0 ? 16 : *room * 2;
        l->files = xrealloc(l->files, *room * sizeof *l->files);
    }
    l->files[l->n_files++] = file;
}

static const char *directory(char const *const *directories, size_t n, uint64_t index) {
    return index < n ? directories[index] : NULL;
}

/* Up to version 4: strings, ended by an empty one; directory 0 is the unit's own, files count
 * from 1. */
static void old_tables(dwarf_lines_t *l, cursor_t *c) {
    size_t n = 1, n_room = 16, room = 0;
    const char **directories = xcalloc(n_room, sizeof *directories);
    for (const char *s; *(s = take_string(c)) != 0 && !c->bad;) {
        if (n == n_room) {
            n_room *= 2;
            directories = xrealloc(directories, n_room * sizeof *directories);
        }
        directories[n++] = s;
    }
    add_file(l, &room, (dwarf_file_t){0});
    for (const char *s; *(s = take_string(c)) != 0 && !c->bad;) {
        uint64_t index = take_uleb(c);
        take_uleb(c); /* time of change */
        take_uleb(c); /* length */
        add_file(l, &room, (dwarf_file_t){directory(directories, n, index), s});
    }
    free(directories);
}

typedef struct path {
    const char *name;
    uint64_t directory;
} path_t;

/* One list of version 5. An entry without bytes is refused: its count could be anything. */
static path_t *new_list(const dwarf_unit_t *u, cursor_t *c, size_t *n) {
    struct {
        uint64_t type, form;
    } formats[256];
    unsigned n_formats = (unsigned)take_uint(c, 1);
    for (unsigned i = 0; i < n_formats; i++) {
        formats[i].type = take_uleb(c);
        formats[i].form = take_uleb(c);
    }
    uint64_t count = take_uleb(c);
    if (c->bad || count > (uint64_t)(c->end - c->p)) {
        c->bad = true;
        count = 0;
    }
    path_t *list = xcalloc((size_t)count + 1, sizeof *list);
    for (uint64_t i = 0; i < count && !c->bad; i++) {
        for (unsigned k = 0; k < n_formats; k++) {
            dwarf_value_t v = dwarf_value(u, c, formats[k].form, 0);
            if (formats[k].type == LNCT_path) {
                list[i].name = dwarf_string(u, v);
            } else if (formats[k].type == LNCT_directory_index) {
                list[i].directory = v.number;
            }
        }
    }
    *n = (size_t)count;
    return list;
}

/* Directory 0 is the unit's own here, too, and left to it. */
static void new_tables(const dwarf_unit_t *u, dwarf_lines_t *l, cursor_t *c) {
    size_t n_directories, n_files, room = 0;
    path_t *directories = new_list(u, c, &n_directories);
    path_t *files = new_list(u, c, &n_files);
    for (size_t i = 0; i < n_files; i++) {
        uint64_t d = files[i].directory;
        const char *where = d > 0 && d < n_directories ? directories[d].name : NULL;
        add_file(l, &room, (dwarf_file_t){where, files[i].name});
    }
    free(directories);
    free(files);
}

static void read_header(const dwarf_unit_t *u, cursor_t *c, dwarf_lines_t *l) {
    dwarf_unit_t own = *u;
    own.version = l->version = (unsigned)take_uint(c, 2);
    if (l->version < 2 || l->version > 5) {
        c->bad = true;
        return;
    }
    if (l->version >= 5) {
        own.address_size = (unsigned)take_uint(c, 1);
        take_uint(c, 1); /* size of segment selectors */
    }
    l->address_size = own.address_size;
    uint64_t header = take_uint(c, 4);
    l->program = *c;
    take(&l->program, header);
    l->min_length = take_uint(c, 1);
    if (l->version >= 4) {
        take_uint(c, 1); /* operations in one instruction: one but on VLIW machines */
    }
    take_uint(c, 1); /* whether rows are statements from the start */
    l->line_base = (int8_t)take_uint(c, 1);
    l->line_range = (unsigned)take_uint(c, 1);
    l->opcode_base = (unsigned)take_uint(c, 1);
    for (unsigned i = 1; i < l->opcode_base; i++) {
        l->n_operands[i] = (uint8_t)take_uint(c, 1);
    }
    if (l->line_range == 0 || l->address_size > 8 || l->program.bad) {
        c->bad = true;
    } else if (l->version >= 5) {
        new_tables(&own, l, c);
    } else {
        old_tables(l, c);
    }
}

bool dwarf_lines_open(const dwarf_unit_t *u, uint64_t offset, dwarf_lines_t *out) {
    cursor_t c = cursor_at(u->dwarf->line, offset);
    uint64_t length = take_uint(&c, 4);
    cursor_t unit = c;
    *out = (dwarf_lines_t){0};
    if (length >= 0xfffffff0 || take(&c, length) == NULL) {
        return false;
    }
    unit.end = c.p;
    read_header(u, &unit, out);
    if (unit.bad) {
        dwarf_lines_close(out);
        return false;
    }
    return true;
}

void dwarf_lines_close(dwarf_lines_t *l) {
    free(l->files);
    *l = (dwarf_lines_t){0};
}

/* 0 and its length, then an opcode and its operand. */
static void extended(cursor_t *c, dwarf_row_t *row) {
    uint64_t len = take_uleb(c);
    const uint8_t *p = take(c, len);
    if (p == NULL || len == 0) {
        c->bad = true;
        return;
    }
    cursor_t operand = {p + 1, p + len, false};
    if (*p == LNE_end_sequence) {
        row->end = true;
    } else if (*p == LNE_set_address && len - 1 <= 8) {
        row->address = take_uint(&operand, (unsigned)(len - 1));
    }
}

/* A standard opcode; true when it makes a row. */
static bool standard(const dwarf_lines_t *l, unsigned op, cursor_t *c, dwarf_row_t *row) {
    switch (op) {
    case LNS_copy:
        return true;
    case LNS_advance_pc:
        row->address += take_uleb(c) * l->min_length;
        return false;
    case LNS_advance_line:
        row->line += (uint64_t)take_sleb(c);
        return false;
    case LNS_set_file:
        row->file = take_uleb(c);
        return false;
    case LNS_const_add_pc:
        row->address += (255 - l->opcode_base) / l->line_range * l->min_length;
        return false;
    case LNS_fixed_advance_pc:
        row->address += take_uint(c, 2);
        return false;
    default:
        for (unsigned i = 0; i < l->n_operands[op]; i++) {
            take_uleb(c);
        }
        return false;
    }
}

void dwarf_lines_walk(const dwarf_lines_t *l, void (*visit)(void *, const dwarf_row_t *),
                      void *arg) {
    const dwarf_row_t start = {.file = 1, .line = 1};
    cursor_t c = l->program;
    dwarf_row_t row = start;
    while (c.p < c.end) {
        unsigned op = (unsigned)take_uint(&c, 1);
        bool made = false;
        if (op >= l->opcode_base) {
            op -= l->opcode_base;
            row.address += op / l->line_range * l->min_length;
            row.line += (uint64_t)(l->line_base + (int)(op % l->line_range));
            made = true;
        } else if (op == 0) {
            extended(&c, &row);
            made = row.end;
        } else {
            made = standard(l, op, &c, &row);
        }
        if (c.bad) {
            return;
        }
        if (made) {
            visit(arg, &row);
        }
        if (row.end) {
            row = start;
        }
    }
}
