/* SPDX-License-Identifier: MIT */
/*
 * Source lines. The module that wasm2c read has marks in it (toolchain/inspect/mark.h says which,
 * and why a mark's statement is where the instructions behind it are): here they are taken out
 * before anything else looks at the text, and put back as #line when a function has been mended.
 *
 * In between a mark is known by the function's first line and the number of a line within it. The
 * other rewrites replace lines of a function one by one; that none was added or lost is checked.
 *
 * #line counts on from one line to the next, so what comes from one source line is written in one.
 */
#include <stdlib.h>
#include <string.h>

#include "toolchain/mend/lines.h"

/* ---- module-N.lines ---- */

static bool read_number(slice_t *s, char end, uint32_t *out) {
    uint64_t v = 0;
    size_t i = 0;
    for (; i < s->n && i < 10 && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
        v = v * 10 + (uint64_t)(s->p[i] - '0');
    }
    bool ends = end == 0 ? i == s->n : i < s->n && s->p[i] == end;
    if (i == 0 || !ends || v > UINT32_MAX) {
        return false;
    }
    *s = slice_after(*s, i + (end != 0));
    *out = (uint32_t)v;
    return true;
}

static bool read_mark(slice_t line, const marks_t *m, mark_t *out) {
    return read_number(&line, '\t', &out->file) && read_number(&line, 0, &out->line) &&
           (out->line == 0 || out->file < m->n_files);
}

status_t read_marks(arena_t *a, const mend_file_t *file, marks_t *out, mend_error_t *error) {
    static const char first[] = "marks\t", name[] = "file\t";
    size_t n, i = 1;
    slice_t *lines = split_lines(a, &file->text, &n);
    marks_t m = {0};
    if (file->text.len == 0) {
        *out = m;
        return STATUS_OK;
    }
    bool good = slice_starts(lines[0], first);
    slice_t rest = good ? slice_after(lines[0], sizeof first - 1) : lines[0];
    good = good && read_number(&rest, '\t', &m.first) && read_number(&rest, 0, &m.n) && m.n <= n;
    m.files = arena_alloc(a, n, sizeof *m.files);
    for (; good && i < n && slice_starts(lines[i], name); i++) {
        m.files[m.n_files++] = slice_after(lines[i], sizeof name - 1);
    }
    m.marks = arena_alloc(a, n, sizeof *m.marks);
    for (uint32_t k = 0; good && k < m.n; k++, i++) {
        good = i < n && read_mark(lines[i], &m, &m.marks[k]);
    }
    if (!good) {
        return mend_fail(error, "%s: not a plan's list of source lines", file->name);
    }
    *out = m;
    return STATUS_OK;
}

/* ---- taking marks out ---- */

/* "  var_i3 = 1234u;" with one of the marks' values. */
static bool is_mark(const marks_t *m, slice_t line, uint32_t *number) {
    static const char variable[] = "var_i", equals[] = " = ";
    slice_t s = slice_trim(line);
    uint32_t value;
    if (m->n == 0 || !slice_starts(s, variable) || !slice_ends(s, "u;")) {
        return false;
    }
    s = slice_after(s, slice_name(s).n);
    if (!slice_starts(s, equals)) {
        return false;
    }
    s = slice_after(s, sizeof equals - 1);
    if (!read_number(&s, 'u', &value) || value - m->first >= m->n) {
        return false;
    }
    *number = value - m->first;
    return true;
}

typedef struct taker {
    arena_t *arena;
    const marks_t *marks;
    const mend_file_t *file;
    marked_file_t *out;
    size_t functions_room, places_room;
    text_t text; /* without marks */
} taker_t;

static void add_place(taker_t *t, marked_function_t *f, mark_place_t place) {
    marked_file_t *o = t->out;
    if (o->n_places == t->places_room) {
        t->places_room = t->places_room == 0 ? 256 : 2 * t->places_room;
        o->places = xrealloc(o->places, t->places_room * sizeof *o->places);
    }
    o->places[o->n_places++] = place;
    f->n_places++;
}

