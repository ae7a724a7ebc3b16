/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/sources.h"

#include <stdlib.h>
#include <string.h>

#include "toolchain/dwarf/dwarf.h"
#include "toolchain/inspect/code.h"
#include "toolchain/lib/text.h"

enum { SECTION_CUSTOM = 0, SECTION_CODE = 10 };

#define HEADER_SIZE 8u     /* magic and version */
#define MAX_PATH_LEN 1024u /* longer ones are no file's */
#define MAX_ORIGINS 4u     /* from a function to its abstract instance to its declaration */

typedef struct collector {
    sources_t *out;
    const uint8_t *bytes;
    size_t len;
    dwarf_t dwarf;
    size_t files_room, lines_room;
    uint32_t *index; /* of files by hash of the path: number + 1; a power of two of them */
    size_t index_size;
    bool *claimed; /* bodies that have lines */

    /* The unit that is being read. */
    const char *comp_dir;
    dwarf_lines_t program;
    uint64_t budget;   /* bytes of line programs that may still be read: units could share one */
    uint32_t *file_of; /* number + 1 of each of the program's files; 0: not looked at */

    /* The sequence that is being read. */
    source_line_t *sequence;
    size_t n_sequence, sequence_room;
    bool bad_sequence;
} collector_t;

/* ---- files ---- */

/* Adds the steps of a path, without those that stay where they are. */
static void add_path(text_t *t, const char *path) {
    if (*path == '/' && t->len == 0) {
        text_puts(t, "/");
    }
    while (*path != 0) {
        size_t n = strcspn(path, "/");
        if (n > 0 && !(n == 1 && *path == '.')) {
            bool first = t->len == 0 || t->data[t->len - 1] == '/';
            text_puts(t, first ? "" : "/");
            text_printable(t, path, n);
        }
        path += n + (path[n] == '/');
    }
}

/* A path from up to three parts, of which the last absolute one starts it. */
static void join(text_t *t, const char *a, const char *b, const char *c) {
    const char *parts[] = {a, b, c};
    for (unsigned i = 0; i < 3; i++) {
        if (parts[i] != NULL && parts[i][0] == '/') {
            text_free(t);
        }
        add_path(t, parts[i] != NULL ? parts[i] : "");
    }
}

static uint32_t hash(const char *s) {
    uint32_t h = 2166136261u;
    while (*s != 0) {
        h = (h ^ (uint8_t)*s++) * 16777619u;
    }
    return h;
}

static uint32_t *find_slot(collector_t *c, const char *path) {
    size_t mask = c->index_size - 1, i = hash(path) & mask;
    while (c->index[i] != 0 && strcmp(c->out->files[c->index[i] - 1].path, path) != 0) {
        i = (i + 1) & mask;
    }
    return &c->index[i];
}

static void grow_index(collector_t *c) {
    free(c->index);
    c->index_size = c->index_size == 0 ? 64 : c->index_size * 2;
    c->index = xcalloc(c->index_size, sizeof *c->index);
    for (uint32_t i = 0; i < c->out->n_files; i++) {
        *find_slot(c, c->out->files[i].path) = i + 1;
    }
}

/* The number of a file, one more; the same path has the same. */
static uint32_t intern(collector_t *c, const text_t *path, const char *name) {
    sources_t *s = c->out;
    if (2 * ((size_t)s->n_files + 1) > c->index_size) {
        grow_index(c);
    }
    uint32_t *slot = find_slot(c, text_str(path));
    if (*slot == 0) {
        if (s->n_files == c->files_room) {
            c->files_room = c->files_room == 0 ? 16 : c->files_room * 2;
            s->files = xrealloc(s->files, c->files_room * sizeof *s->files);
        }
        s->files[s->n_files++] = (source_file_t){
            arena_strndup(&s->arena, text_str(path), path->len),
            arena_strndup(&s->arena, name, strlen(name)),
        };
        *slot = s->n_files;
    }
    return *slot;
}

/* The number, plus one, of a file of the unit's line program; 0: it has none such. */
static uint32_t file_number(collector_t *c, uint64_t file) {
    if (file >= c->program.n_files || c->program.files[file].name == NULL ||
        c->program.files[file].name[0] == 0) {
        return 0;
    }
    if (c->file_of[file] == 0) {
        const dwarf_file_t *f = &c->program.files[file];
        text_t path = {0}, below = {0};
        join(&path, c->comp_dir, f->directory, f->name);
        add_path(&below, c->comp_dir != NULL ? c->comp_dir : "");
        size_t n = below.len;
        bool is_below = n > 0 && path.len > n + 1 && strncmp(path.data, below.data, n) == 0 &&
                        path.data[n] == '/';
        if (path.len > 0 && path.len <= MAX_PATH_LEN) {
            c->file_of[file] = intern(c, &path, text_str(&path) + (is_below ? n + 1 : 0));
        }
        text_free(&path);
        text_free(&below);
    }
    return c->file_of[file];
}

