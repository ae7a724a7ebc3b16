/* SPDX-License-Identifier: MIT */
/*
 * Tables that never change. An indirect call reads the table's size and address, the entry's type,
 * function and instance: fifteen instructions. Where nothing but the module's own element segments,
 * at constant offsets, ever writes a table, its contents are known now: each type that is called
 * through it gets a constant array of functions, in which what has another type is NULL. A call
 * then costs two comparisons, a load and a jump; the table itself stays for telling how a call
 * failed.
 *
 * A table qualifies when every mention of it is one that is known here. One that is exported or
 * imported, or that an instruction other than call_indirect uses, does not. Where the entries of a
 * type are spread too thinly over the table, the call stays as it was.
 */
#define _GNU_SOURCE /* memmem */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/mend/parts.h"

#define MAX_ENTRIES 1000000u
#define SMALL_SPAN 64u  /* entries: an array this short is always made */
#define MOST_FILLERS 8u /* entries for each one of the type */

typedef struct entry {
    slice_t function; /* empty: null */
    size_t type;      /* number of its signature */
} entry_t;

/* wasm2c's name for a function type, and the symbol of its signature: "#define NAME SYMBOL". */
typedef struct type_name {
    slice_t name, symbol;
    size_t type; /* the number of the first one with this symbol */
} type_name_t;

typedef struct table {
    slice_t field; /* w2c_T0 */
    entry_t *entries;
    uint32_t n;
} table_t;

typedef struct call {
    slice_t field, type;
    uint32_t span; /* 0: not made */
} call_t;

typedef struct lines {
    slice_t *line;
    size_t n;
} lines_t;

typedef struct work {
    arena_t arena;
    mend_file_t *files;
    lines_t *lines; /* of each file */
    size_t n_files;
    type_name_t *types;
    size_t n_types;
    table_t *tables;
    size_t n_tables;
    call_t *calls; /* one for each type that is called through each table */
    size_t n_calls;
} work_t;

static const char allocate[] = "  wasm_rt_allocate_funcref_table(&instance->";
static const char init[] = "  funcref_table_init(&instance->";
static const char indirect[] = "CALL_INDIRECT(instance->";

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool same(slice_t a, slice_t b) {
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static slice_t after(slice_t s, size_t n) {
    return (slice_t){s.p + n, s.n - n};
}

static slice_t name_in(slice_t s) {
    size_t n = 0;
    while (n < s.n && is_name(s.p[n])) {
        n++;
    }
    return (slice_t){s.p, n};
}

/* The text up to the next comma; `s` goes on behind it and the blank. */
static slice_t argument(slice_t *s) {
    size_t n = 0;
    while (n < s->n && s->p[n] != ',') {
        n++;
    }
    slice_t result = {s->p, n};
    *s = n + 2 <= s->n ? after(*s, n + 2) : (slice_t){s->p, 0};
    return result;
}

static bool number(slice_t s, uint32_t *out) {
    uint64_t v = 0;
    size_t i = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && v <= MAX_ENTRIES; i++) {
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *out = (uint32_t)v;
    return i > 0 && v <= MAX_ENTRIES && (i == s.n || (i + 1 == s.n && s.p[i] == 'u'));
}

static bool find_tables(work_t *w) {
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (!slice_starts(line, allocate)) {
                continue;
            }
            slice_t rest = after(line, sizeof allocate - 1);
            table_t t = {.field = name_in(argument(&rest))};
            if (t.field.n == 0 || !number(argument(&rest), &t.n)) {
                continue;
            }
            t.entries = arena_alloc(&w->arena, t.n + 1, sizeof *t.entries);
            table_t *all = arena_alloc(&w->arena, w->n_tables + 1, sizeof *all);
            if (w->n_tables > 0) {
                memcpy(all, w->tables, w->n_tables * sizeof *all);
            }
            all[w->n_tables++] = t;
            w->tables = all;
        }
    }
    return w->n_tables > 0;
}

static const type_name_t *find_type(const work_t *w, slice_t name) {
    for (size_t i = 0; i < w->n_types; i++) {
        if (same(w->types[i].name, name)) {
            return &w->types[i];
        }
    }
    return NULL;
}

