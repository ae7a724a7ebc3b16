/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/debug.h"

#include <stdlib.h>

#include "toolchain/dwarf/dwarf.h"
#include "toolchain/lib/text.h"

typedef struct builder {
    const elf_t *elf;
    const names_t *names;
    debug_t *out;
    size_t inlined_room, lines_room;
    inlined_t found; /* the entry whose ranges are being visited */

    /* The unit that is being read. */
    uint32_t *files; /* names_file() of each of its files */
    size_t n_files;
    bool in_text; /* the sequence that is being read is of code in the image */
    bool started;
} builder_t;

/* ---- lines ---- */

static void add_line(builder_t *b, uint64_t address, place_t place) {
    debug_t *d = b->out;
    if (d->n_lines == b->lines_room) {
        b->lines_room = b->lines_room == 0 ? 1024 : b->lines_room * 2;
        d->lines = xrealloc(d->lines, b->lines_room * sizeof *d->lines);
    }
    d->lines[d->n_lines] = (code_line_t){address, d->n_lines, place};
    d->n_lines++;
}

static place_t place_of(const builder_t *b, uint64_t file, uint64_t line) {
    if (file >= b->n_files || b->files[file] == 0 || line == 0 || line > INT32_MAX) {
        return (place_t){0};
    }
    return (place_t){b->files[file], (uint32_t)line};
}

static void on_row(void *arg, const dwarf_row_t *row) {
    builder_t *b = arg;
    if (!b->started) { /* dropped functions are outside */
        b->in_text = row->address >= b->elf->text && row->address < b->elf->text_end;
    }
    b->started = !row->end;
    if (b->in_text) {
        add_line(b, row->address, row->end ? (place_t){0} : place_of(b, row->file, row->line));
    }
}

static void read_unit(builder_t *b, const dwarf_unit_t *unit, const dwarf_entry_t *e) {
    dwarf_lines_t lines;
    free(b->files);
    b->files = NULL;
    b->n_files = 0;
    b->started = false;
    if (!e->has_lines || !dwarf_lines_open(unit, e->lines, &lines)) {
        return;
    }
    bool any = false;
    b->files = xcalloc(lines.n_files, sizeof *b->files);
    b->n_files = lines.n_files;
    for (size_t i = 0; i < lines.n_files; i++) {
        if (lines.files[i].name != NULL) {
            b->files[i] = names_file(b->names, lines.files[i].directory, lines.files[i].name);
            any |= b->files[i] != 0;
        }
    }
    if (any) {
        dwarf_lines_walk(&lines, on_row, b);
    }
    dwarf_lines_close(&lines);
}