/* ---- lines ---- */

/* The body that holds an offset; NULL: none. */
static source_body_t *find_body(const sources_t *s, uint64_t offset) {
    uint32_t low = 0, high = s->n_bodies;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        source_body_t *b = &s->bodies[middle];
        if (offset < b->start) {
            high = middle;
        } else if (offset >= b->end) {
            low = middle + 1;
        } else {
            return b;
        }
    }
    return NULL;
}

/* True when no body of the sequence has had lines before; then they have now. */
static bool claim(collector_t *c) {
    for (size_t pass = 0; pass < 2; pass++) {
        const source_body_t *last = NULL;
        for (size_t i = 0; i < c->n_sequence; i++) {
            const source_body_t *b = find_body(c->out, c->sequence[i].offset);
            if (b == NULL || (pass == 0 && b != last && c->claimed[b - c->out->bodies])) {
                return false;
            }
            c->claimed[b - c->out->bodies] |= pass == 1;
            last = b;
        }
    }
    return true;
}

/*
 * A sequence is of code that is there when it starts within a function and stays within functions,
 * and ends where the last of them does. Linkers leave those of dropped functions at 0, or above all
 * code. (That its rows are at instructions is looked at later: mark.c.)
 */
static void end_sequence(collector_t *c, uint64_t end) {
    sources_t *s = c->out;
    const source_body_t *b =
        c->n_sequence > 0 ? find_body(s, c->sequence[c->n_sequence - 1].offset) : NULL;
    if (b != NULL && b->end == end && !c->bad_sequence && claim(c)) {
        size_t needed = s->n_lines + c->n_sequence;
        if (needed > c->lines_room) {
            c->lines_room = 2 * needed;
            s->lines = xrealloc(s->lines, c->lines_room * sizeof *s->lines);
        }
        memcpy(s->lines + s->n_lines, c->sequence, c->n_sequence * sizeof *c->sequence);
        s->n_lines += (uint32_t)c->n_sequence;
    }
    c->n_sequence = 0;
    c->bad_sequence = false;
}

static void on_row(void *arg, const dwarf_row_t *row) {
    collector_t *c = arg;
    if (row->end) {
        end_sequence(c, row->address);
        return;
    }
    source_line_t *last = c->n_sequence > 0 ? &c->sequence[c->n_sequence - 1] : NULL;
    if (row->address >= c->len || (last != NULL && row->address < last->offset)) {
        c->bad_sequence = true;
        return;
    }
    uint32_t file = row->line > 0 && row->line <= INT32_MAX ? file_number(c, row->file) : 0;
    source_line_t line = {(uint32_t)row->address, file > 0 ? file - 1 : 0,
                          file > 0 ? (uint32_t)row->line : 0};
    if (last != NULL && last->offset == line.offset) {
        *last = line; /* the later one is right */
        return;
    }
    if (c->n_sequence == c->sequence_room) {
        c->sequence_room = c->sequence_room == 0 ? 256 : c->sequence_room * 2;
        c->sequence = xrealloc(c->sequence, c->sequence_room * sizeof *c->sequence);
    }
    c->sequence[c->n_sequence++] = line;
}

/* ---- units ---- */

static void close_unit(collector_t *c) {
    dwarf_lines_close(&c->program);
    free(c->file_of);
    c->file_of = NULL;
    c->comp_dir = NULL;
}

static void open_unit(collector_t *c, const dwarf_unit_t *unit, const dwarf_entry_t *e) {
    close_unit(c);
    c->comp_dir = e->comp_dir;
    if (!e->has_lines || !dwarf_lines_open(unit, e->lines, &c->program)) {
        return;
    }
    uint64_t size = (uint64_t)(c->program.program.end - c->program.program.p);
    if (size > c->budget) {
        dwarf_lines_close(&c->program);
        return;
    }
    c->budget -= size;
    c->file_of = xcalloc(c->program.n_files + 1, sizeof *c->file_of);
    c->n_sequence = 0;
    c->bad_sequence = false;
    dwarf_lines_walk(&c->program, on_row, c);
}