static void add_type(work_t *w, slice_t name, slice_t symbol) {
    size_t first = 0;
    while (first < w->n_types && !same(w->types[first].symbol, symbol)) {
        first++;
    }
    if ((w->n_types & (w->n_types - 1)) == 0) { /* full at every power of two */
        type_name_t *all = arena_alloc(&w->arena, 2 * w->n_types + 1, sizeof *all);
        if (w->n_types > 0) {
            memcpy(all, w->types, w->n_types * sizeof *all);
        }
        w->types = all;
    }
    w->types[w->n_types++] = (type_name_t){name, symbol, first};
}

/* Types are the same when their symbols are. */
static void find_types(work_t *w) {
    static const char define[] = "#define w2c_";
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (slice_starts(line, define)) {
                slice_t name = name_in(after(line, sizeof define - 1 - 4));
                slice_t symbol = after(line, (size_t)(name.p - line.p) + name.n);
                if (slice_starts(symbol, " ingot_type_") && find_type(w, name) == NULL) {
                    add_type(w, name, after(symbol, 1));
                }
            }
        }
    }
}

/* The lines between "NAME[] = {" and "};" of an element segment, wherever it is. */
static const slice_t *segment(work_t *w, slice_t name, size_t *count) {
    text_t head = {0};
    text_addf(&head, "static const wasm_elem_segment_expr_t %.*s[] = {", (int)name.n, name.p);
    const slice_t *found = NULL;
    for (size_t f = 0; f < w->n_files && found == NULL; f++) {
        const lines_t *l = &w->lines[f];
        size_t i = 0;
        while (i < l->n && !slice_equals(l->line[i], text_str(&head))) {
            i++;
        }
        found = i < l->n ? &l->line[i + 1] : NULL;
        *count = 0;
        while (i + 1 + *count < l->n && !slice_equals(l->line[i + 1 + *count], "};")) {
            ++*count;
        }
    }
    text_free(&head);
    return found;
}

/* "  {RefFunc, TYPE, (wasm_rt_function_ptr_t)FUNCTION, {NULL}, 0}," */
static bool read_entry(const work_t *w, slice_t line, entry_t *out) {
    static const char func[] = "  {RefFunc, ", null[] = "  {RefNull, ";
    static const char cast[] = "(wasm_rt_function_ptr_t)";
    if (slice_starts(line, null)) {
        *out = (entry_t){{NULL, 0}, 0};
        return true;
    }
    if (!slice_starts(line, func)) {
        return false;
    }
    slice_t rest = after(line, sizeof func - 1);
    const type_name_t *type = find_type(w, argument(&rest));
    slice_t function = argument(&rest);
    if (type == NULL || !slice_starts(function, cast)) {
        return false;
    }
    *out = (entry_t){after(function, sizeof cast - 1), type->type};
    return out->function.n > 0 && name_in(out->function).n == out->function.n;
}

/* "SEGMENT, SIZE, OFFSETu, 0, COUNT, instance);" behind the field. */
static bool apply_segment(work_t *w, table_t *t, slice_t rest) {
    slice_t name = argument(&rest);
    uint32_t size, offset, from, count;
    size_t n = 0;
    if (!number(argument(&rest), &size) || !number(argument(&rest), &offset) ||
        !number(argument(&rest), &from) || !number(argument(&rest), &count) ||
        !slice_equals(rest, "instance);")) {
        return false;
    }
    const slice_t *lines = segment(w, name, &n);
    if (lines == NULL || n != size || from != 0 || count != n || offset > t->n ||
        count > t->n - offset) {
        return count == 0 && offset <= t->n;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!read_entry(w, lines[i], &t->entries[offset + i])) {
            return false;
        }
    }
    return true;
}

static size_t count_text(const text_t *t, const char *text) {
    size_t n = 0, len = strlen(text);
    for (const char *at = text_str(t); (at = strstr(at, text)) != NULL; at += len) {
        n += !is_name(at[len]) || !is_name(text[len - 1]);
    }
    return n;
}