/* The later of two at one address comes last; the end of a sequence before another's start. */
static int by_address(const void *a, const void *b) {
    const code_line_t *x = a, *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

/* ---- inlined calls ---- */

static void add_range(void *arg, uint64_t low, uint64_t high) {
    builder_t *b = arg;
    debug_t *d = b->out;
    if (low < b->elf->text || high > b->elf->text_end) {
        return; /* of a function that was dropped */
    }
    if (d->n_inlined == b->inlined_room) {
        b->inlined_room = b->inlined_room == 0 ? 256 : b->inlined_room * 2;
        d->inlined = xrealloc(d->inlined, b->inlined_room * sizeof *d->inlined);
    }
    b->found.low = low;
    b->found.high = high;
    d->inlined[d->n_inlined++] = b->found;
}

static void on_entry(void *arg, const dwarf_unit_t *unit, const dwarf_entry_t *entry) {
    builder_t *b = arg;
    dwarf_entry_t origin;
    if (entry->depth == 0) {
        read_unit(b, unit, entry);
        return;
    }
    if (entry->tag != DW_TAG_inlined_subroutine || !dwarf_follow(unit, entry->origin, &origin) ||
        origin.name == NULL) {
        return;
    }
    const names_entry_t *e = names_entry(b->names, origin.name);
    b->found = (inlined_t){.depth = entry->depth,
                           .name = e != NULL ? e->name : NULL,
                           .declared = e != NULL ? e->declared : (place_t){0},
                           .call = place_of(b, entry->call_file, entry->call_line)};
    /* Those without a name are what stands between a line and its function. */
    if (b->found.name != NULL || b->files != NULL) {
        dwarf_ranges(unit, entry, add_range, b);
    }
}

static int by_place(const void *a, const void *b) {
    const inlined_t *x = a, *y = b;
    if (x->low != y->low) {
        return x->low < y->low ? -1 : 1;
    }
    return (x->depth > y->depth) - (x->depth < y->depth);
}

/* ---- which are around an address ---- */

static void go_to(debug_cursor_t *c, uint64_t address) {
    while (c->n_within > 0 && c->within[c->n_within - 1]->high <= address) {
        c->n_within--;
    }
}

static void enter(debug_cursor_t *c, const inlined_t *inlined) {
    if (c->n_within == c->room) {
        c->room = c->room == 0 ? 32 : c->room * 2;
        c->within = xrealloc(c->within, c->room * sizeof *c->within);
    }
    c->within[c->n_within++] = inlined;
}

/* Where the innermost function with a name is, when the innermost of all is at `place`. */
static place_t named_place(const debug_cursor_t *c, place_t place) {
    for (size_t i = c->n_within; i > 0 && c->within[i - 1]->name == NULL; i--) {
        place = c->within[i - 1]->call;
    }
    return place;
}

place_t debug_place(debug_cursor_t *c, uint64_t address) {
    const debug_t *d = c->debug;
    for (; c->next_inlined < d->n_inlined && d->inlined[c->next_inlined].low <= address;
         c->next_inlined++) {
        go_to(c, d->inlined[c->next_inlined].low);
        enter(c, &d->inlined[c->next_inlined]);
    }
    go_to(c, address);
    while (c->next_line < d->n_lines && d->lines[c->next_line].address <= address) {
        c->next_line++;
    }
    place_t place = c->next_line > 0 ? d->lines[c->next_line - 1].place : (place_t){0};
    return named_place(c, place);
}

void debug_end(debug_cursor_t *c) {
    free(c->within);
    *c = (debug_cursor_t){0};
}

static void find_callers(debug_t *d) {
    debug_cursor_t c = {.debug = d};
    for (size_t i = 0; i < d->n_inlined; i++) {
        go_to(&c, d->inlined[i].low);
        d->inlined[i].caller = named_place(&c, d->inlined[i].call);
        enter(&c, &d->inlined[i]);
    }
    debug_end(&c);
}

void debug_read(const elf_t *elf, const names_t *names, debug_t *out) {
    *out = (debug_t){0};
    builder_t b = {.elf = elf, .names = names, .out = out};
    dwarf_t dwarf = {
        .info = elf_section(elf, ".debug_info"),
        .abbrev = elf_section(elf, ".debug_abbrev"),
        .str = elf_section(elf, ".debug_str"),
        .line_str = elf_section(elf, ".debug_line_str"),
        .str_offsets = elf_section(elf, ".debug_str_offsets"),
        .addr = elf_section(elf, ".debug_addr"),
        .ranges = elf_section(elf, ".debug_ranges"),
        .rnglists = elf_section(elf, ".debug_rnglists"),
        .line = elf_section(elf, ".debug_line"),
    };
    dwarf_walk(&dwarf, on_entry, &b);
    free(b.files);
    if (out->n_inlined > 0) {
        qsort(out->inlined, out->n_inlined, sizeof *out->inlined, by_place);
    }
    if (out->n_lines > 0) {
        qsort(out->lines, out->n_lines, sizeof *out->lines, by_address);
    }
    find_callers(out);
}

void debug_free(debug_t *d) {
    free(d->inlined);
    free(d->lines);
    *d = (debug_t){0};
}
