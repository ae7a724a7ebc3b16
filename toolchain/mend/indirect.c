/* SPDX-License-Identifier: MIT */
/*
 * Indirect calls through tables that never change (table.c). A call as wasm2c writes it reads the
 * table's size and address, the entry's type, function and instance: fifteen instructions. Here
 *
 *  - where at most MOST_DIRECT functions of the table have the type, the call becomes a choice
 *    between direct calls, which the compiler may inline;
 *  - else the type gets a constant array of functions, in which what has another type is NULL: two
 *    comparisons, a load and a jump. Where the entries of a type are spread too thinly over the
 *    table, the call stays as it was.
 *
 * The table itself stays for telling how a call failed.
 */
#define _GNU_SOURCE /* memmem */

#include <stdlib.h>
#include <string.h>

#include "toolchain/mend/table.h"

#define MOST_DIRECT 4u  /* functions: a comparison each, and the array costs seven instructions */
#define MOST_INDICES 8u /* at which they are */
#define SMALL_SPAN 512u /* entries: an array this short is always made */
#define MOST_FILLERS 8u /* entries for each one of the type */

/* What becomes of the calls of a type through a table. */
typedef struct call {
    slice_t field, type;
    uint32_t direct[MOST_INDICES]; /* the entries, those with the same function side by side */
    unsigned n_direct;             /* 0: by the array */
    uint32_t span;                 /* of the array; 0: not made */
} call_t;

typedef struct work {
    arena_t arena;
    tables_t tables;
    call_t *calls; /* one for each type that is called through each table */
    size_t n_calls;
} work_t;

static const char indirect[] = "CALL_INDIRECT(instance->";

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

/* Fills `direct` when the functions of the type are few. */
static void find_direct(const table_t *t, const type_name_t *type, call_t *c) {
    unsigned functions = 0, indices = 0;
    for (uint32_t i = 0; i < t->n && type != NULL; i++) {
        if (!is_callable(&t->entries[i], type->type)) {
            continue;
        }
        unsigned at = indices;
        while (at > 0 &&
               !slice_same(t->entries[c->direct[at - 1]].function, t->entries[i].function)) {
            at--;
        }
        functions += at == 0;
        at = at == 0 ? indices : at;
        if (functions > MOST_DIRECT || indices == MOST_INDICES) {
            return;
        }
        memmove(&c->direct[at + 1], &c->direct[at], (indices - at) * sizeof c->direct[0]);
        c->direct[at] = i;
        indices++;
    }
    c->n_direct = indices;
}