static size_t count_everywhere(work_t *w, const char *before, const table_t *t,
                               const char *behind) {
    text_t text = {0};
    text_addf(&text, "%sinstance->%.*s%s", before, (int)t->field.n, t->field.p, behind);
    size_t n = 0;
    for (size_t f = 0; f < w->n_files; f++) {
        n += count_text(&w->files[f].text, text_str(&text));
    }
    text_free(&text);
    return n;
}

/* Reads the contents; false when the table may change, or is not understood. */
static bool read_table(work_t *w, table_t *t) {
    size_t segments = 0;
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (!slice_starts(line, init)) {
                continue;
            }
            slice_t rest = after(line, sizeof init - 1);
            if (!same(argument(&rest), t->field)) {
                continue;
            }
            if (!apply_segment(w, t, rest)) {
                return false;
            }
            segments++;
        }
    }
    size_t calls = count_everywhere(w, "CALL_INDIRECT(", t, ", ");
    return count_everywhere(w, ", ", t, ".data[") == calls &&
           count_everywhere(w, "", t, "") == 2 * calls + segments + 2 &&
           count_everywhere(w, "wasm_rt_free_funcref_table(&", t, ");") == 1;
}

static bool is_callable(const entry_t *e, size_t type) {
    return e->function.n > 0 && e->type == type;
}

static uint32_t span_of(const table_t *t, const type_name_t *type) {
    uint32_t span = 0, filled = 0;
    for (uint32_t i = 0; i < t->n && type != NULL; i++) {
        if (is_callable(&t->entries[i], type->type)) {
            span = i + 1;
            filled++;
        }
    }
    return span <= SMALL_SPAN || span / MOST_FILLERS <= filled ? span : 0;
}

static call_t *find_call(work_t *w, slice_t field, slice_t type) {
    for (size_t i = 0; i < w->n_calls; i++) {
        if (same(w->calls[i].field, field) && same(w->calls[i].type, type)) {
            return &w->calls[i];
        }
    }
    return NULL;
}

static const table_t *find_table(const work_t *w, slice_t field) {
    for (size_t i = 0; i < w->n_tables; i++) {
        if (same(w->tables[i].field, field) && w->tables[i].entries != NULL) {
            return &w->tables[i];
        }
    }
    return NULL;
}

/* The parts of "CALL_INDIRECT(instance->FIELD, POINTER, TYPE, INDEX, instance->FIELD.data[...], "
 */
typedef struct site {
    const char *start;
    slice_t field, pointer, type, index;
    const char *rest; /* behind "module_instance" */
} site_t;

static bool find_site(slice_t line, site_t *out) {
    static const char stop[] = ".module_instance";
    const char *hit = memmem(line.p, line.n, indirect, sizeof indirect - 1);
    if (hit == NULL) {
        return false;
    }
    const char *end = line.p + line.n, *at = hit + sizeof indirect - 1;
    out->start = hit;
    out->field = name_in((slice_t){at, (size_t)(end - at)});
    const char *last = memmem(at, (size_t)(end - at), stop, sizeof stop - 1);
    if (last == NULL) {
        return false;
    }
    out->rest = last + sizeof stop - 1;
    /* The pointer type has commas of its own; "TYPE, INDEX, instance->..." are the last three. */
    const char *comma = last;
    slice_t parts[3];
    const char *part_end = last;
    for (unsigned i = 0; i < 3; i++) {
        while (comma > at && !(comma[0] == ',' && comma[1] == ' ')) {
            comma--;
        }
        parts[i] = (slice_t){comma + 2, (size_t)(part_end - comma - 2)};
        part_end = comma;
        comma--;
    }
    out->index = parts[1];
    out->type = parts[2];
    const char *pointer = out->field.p + out->field.n + 2;
    if (pointer >= part_end || name_in(out->type).n != out->type.n) {
        return false;
    }
    out->pointer = (slice_t){pointer, (size_t)(part_end - pointer)};
    return true;
}

