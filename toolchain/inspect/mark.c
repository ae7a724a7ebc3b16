/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/mark.h"

#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/code.h"

enum { SECTION_CUSTOM = 0, SECTION_CODE = 10 };

#define HEADER_SIZE 8u  /* magic and version */
#define FIRST_VALUE 64u /* those below are what modules use most */

typedef struct marker {
    module_t scratch; /* the scanner notes features in a module */
    const sources_t *sources;
    const uint8_t *bytes;
    bool *fits;          /* for each body: its lines start at instructions */
    uint32_t *constants; /* of all i32.const */
    size_t n_constants, room;
    uint32_t next; /* value of the next mark */
    text_t lines;  /* what the marks mean */
    uint32_t n_marks;
} marker_t;

static reader_t body_reader(const marker_t *w, const source_body_t *b, parse_error_t *error) {
    return (reader_t){.base = w->bytes,
                      .pos = w->sources->code + b->start,
                      .end = w->sources->code + b->end,
                      .error = error};
}

static void note_constant(marker_t *w, uint32_t value) {
    if (w->n_constants == w->room) {
        w->room = w->room == 0 ? 1024 : w->room * 2;
        w->constants = xrealloc(w->constants, w->room * sizeof *w->constants);
    }
    w->constants[w->n_constants++] = value;
}