static call_t *find_call(work_t *w, slice_t field, slice_t type) {
    for (size_t i = 0; i < w->n_calls; i++) {
        if (slice_same(w->calls[i].field, field) && slice_same(w->calls[i].type, type)) {
            return &w->calls[i];
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
    out->field = slice_name((slice_t){at, (size_t)(end - at)});
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
    if (pointer >= part_end || slice_name(out->type).n != out->type.n) {
        return false;
    }
    out->pointer = (slice_t){pointer, (size_t)(part_end - pointer)};
    return true;
}

static void add_call(work_t *w, const table_t *t, const site_t *site) {
    call_t *all = arena_alloc(&w->arena, w->n_calls + 1, sizeof *all);
    if (w->n_calls > 0) {
        memcpy(all, w->calls, w->n_calls * sizeof *all);
    }
    call_t *c = &all[w->n_calls++];
    w->calls = all;
    const type_name_t *type = find_type(&w->tables, site->type);
    *c = (call_t){.field = site->field, .type = site->type};
    find_direct(t, type, c);
    c->span = c->n_direct > 0 ? 0 : span_of(t, type);
}

static void collect_calls(work_t *w) {
    for (size_t f = 0; f < w->tables.n_files; f++) {
        const lines_t *lines = &w->tables.lines[f];
        for (size_t i = 0; i < lines->n; i++) {
            site_t site;
            const table_t *t =
                find_site(lines->line[i], &site) ? find_table(&w->tables, site.field) : NULL;
            if (t != NULL && find_call(w, site.field, site.type) == NULL) {
                add_call(w, t, &site);
            }
        }
    }
}

static void array_name(text_t *out, const call_t *c) {
    text_addf(out, "ingot_%.*s_in_%.*s", (int)c->type.n, c->type.p, (int)c->field.n, c->field.p);
}

static void define_arrays(work_t *w, text_t *out) {
    for (size_t i = 0; i < w->n_calls; i++) {
        const call_t *c = &w->calls[i];
        const table_t *t = find_table(&w->tables, c->field);
        if (c->span == 0) {
            continue;
        }
        size_t type = find_type(&w->tables, c->type)->type;
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

/*
 * "INDEX == 1u ? w2c_m_f(instance, ...) : INDEX == 4u || INDEX == 5u ? ... : (trap, ...)". The last
 * call is never made: it gives the trap the type of the others.
 */
static void direct_calls(const work_t *w, const call_t *c, const site_t *site, slice_t arguments,
                         text_t *out) {
    const entry_t *entries = find_table(&w->tables, c->field)->entries;
    slice_t function = entries[c->direct[0]].function;
    text_puts(out, "(");
    for (unsigned i = 0; i < c->n_direct; i++) {
        bool more = i + 1 < c->n_direct &&
                    slice_same(entries[c->direct[i + 1]].function, entries[c->direct[i]].function);
        text_addf(out, "%.*s == %uu", (int)site->index.n, site->index.p, c->direct[i]);
        if (more) {
            text_puts(out, " || ");
            continue;
        }
        function = entries[c->direct[i]].function;
        text_addf(out, " ? %.*s(instance%.*s : ", (int)function.n, function.p, (int)arguments.n,
                  arguments.p);
    }
    text_addf(out, "(wasm_rt_trap_call_indirect(&instance->%.*s, %.*s, %.*s), ", (int)c->field.n,
              c->field.p, (int)site->index.n, site->index.p, (int)c->type.n, c->type.p);
    text_addf(out, "%.*s(instance%.*s))", (int)function.n, function.p, (int)arguments.n,
              arguments.p);
}

static void rewrite_call(work_t *w, slice_t line, text_t *out) {
    site_t site;
    const call_t *c = find_site(line, &site) ? find_call(w, site.field, site.type) : NULL;
    slice_t rest = {0};
    if (c != NULL) {
        rest = (slice_t){site.rest, (size_t)(line.p + line.n - site.rest)};
    }
    bool direct = c != NULL && c->n_direct > 0 && slice_ends(rest, ");");
    if (c == NULL || (!direct && c->span == 0)) {
        text_add(out, line.p, line.n);
        return;
    }
    text_add(out, line.p, (size_t)(site.start - line.p));
    if (direct) {
        direct_calls(w, c, &site, (slice_t){rest.p, rest.n - 1}, out);
        text_puts(out, ";");
        return;
    }
    text_addf(out, "INGOT_CALL_KNOWN(instance->%.*s, ", (int)c->field.n, c->field.p);
    array_name(out, c);
    text_addf(out, ", %.*s, %.*s, %.*s, instance", (int)site.pointer.n, site.pointer.p,
              (int)site.type.n, site.type.p, (int)site.index.n, site.index.p);
    text_add(out, rest.p, rest.n);
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

static void rewrite_files(work_t *w, mend_file_t *files, size_t preamble) {
    static const char place[] = "static void init_tables(";
    size_t n_files = w->tables.n_files;
    /* What was found points into the old texts: they stay until all the new ones are there. */
    text_t *texts = xcalloc(n_files, sizeof *texts);
    for (size_t f = 0; f < n_files; f++) {
        const lines_t *lines = &w->tables.lines[f];
        for (size_t i = 0; i < lines->n; i++) {
            slice_t line = lines->line[i];
            if (slice_starts(line, place) && slice_ends(line, "{")) {
                define_arrays(w, &texts[f]);
            }
            rewrite_call(w, line, &texts[f]);
            text_puts(&texts[f], "\n");
        }
    }
    if (n_files > 1) {
        declare_arrays(w, &texts[preamble]);
    }
    for (size_t f = 0; f < n_files; f++) {
        text_free(&files[f].text);
        files[f].text = texts[f];
    }
    free(texts);
}

void mend_tables(mend_file_t *files, size_t n_files, size_t preamble) {
    work_t w = {.n_calls = 0};
    w.tables = (tables_t){.arena = &w.arena, .files = files, .n_files = n_files};
    w.tables.lines = arena_alloc(&w.arena, n_files, sizeof *w.tables.lines);
    for (size_t f = 0; f < n_files; f++) {
        lines_t *lines = &w.tables.lines[f];
        lines->line = split_lines(&w.arena, &files[f].text, &lines->n);
    }
    if (read_tables(&w.tables)) {
        collect_calls(&w);
        if (w.n_calls > 0) {
            rewrite_files(&w, files, preamble);
        }
    }
    arena_free(&w.arena);
}
