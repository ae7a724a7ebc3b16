/* SPDX-License-Identifier: MIT */
/*
 * Tables that never change. Where nothing but the module's own element segments, at constant
 * offsets, ever writes a table, its contents are known now. A table qualifies when every mention of
 * it is one that is known here. One that is exported or imported, or that an instruction other than
 * call_indirect uses, does not.
 */
#define _GNU_SOURCE /* memmem */

#include <stdlib.h>
#include <string.h>

#include "toolchain/mend/table.h"

#define MAX_ENTRIES 1000000u

static const char allocate[] = "  wasm_rt_allocate_funcref_table(&instance->";
static const char init[] = "  funcref_table_init(&instance->";

/* The text up to the next comma; `s` goes on behind it and the blank. */
static slice_t argument(slice_t *s) {
    size_t n = 0;
    while (n < s->n && s->p[n] != ',') {
        n++;
    }
    slice_t result = {s->p, n};
    *s = n + 2 <= s->n ? slice_after(*s, n + 2) : (slice_t){s->p, 0};
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

static bool find_tables(tables_t *w) {
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (!slice_starts(line, allocate)) {
                continue;
            }
            slice_t rest = slice_after(line, sizeof allocate - 1);
            table_t t = {.field = slice_name(argument(&rest))};
            if (t.field.n == 0 || !number(argument(&rest), &t.n)) {
                continue;
            }
            t.entries = arena_alloc(w->arena, t.n + 1, sizeof *t.entries);
            table_t *all = arena_alloc(w->arena, w->n_tables + 1, sizeof *all);
            if (w->n_tables > 0) {
                memcpy(all, w->tables, w->n_tables * sizeof *all);
            }
            all[w->n_tables++] = t;
            w->tables = all;
        }
    }
    return w->n_tables > 0;
}

const type_name_t *find_type(const tables_t *w, slice_t name) {
    for (size_t i = 0; i < w->n_types; i++) {
        if (slice_same(w->types[i].name, name)) {
            return &w->types[i];
        }
    }
    return NULL;
}

static void add_type(tables_t *w, slice_t name, slice_t symbol) {
    size_t first = 0;
    while (first < w->n_types && !slice_same(w->types[first].symbol, symbol)) {
        first++;
    }
    if ((w->n_types & (w->n_types - 1)) == 0) { /* full at every power of two */
        type_name_t *all = arena_alloc(w->arena, 2 * w->n_types + 1, sizeof *all);
        if (w->n_types > 0) {
            memcpy(all, w->types, w->n_types * sizeof *all);
        }
        w->types = all;
    }
    w->types[w->n_types++] = (type_name_t){name, symbol, first};
}

/* Types are the same when their symbols are. */
static void find_types(tables_t *w) {
    static const char define[] = "#define w2c_";
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (slice_starts(line, define)) {
                slice_t name = slice_name(slice_after(line, sizeof define - 1 - 4));
                slice_t symbol = slice_after(line, (size_t)(name.p - line.p) + name.n);
                if (slice_starts(symbol, " ingot_type_") && find_type(w, name) == NULL) {
                    add_type(w, name, slice_after(symbol, 1));
                }
            }
        }
    }
}

/* "static const ...", or without `static` where a module is several files. */
static slice_t without_static(slice_t line) {
    static const char word[] = "static ";
    return slice_starts(line, word) ? slice_after(line, sizeof word - 1) : line;
}

/* The lines between "NAME[] = {" and "};" of an element segment, wherever it is. */
static const slice_t *segment(tables_t *w, slice_t name, size_t *count) {
    text_t head = {0};
    text_addf(&head, "const wasm_elem_segment_expr_t %.*s[] = {", (int)name.n, name.p);
    const slice_t *found = NULL;
    for (size_t f = 0; f < w->n_files && found == NULL; f++) {
        const lines_t *l = &w->lines[f];
        size_t i = 0;
        while (i < l->n && !slice_equals(without_static(l->line[i]), text_str(&head))) {
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
static bool read_entry(const tables_t *w, slice_t line, entry_t *out) {
    static const char func[] = "  {RefFunc, ", null[] = "  {RefNull, ";
    static const char cast[] = "(wasm_rt_function_ptr_t)";
    if (slice_starts(line, null)) {
        *out = (entry_t){{NULL, 0}, 0};
        return true;
    }
    if (!slice_starts(line, func)) {
        return false;
    }
    slice_t rest = slice_after(line, sizeof func - 1);
    const type_name_t *type = find_type(w, argument(&rest));
    slice_t function = argument(&rest);
    if (type == NULL || !slice_starts(function, cast)) {
        return false;
    }
    *out = (entry_t){slice_after(function, sizeof cast - 1), type->type};
    return out->function.n > 0 && slice_name(out->function).n == out->function.n;
}

/* "SEGMENT, SIZE, OFFSETu, 0, COUNT, instance);" behind the field. */
static bool apply_segment(tables_t *w, table_t *t, slice_t rest) {
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

static size_t count_everywhere(tables_t *w, const char *before, const table_t *t,
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
static bool read_table(tables_t *w, table_t *t) {
    size_t segments = 0;
    for (size_t f = 0; f < w->n_files; f++) {
        for (size_t i = 0; i < w->lines[f].n; i++) {
            slice_t line = w->lines[f].line[i];
            if (!slice_starts(line, init)) {
                continue;
            }
            slice_t rest = slice_after(line, sizeof init - 1);
            if (!slice_same(argument(&rest), t->field)) {
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

const table_t *find_table(const tables_t *w, slice_t field) {
    for (size_t i = 0; i < w->n_tables; i++) {
        if (slice_same(w->tables[i].field, field) && w->tables[i].entries != NULL) {
            return &w->tables[i];
        }
    }
    return NULL;
}

bool read_tables(tables_t *w) {
    if (!find_tables(w)) {
        return false;
    }
    find_types(w);
    for (size_t i = 0; i < w->n_tables; i++) {
        if (!read_table(w, &w->tables[i])) {
            w->tables[i].entries = NULL;
        }
    }
    return true;
}