/* Collects the constants of a body; true when each of its lines starts at an instruction. */
static bool survey(marker_t *w, const source_body_t *b) {
    parse_error_t error;
    reader_t r = body_reader(w, b, &error);
    const source_line_t *line = w->sources->lines + b->first_line, *end = line + b->n_lines;
    bool fits = true;
    scan_locals(&r, &w->scratch);
    size_t first = r.pos - w->sources->code;
    while (line < end && line->offset < first) {
        fits &= line->offset == b->start; /* the function itself */
        line++;
    }
    for (uint32_t depth = 1; depth > 0 && !r.failed;) {
        size_t at = r.pos;
        if (line < end && line->offset <= at - w->sources->code) {
            fits &= line->offset == at - w->sources->code;
            line++;
        }
        if (scan_step(&r, &w->scratch, &depth) == SCAN_I32_CONST && !r.failed) {
            reader_t operand = {.base = r.base, .pos = at + 1, .end = r.end, .error = &error};
            note_constant(w, (uint32_t)read_s32(&operand, "i32.const"));
        }
    }
    return fits && line == end && !r.failed;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The first of n values that are no constant of the module; false when there are none. */
static bool find_values(marker_t *w, uint64_t n, uint32_t *first) {
    if (w->n_constants > 0) {
        qsort(w->constants, w->n_constants, sizeof *w->constants, by_value);
    }
    uint64_t from = FIRST_VALUE;
    for (size_t i = 0; i < w->n_constants; i++) {
        if (w->constants[i] >= from && w->constants[i] - from >= n) {
            break;
        }
        if (w->constants[i] >= from) {
            from = (uint64_t)w->constants[i] + 1;
        }
    }
    *first = (uint32_t)from;
    return from + n <= (uint64_t)1 << 32;
}

static void add_uleb(text_t *t, uint32_t v) {
    do {
        char byte = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        text_add(t, &byte, 1);
        v >>= 7;
    } while (v > 0);
}

static void add_sleb(text_t *t, int32_t v) {
    for (bool more = true; more;) {
        uint8_t low = (uint8_t)v & 0x7f;
        v >>= 7;
        more = !((v == 0 && (low & 0x40) == 0) || (v == -1 && (low & 0x40) != 0));
        char byte = (char)(low | (more ? 0x80 : 0));
        text_add(t, &byte, 1);
    }
}

static void add_mark(marker_t *w, text_t *t, const source_line_t *line) {
    text_puts(t, "\x41"); /* i32.const */
    add_sleb(t, (int32_t)w->next++);
    text_puts(t, "\x1a"); /* drop */
    text_addf(&w->lines, "%u\t%u\n", line->file, line->line);
    w->n_marks++;
}

static bool same_line(const source_line_t *a, const source_line_t *b) {
    return a->line == b->line && (a->line == 0 || a->file == b->file);
}

/* A body with marks. Before its lines, or without ones that fit, it is declared but unknown. */
static void mark_body(marker_t *w, uint32_t index, text_t *t) {
    const source_body_t *b = &w->sources->bodies[index];
    const source_line_t unknown = {0};
    const source_line_t *line = w->sources->lines + b->first_line;
    const source_line_t *end = w->fits[index] ? line + b->n_lines : line;
    const source_line_t *last = b->declared.line != 0 || line == end ? &b->declared : line;
    parse_error_t error;
    reader_t r = body_reader(w, b, &error);
    scan_locals(&r, &w->scratch);
    text_add(t, (const char *)w->bytes + w->sources->code + b->start,
             r.pos - w->sources->code - b->start);
    add_mark(w, t, last);
    if (line == end || line->offset > r.pos - w->sources->code) {
        add_mark(w, t, &unknown);
        last = &unknown;
    }
    for (uint32_t depth = 1; depth > 0 && !r.failed;) {
        size_t at = r.pos;
        const source_line_t *here = NULL;
        while (line < end && line->offset <= at - w->sources->code) {
            here = line++;
        }
        if (here != NULL && !same_line(here, last)) {
            add_mark(w, t, here);
            last = here;
        }
        scan_step(&r, &w->scratch, &depth);
        text_add(t, (const char *)w->bytes + at, r.pos - at);
    }
}

static bool has_source(const marker_t *w, uint32_t index) {
    const source_body_t *b = &w->sources->bodies[index];
    return b->declared.line != 0 || (b->n_lines > 0 && w->fits[index]);
}

static void mark_code(marker_t *w, text_t *out) {
    const sources_t *s = w->sources;
    text_t code = {0}, body = {0};
    add_uleb(&code, s->n_bodies);
    for (uint32_t i = 0; i < s->n_bodies; i++) {
        body.len = 0;
        if (has_source(w, i)) {
            mark_body(w, i, &body);
        } else {
            text_add(&body, (const char *)w->bytes + s->code + s->bodies[i].start,
                     s->bodies[i].end - s->bodies[i].start);
        }
        add_uleb(&code, (uint32_t)body.len);
        text_add(&code, text_str(&body), body.len);
    }
    text_puts(out, "\x0a");
    add_uleb(out, (uint32_t)code.len);
    text_add(out, text_str(&code), code.len);
    text_free(&code);
    text_free(&body);
}

static bool is_debug(reader_t section) {
    static const char prefix[] = ".debug_";
    name_t name = read_name(&section, "name");
    return !section.failed && name.len >= sizeof prefix - 1 &&
           memcmp(name.ptr, prefix, sizeof prefix - 1) == 0;
}

/* All sections but the debug information, which says nothing true of the new code. */
static void mark_module(marker_t *w, size_t len, text_t *out) {
    parse_error_t error;
    reader_t r = {.base = w->bytes, .pos = HEADER_SIZE, .end = len, .error = &error};
    text_add(out, (const char *)w->bytes, HEADER_SIZE);
    while (r.pos < r.end && !r.failed) {
        size_t at = r.pos;
        uint8_t id = read_u8(&r, "section");
        reader_t section = read_part(&r, read_u32(&r, "section size"), "section");
        if (id == SECTION_CODE) {
            mark_code(w, out);
        } else if (id != SECTION_CUSTOM || !is_debug(section)) {
            text_add(out, (const char *)w->bytes + at, r.pos - at);
        }
    }
}

static void write_marks(const marker_t *w, uint32_t first, text_t *marks) {
    text_addf(marks, "marks\t%u\t%u\n", first, w->n_marks);
    for (uint32_t i = 0; i < w->sources->n_files; i++) {
        text_addf(marks, "file\t%s\n", w->sources->files[i].path);
    }
    text_add(marks, text_str(&w->lines), w->lines.len);
}

bool module_mark(const module_t *m, const sources_t *s, const uint8_t *bytes, size_t len,
                 text_t *out, text_t *marks) {
    marker_t w = {.scratch = *m, .sources = s, .bytes = bytes};
    uint64_t most = 0;
    uint32_t first;
    w.fits = xcalloc(s->n_bodies, sizeof *w.fits);
    for (uint32_t i = 0; i < s->n_bodies; i++) {
        w.fits[i] = survey(&w, &s->bodies[i]);
        most += has_source(&w, i) ? (uint64_t)s->bodies[i].n_lines + 2 : 0;
    }
    bool found = most > 0 && find_values(&w, most, &first);
    if (found) {
        w.next = first;
        mark_module(&w, len, out);
        write_marks(&w, first, marks);
    }
    free(w.fits);
    free(w.constants);
    text_free(&w.lines);
    return found;
}