/* The declaration may be that of an abstract instance, or of a member function. */
static void read_function(collector_t *c, const dwarf_unit_t *unit, const dwarf_entry_t *function) {
    source_body_t *b = function->has_low ? find_body(c->out, function->low) : NULL;
    dwarf_entry_t e = *function, origin;
    for (unsigned i = 0; i < MAX_ORIGINS && e.decl_line == 0; i++) {
        if (!dwarf_follow(unit, e.origin, &origin)) {
            break;
        }
        e = origin;
    }
    if (b == NULL || b->start != function->low || b->declared.line != 0 || e.decl_line == 0 ||
        e.decl_line > INT32_MAX) {
        return;
    }
    uint32_t file = file_number(c, e.decl_file);
    if (file > 0) {
        b->declared = (source_line_t){b->start, file - 1, (uint32_t)e.decl_line};
    }
}

static void on_entry(void *arg, const dwarf_unit_t *unit, const dwarf_entry_t *e) {
    if (e->depth == 0) {
        open_unit(arg, unit, e);
    } else if (e->tag == DW_TAG_subprogram) {
        read_function(arg, unit, e);
    }
}

/* ---- the module ---- */

static void read_bodies(sources_t *s, reader_t section, uint32_t n_functions) {
    s->code = section.pos;
    uint32_t n = read_count(&section, "function bodies");
    s->bodies = xcalloc(n_functions, sizeof *s->bodies);
    for (uint32_t i = 0; i < n && i < n_functions && !section.failed; i++) {
        uint32_t size = read_u32(&section, "body size");
        uint32_t start = (uint32_t)(section.pos - s->code);
        read_skip(&section, size, "function body");
        s->bodies[s->n_bodies++] = (source_body_t){.start = start, .end = start + size};
    }
}

static void add_section(dwarf_t *dwarf, name_t name, reader_t r) {
    static const char prefix[] = ".debug_";
    const struct {
        const char *name;
        cursor_t *section;
    } known[] = {{"info", &dwarf->info},
                 {"abbrev", &dwarf->abbrev},
                 {"str", &dwarf->str},
                 {"line_str", &dwarf->line_str},
                 {"str_offsets", &dwarf->str_offsets},
                 {"addr", &dwarf->addr},
                 {"line", &dwarf->line}};
    size_t n = sizeof prefix - 1;
    if (name.len < n || memcmp(name.ptr, prefix, n) != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (name.len - n == strlen(known[i].name) &&
            memcmp(name.ptr + n, known[i].name, name.len - n) == 0) {
            *known[i].section = (cursor_t){r.base + r.pos, r.base + r.end, false};
        }
    }
}

static void find_sections(collector_t *c, const module_t *m) {
    const index_space_t *functions = &m->space[KIND_FUNC];
    parse_error_t error;
    reader_t r = {.base = c->bytes, .pos = HEADER_SIZE, .end = c->len, .error = &error};
    while (r.pos < r.end && !r.failed) {
        uint8_t id = read_u8(&r, "section");
        reader_t section = read_part(&r, read_u32(&r, "section size"), "section");
        if (id == SECTION_CODE) {
            read_bodies(c->out, section, functions->count - functions->n_imported);
        } else if (id == SECTION_CUSTOM) {
            name_t name = read_name(&section, "name");
            if (!section.failed) {
                add_section(&c->dwarf, name, section);
            }
        }
    }
}

static int by_offset(const void *a, const void *b) {
    const source_line_t *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Gives each body its lines. Bodies do not overlap, and none has those of two sequences. */
static void share_lines(sources_t *s) {
    if (s->n_lines > 0) {
        qsort(s->lines, s->n_lines, sizeof *s->lines, by_offset);
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < s->n_bodies; i++) {
        source_body_t *b = &s->bodies[i];
        b->first_line = next;
        while (next < s->n_lines && s->lines[next].offset < b->end) {
            next++;
        }
        b->n_lines = next - b->first_line;
    }
}

void sources_read_bodies(const module_t *m, const uint8_t *bytes, size_t len, sources_t *out) {
    *out = (sources_t){0};
    collector_t c = {.out = out, .bytes = bytes, .len = len};
    find_sections(&c, m);
}

bool sources_read(const module_t *m, const uint8_t *bytes, size_t len, sources_t *out) {
    *out = (sources_t){0};
    collector_t c = {.out = out, .bytes = bytes, .len = len};
    find_sections(&c, m);
    c.lines_room = 1;
    out->lines = xcalloc(c.lines_room, sizeof *out->lines);
    c.claimed = xcalloc(out->n_bodies, sizeof *c.claimed);
    c.budget = 2 * (uint64_t)len;
    dwarf_walk(&c.dwarf, on_entry, &c);
    close_unit(&c);
    free(c.claimed);
    free(c.sequence);
    free(c.index);
    share_lines(out);
    if (out->n_files == 0) {
        sources_free(out);
        return false;
    }
    return true;
}

void sources_free(sources_t *s) {
    arena_free(&s->arena);
    free(s->files);
    free(s->bodies);
    free(s->lines);
    *s = (sources_t){0};
}
