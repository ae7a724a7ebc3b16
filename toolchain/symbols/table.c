/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/table.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/debug/symtab.h"
#include "toolchain/symbols/flow.h"
#include "toolchain/symbols/leb.h"
#include "toolchain/symbols/line_table.h"
#include "toolchain/symbols/rules.h"
#include "toolchain/symbols/tokens.h"

/* Of a call inlined into another wasm function, pieces shorter than this are left out when nothing
 * in them can trap: only a profile would miss them. (In a wrapper around an export they are what
 * tells that translated code runs.) In bytes. */
#define SMALL_PIECE 32u

typedef struct builder {
    const elf_t *elf;
    const names_t *names;
    debug_t debug;
    bool has_lines; /* the table tells lines */
    line_table_t lines;
} builder_t;

/* ---- names ---- */

static int by_name(const void *a, const void *b) {
    const inlined_t *x = *(inlined_t *const *)a, *y = *(inlined_t *const *)b;
    return strcmp(x->name, y->name);
}

typedef struct function_name {
    const char *name;
    uint32_t index;
} function_name_t;

static int by_text(const void *a, const void *b) {
    return strcmp(((const function_name_t *)a)->name, ((const function_name_t *)b)->name);
}

static const char *function_name(const builder_t *b, uint32_t i) {
    const char *symbol = b->elf->functions[i].symbol, *name = names_find(b->names, symbol);
    return name != NULL ? name : symbol;
}

static place_t declaration(const builder_t *b, uint32_t i) {
    const names_entry_t *e = names_entry(b->names, b->elf->functions[i].symbol);
    return e != NULL ? e->declared : (place_t){0};
}

/* Lists all names, functions first, and tells each inlined call which is its; and where each is
 * declared. */
static text_t *list_names(builder_t *b, uint32_t *n, place_t **places) {
    uint32_t n_functions = b->elf->n_functions;
    text_t *texts = xcalloc(n_functions + b->debug.n_inlined + b->elf->n_types + b->names->n_files,
                            sizeof *texts);
    function_name_t *functions = xcalloc(n_functions, sizeof *functions);
    inlined_t **calls = xcalloc(b->debug.n_inlined, sizeof *calls);
    size_t n_calls = 0;
    *n = n_functions;
    place_t *declared = *places = xcalloc(
        n_functions + b->debug.n_inlined + b->elf->n_types + b->names->n_files, sizeof *declared);
    for (uint32_t i = 0; i < n_functions; i++) {
        declared[i] = declaration(b, i);
        functions[i] = (function_name_t){function_name(b, i), i};
        text_puts(&texts[i], functions[i].name);
    }
    for (size_t i = 0; i < b->debug.n_inlined; i++) {
        if (b->debug.inlined[i].name != NULL) {
            calls[n_calls++] = &b->debug.inlined[i];
        }
    }
    if (n_functions > 0) {
        qsort(functions, n_functions, sizeof *functions, by_text);
    }
    if (n_calls > 0) {
        qsort(calls, n_calls, sizeof *calls, by_name);
    }
    for (size_t i = 0; i < n_calls; i++) {
        if (i > 0 && strcmp(calls[i]->name, calls[i - 1]->name) == 0) {
            calls[i]->name_index = calls[i - 1]->name_index;
            continue;
        }
        function_name_t key = {calls[i]->name, 0};
        const function_name_t *f =
            n_functions == 0 ? NULL : bsearch(&key, functions, n_functions, sizeof key, by_text);
        calls[i]->name_index = f != NULL ? f->index : *n;
        if (f == NULL) {
            declared[*n] = calls[i]->declared;
            text_puts(&texts[(*n)++], calls[i]->name);
        }
    }
    free(functions);
    free(calls);
    return texts;
}

static void list_types(const builder_t *b, symtab_type_t *types, text_t *texts, uint32_t *n) {
    for (uint32_t i = 0; i < b->elf->n_types; i++) {
        const char *text = names_find(b->names, b->elf->types[i].symbol);
        types[i] = (symtab_type_t){(uint32_t)(b->elf->types[i].start - b->elf->text), *n};
        text_puts(&texts[(*n)++], text != NULL ? text : "?");
    }
}

/* ---- rules, once for all functions that have the same ---- */

typedef struct shared {
    const text_t *bytes;
    uint32_t first; /* which rules_t this was */
    uint32_t uses, offset;
} shared_t;