static void add_function(taker_t *t, marked_function_t f) {
    marked_file_t *o = t->out;
    if (o->n_functions == t->functions_room) {
        t->functions_room = t->functions_room == 0 ? 64 : 2 * t->functions_room;
        o->functions = xrealloc(o->functions, t->functions_room * sizeof *o->functions);
    }
    o->functions[o->n_functions++] = f;
}

/* The lines of a function, or one that is in none. */
static status_t take_function(taker_t *t, const slice_t *lines, size_t n, mend_error_t *error) {
    marked_function_t f = {.first_place = t->out->n_places};
    uint32_t number, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_mark(t->marks, lines[i], &number)) {
            if (f.n_places > 0 && number <= last) {
                return mend_fail(error, "%s: marks of source lines are out of order",
                                 t->file->name);
            }
            add_place(t, &f, (mark_place_t){f.n_lines, number});
            last = number;
            continue;
        }
        text_add(&t->text, lines[i].p, lines[i].n);
        text_puts(&t->text, "\n");
        f.n_lines++;
    }
    if (f.n_places > 0) {
        f.header = (slice_t){arena_strndup(t->arena, lines[0].p, lines[0].n), lines[0].n};
        add_function(t, f);
    }
    return STATUS_OK;
}

status_t take_marks(arena_t *a, const marks_t *marks, mend_file_t *file, marked_file_t *out,
                    mend_error_t *error) {
    taker_t t = {.arena = a, .marks = marks, .file = file, .out = out};
    arena_t scratch = {0};
    size_t n;
    slice_t *lines = split_lines(&scratch, &file->text, &n);
    status_t s = STATUS_OK;
    *out = (marked_file_t){.marks = marks};
    for (size_t i = 0; i < n && s == STATUS_OK;) {
        size_t end = i + 1;
        if (starts_function(&lines[i], n - i)) {
            while (end < n && !slice_equals(lines[end], "}")) {
                end++;
            }
        }
        s = take_function(&t, &lines[i], end - i, error);
        i = end;
    }
    if (s == STATUS_OK) {
        text_free(&file->text);
        file->text = t.text;
    } else {
        text_free(&t.text);
    }
    arena_free(&scratch);
    return s;
}

void free_marked(marked_file_t *m) {
    free(m->functions);
    free(m->places);
    *m = (marked_file_t){0};
}

/* ---- #line ---- */

const marked_function_t *next_marked(marked_file_t *m, slice_t header) {
    if (m->next == m->n_functions || !slice_same(m->functions[m->next].header, header)) {
        return NULL;
    }
    return &m->functions[m->next++];
}

static void write_line(text_t *out, const marks_t *m, uint32_t number) {
    const mark_t *mark = &m->marks[number];
    text_addf(out, "#line %u", mark->line);
    if (mark->line != 0) {
        text_puts(out, " ");
        text_c_string(out, m->files[mark->file].p, m->files[mark->file].n);
    }
    text_puts(out, "\n");
}

/* Directives need a line of their own, and what follows them its own #line. */
static void write_piece(text_t *out, const marks_t *m, uint32_t number, slice_t piece) {
    while (piece.n > 0) {
        const char *nl = memchr(piece.p, '\n', piece.n);
        slice_t line = {piece.p, nl != NULL ? (size_t)(nl - piece.p) : piece.n};
        bool directive = line.n > 0 && line.p[0] == '#';
        text_puts(out, directive ? "\n" : "");
        text_add(out, line.p, line.n);
        text_puts(out, directive ? "\n" : " ");
        if (directive) {
            write_line(out, m, number);
        }
        piece = slice_after(piece, line.n + (nl != NULL));
    }
}

void write_marked(text_t *out, const marked_file_t *m, const marked_function_t *f,
                  const slice_t *pieces) {
    const mark_place_t *place = m->places + f->first_place, *end = place + f->n_places;
    uint32_t number = place->number;
    write_line(out, m->marks, number);
    for (size_t i = 0; i < f->n_lines; i++) {
        uint32_t before = number;
        while (place < end && place->line <= i) {
            number = place++->number;
        }
        if (number != before) {
            text_puts(out, "\n");
            write_line(out, m->marks, number);
        }
        write_piece(out, m->marks, number, pieces[i]);
    }
}