static void collect_calls(work_t *w) {
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            site_t site;
            const table_t *t =
                find_site(w->lines[f].line[i], &site) ? find_table(w, site.field) : NULL;
            if (t == NULL || find_call(w, site.field, site.type) != NULL) {
                continue;
            }
            call_t *all = arena_alloc(&w->arena, w->n_calls + 1, sizeof *all);
            if (w->n_calls > 0) {
                memcpy(all, w->calls, w->n_calls * sizeof *all);
            }
            all[w->n_calls++] =
                (call_t){site.field, site.type, span_of(t, find_type(w, site.type))};
            w->calls = all;
        }
    }
}

static void array_name(text_t *out, const call_t *c) {
    text_addf(out, "ingot_%.*s_in_%.*s", (int)c->type.n, c->type.p, (int)c->field.n, c->field.p);
}

static void define_arrays(work_t *w, text_t *out) {
    for (size_t i = 0; i < w->n_calls; i++) {
        const call_t *c = &w->calls[i];
        const table_t *t = find_table(w, c->field);
        if (c->span == 0) {
            continue;
        }
        size_t type = find_type(w, c->type)->type;
        text_puts(out, "INGOT_HIDDEN const wasm_rt_function_ptr_t ");
        array_name(out, c);
        text_addf(out, "[%u] = {\n", c->span);
        for (uint32_t k = 0; k < c->span; k++) {
            const entry_t *e = &t->entries[k];
            if (is_callable(e, type)) {
                text_addf(out, "  (wasm_rt_function_ptr_t)%.*s,\n", (int)e->function.n,
                          e->function.p);
            } else {
                text_puts(out, "  NULL,\n");
            }
        }
        text_puts(out, "};\n");
    }
}

static void rewrite_call(work_t *w, slice_t line, text_t *out) {
    site_t site;
    const call_t *c = find_site(line, &site) ? find_call(w, site.field, site.type) : NULL;
    if (c == NULL || c->span == 0) {
        text_add(out, line.p, line.n);
        return;
    }
    text_add(out, line.p, (size_t)(site.start - line.p));
    text_addf(out, "INGOT_CALL_KNOWN(instance->%.*s, ", (int)c->field.n, c->field.p);
    array_name(out, c);
    text_addf(out, ", %.*s, %.*s, %.*s, instance", (int)site.pointer.n, site.pointer.p,
              (int)site.type.n, site.type.p, (int)site.index.n, site.index.p);
    text_add(out, site.rest, (size_t)(line.p + line.n - site.rest));
}

static void declare_arrays(const work_t *w, text_t *out) {
    for (size_t i = 0; i < w->n_calls; i++) {
        if (w->calls[i].span > 0) {
            text_puts(out, "extern INGOT_HIDDEN const wasm_rt_function_ptr_t ");
            array_name(out, &w->calls[i]);
            text_addf(out, "[%u];\n", w->calls[i].span);
        }
    }
}

static void rewrite_files(work_t *w, size_t preamble) {
    static const char place[] = "static void init_tables(";
    /* What was found points into the old texts: they stay until all the new ones are there. */
    text_t *texts = xcalloc(w->n_files, sizeof *texts);
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (slice_starts(line, place) && slice_ends(line, "{")) {
                define_arrays(w, &texts[f]);
            }
            rewrite_call(w, line, &texts[f]);
            text_puts(&texts[f], "\n");
        }
    }
    if (w->n_files > 1) {
        declare_arrays(w, &texts[preamble]);
    }
    for (size_t f = 0; f < w->n_files; f++) {
        text_free(&w->files[f].text);
        w->files[f].text = texts[f];
    }
    free(texts);
}

void mend_tables(mend_file_t *files, size_t n_files, size_t preamble) {
    work_t w = {.files = files, .n_files = n_files};
    w.lines = arena_alloc(&w.arena, n_files, sizeof *w.lines);
    for (size_t f = 0; f < n_files; f++) {
        w.lines[f].line = split_lines(&w.arena, &files[f].text, &w.lines[f].n);
    }
    if (find_tables(&w)) {
        find_types(&w);
        for (size_t i = 0; i < w.n_tables; i++) {
            if (!read_table(&w, &w.tables[i])) {
                w.tables[i].entries = NULL;
            }
        }
        collect_calls(&w);
        if (w.n_calls > 0) {
            rewrite_files(&w, preamble);
        }
    }
    arena_free(&w.arena);
}