static int compare_bytes(const text_t *a, const text_t *b) {
    size_t n = a->len < b->len ? a->len : b->len;
    int c = memcmp(a->data, b->data, n);
    return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

static int by_bytes(const void *a, const void *b) {
    return compare_bytes(((const shared_t *)a)->bytes, ((const shared_t *)b)->bytes);
}

static int by_uses(const void *a, const void *b) {
    const shared_t *x = a, *y = b;
    if (x->uses != y->uses) {
        return x->uses > y->uses ? -1 : 1;
    }
    return compare_bytes(x->bytes, y->bytes);
}

/* The commonest first: their offsets take one byte. Answers each rules_t's offset. */
static uint32_t *share_rules(const rules_t *rules, uint32_t n, text_t *out) {
    uint32_t *offsets = xcalloc(n, sizeof *offsets);
    shared_t *all = xcalloc(n, sizeof *all), *unique = xcalloc(n, sizeof *unique);
    uint32_t *unique_of = xcalloc(n, sizeof *unique_of), *place = xcalloc(n, sizeof *place);
    uint32_t n_unique = 0;
    for (uint32_t i = 0; i < n; i++) {
        all[i] = (shared_t){.bytes = &rules[i].bytes, .first = i};
    }
    if (n > 0) {
        qsort(all, n, sizeof *all, by_bytes);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || compare_bytes(all[i].bytes, all[i - 1].bytes) != 0) {
            unique[n_unique] = all[i];
            unique[n_unique].first = n_unique;
            n_unique++;
        }
        unique[n_unique - 1].uses++;
        unique_of[all[i].first] = n_unique - 1;
    }
    if (n_unique > 0) {
        qsort(unique, n_unique, sizeof *unique, by_uses);
    }
    /* Offset 0: no rows, for functions that have no rules. */
    leb_add(out, 0);
    for (uint32_t i = 0; i < n_unique; i++) {
        place[unique[i].first] = unique[i].bytes->len == 1 ? 0 : (uint32_t)out->len;
        if (unique[i].bytes->len > 1) {
            text_add(out, unique[i].bytes->data, unique[i].bytes->len);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        offsets[i] = place[unique_of[i]];
    }
    free(all);
    free(unique);
    free(unique_of);
    free(place);
    return offsets;
}

/* ---- the whole ---- */

static void add_inlined(builder_t *b, const elf_function_t *f, size_t *next, text_t *out) {
    const debug_t *d = &b->debug;
    uint64_t at = f->start;
    cursor_t text = elf_code(b->elf);
    bool is_wasm = names_find(b->names, f->symbol) != NULL;
    while (*next < d->n_inlined && d->inlined[*next].low < f->end) {
        const inlined_t *call = &d->inlined[(*next)++];
        uint64_t len = call->high - call->low;
        cursor_t code = cursor_at(text, call->low - b->elf->text);
        if (call->name == NULL || call->low < f->start || call->high > f->end ||
            take(&code, len) == NULL ||
            (is_wasm && len < SMALL_PIECE && !flow_matters(code.p - len, len))) {
            continue;
        }
        leb_add(out, (call->low - at) / 2);
        leb_add(out, (call->high - call->low) / 2);
        leb_add(out, call->name_index);
        line_table_call(&b->lines, call);
        at = call->low;
    }
}

static void add_raw(text_t *t, const void *data, size_t len) {
    text_add(t, data, len);
}

static void pad(text_t *t) {
    while (t->len % 4 != 0) {
        text_add(t, "", 1);
    }
}

/* Entries of all functions, and where each block of them starts. */
static void write_functions(builder_t *b, const place_t *declared, text_t *out,
                            symtab_block_t *blocks, text_t *rules, table_sizes_t *sizes) {
    const elf_t *elf = b->elf;
    uint32_t n_rules;
    rules_t *all = rules_read(elf_section(elf, ".debug_frame"), elf_code(elf), elf->text, &n_rules);
    uint32_t *offsets = share_rules(all, n_rules, rules);
    uint64_t end = 0;
    size_t next_inlined = 0;
    uint32_t next_rule = 0;
    for (uint32_t i = 0; i < elf->n_functions; i++) {
        const elf_function_t *f = &elf->functions[i];
        if (i % SYMTAB_BLOCK == 0) {
            blocks[i / SYMTAB_BLOCK] =
                (symtab_block_t){(uint32_t)(f->start - elf->text), (uint32_t)out->len};
            end = f->start;
        }
        while (next_rule < n_rules && all[next_rule].start < f->start) {
            next_rule++;
        }
        bool has_rules = next_rule < n_rules && all[next_rule].start == f->start;
        text_t calls = {0};
        add_inlined(b, f, &next_inlined, &calls);
        if (f->start > end) {
            leb_add(out, 0);
            leb_add(out, (f->start - end) / 2);
        }
        leb_add(out, (f->end - f->start) / 2 * 2 + (calls.len > 0));
        leb_add(out, has_rules ? offsets[next_rule] : 0);
        if (calls.len > 0) {
            leb_add(out, calls.len);
            text_add(out, calls.data, calls.len);
            sizes->inlined += calls.len;
        }
        line_table_function(&b->lines, f, declared[i]);
        text_free(&calls);
        end = f->end;
    }
    for (uint32_t i = 0; i < n_rules; i++) {
        text_free(&all[i].bytes);
    }
    free(all);
    free(offsets);
}

/* Names of the source files that places are in, behind all others. */
static void list_files(const builder_t *b, text_t *texts, uint32_t *n) {
    for (uint32_t i = 0; b->has_lines && i < b->lines.n_used; i++) {
        text_puts(&texts[(*n)++], b->names->files[b->lines.used[i] - 1].name);
    }
}

void table_make(const elf_t *elf, const names_t *names, text_t *out, table_sizes_t *sizes) {
    builder_t b = {.elf = elf, .names = names};
    *sizes = (table_sizes_t){0};
    debug_read(elf, names, &b.debug);
    b.has_lines = b.debug.n_lines > 0;
    line_table_start(&b.lines, elf, names, &b.debug);
    uint32_t n_names;
    place_t *declared;
    text_t *texts = list_names(&b, &n_names, &declared);
    symtab_type_t *types = xcalloc(elf->n_types, sizeof *types);
    list_types(&b, types, texts, &n_names);
    uint32_t n_blocks = (elf->n_functions + SYMTAB_BLOCK - 1) / SYMTAB_BLOCK;
    symtab_block_t *blocks = xcalloc(n_blocks, sizeof *blocks);
    text_t functions = {0}, rules = {0}, name_bytes = {0};
    write_functions(&b, declared, &functions, blocks, &rules, sizes);
    line_table_names(&b.lines, declared, n_names);
    uint32_t first_file = n_names;
    list_files(&b, texts, &n_names);
    tokens_t tokens;
    tokens_encode(&tokens, texts, n_names);
    uint32_t n_name_blocks = (n_names + SYMTAB_BLOCK - 1) / SYMTAB_BLOCK;
    uint32_t *name_blocks = xcalloc(n_name_blocks, sizeof *name_blocks);
    for (uint32_t i = 0; i < n_names; i++) {
        if (i % SYMTAB_BLOCK == 0) {
            name_blocks[i / SYMTAB_BLOCK] = (uint32_t)name_bytes.len;
        }
        leb_add(&name_bytes, texts[i].len);
        text_add(&name_bytes, text_str(&texts[i]), texts[i].len);
        text_free(&texts[i]);
    }

    symtab_header_t h = {.magic = SYMTAB_MAGIC,
                         .n_functions = elf->n_functions,
                         .n_names = n_names,
                         .n_types = elf->n_types,
                         .n_literals = tokens.n_literals,
                         .n_pairs = tokens.n_pairs};
    h.rules = (uint32_t)(sizeof h + n_blocks * sizeof *blocks + n_name_blocks * 4 +
                         elf->n_types * sizeof *types + tokens.n_literals + 2 * tokens.n_pairs);
    h.functions = h.rules + (uint32_t)rules.len;
    h.names = h.functions + (uint32_t)functions.len;
    h.size = h.names + (uint32_t)name_bytes.len;
    text_t lines = {0};
    if (b.has_lines) {
        line_table_write(&b.lines, &lines);
        h.first_file = first_file;
        h.lines = (h.size + 3) / 4 * 4;
        h.size = h.lines + (uint32_t)lines.len;
    }
    add_raw(out, &h, sizeof h);
    add_raw(out, blocks, n_blocks * sizeof *blocks);
    add_raw(out, name_blocks, n_name_blocks * sizeof *name_blocks);
    add_raw(out, types, elf->n_types * sizeof *types);
    add_raw(out, tokens.literals, tokens.n_literals);
    add_raw(out, tokens.pairs, 2 * tokens.n_pairs);
    add_raw(out, text_str(&rules), rules.len);
    add_raw(out, text_str(&functions), functions.len);
    add_raw(out, text_str(&name_bytes), name_bytes.len);
    pad(out);
    add_raw(out, text_str(&lines), lines.len);
    pad(out);
    sizes->lines = lines.len;
    sizes->functions = functions.len - sizes->inlined + n_blocks * sizeof *blocks;
    sizes->rules = rules.len;
    sizes->names = name_bytes.len + n_name_blocks * sizeof *name_blocks;
    sizes->tokens = tokens.n_literals + 2 * tokens.n_pairs;
    text_free(&functions);
    text_free(&rules);
    text_free(&name_bytes);
    free(blocks);
    free(name_blocks);
    free(types);
    free(texts);
    free(declared);
    text_free(&lines);
    line_table_free(&b.lines);
    debug_free(&b.debug);
}
