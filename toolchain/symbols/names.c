/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/symtab.h"
#include "toolchain/lib/file.h"
#include "toolchain/symbols/rust.h"

/* Longer names are cut: they are for people. */
#define MAX_NAME 240u

typedef struct lines {
    char *next;
} lines_t;

/* The next line without its newline, or NULL. */
static char *next_line(lines_t *l) {
    char *line = l->next;
    if (line == NULL || *line == 0) {
        return NULL;
    }
    char *end = strchr(line, '\n');
    l->next = end != NULL ? end + 1 : NULL;
    if (end != NULL) {
        *end = 0;
    }
    return line;
}

/* Cuts the field that ends at the next tab off; NULL when there is none. */
static char *next_field(char **rest) {
    char *field = *rest;
    char *tab = field != NULL ? strchr(field, '\t') : NULL;
    *rest = tab != NULL ? tab + 1 : NULL;
    if (tab != NULL) {
        *tab = 0;
    }
    return field;
}

static void add(names_t *names, const char *symbol, size_t symbol_len, const text_t *name) {
    if (names->n == names->room) {
        names->room = names->room == 0 ? 256 : names->room * 2;
        names->entries = xrealloc(names->entries, names->room * sizeof *names->entries);
    }
    text_t s = {0}, cut = {0};
    text_add(&s, symbol, symbol_len);
    size_t len = name->len;
    if (len > MAX_NAME) {
        len = MAX_NAME;
        while (len > 0 && ((unsigned char)name->data[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    text_add(&cut, text_str(name), len);
    text_puts(&cut, len < name->len ? "..." : "");
    names->entries[names->n++] = (names_entry_t){s.data, cut.data};
}

/*
 * The function that a line declares, if it does: "[static] RESULT
 * w2c_SYMBOL_NAME(w2c_SYMBOL*...);". `instance` is "(w2c_SYMBOL*".
 */
static bool declared(const char *line, const char *instance, const char **symbol, size_t *len) {
    const char *open = strchr(line, '(');
    size_t n = strlen(line);
    if (open == NULL || n < 2 || strcmp(line + n - 2, ");") != 0 || isspace((unsigned char)*line) ||
        strncmp(open, instance, strlen(instance)) != 0) {
        return false;
    }
    const char *start = open;
    while (start > line && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) {
        start--;
    }
    *symbol = start;
    *len = (size_t)(open - start);
    return start > line && start < open;
}

static status_t read_module(names_t *names, char *fields, lines_t *symbols, const char *source) {
    char *symbol = next_field(&fields), *module = next_field(&fields), *count = next_field(&fields);
    if (count == NULL) {
        fprintf(stderr, "error: symbols.txt: a module without its fields\n");
        return ERR_CORRUPT;
    }
    uint8_t *text;
    size_t len;
    status_t s = file_read(source, &text, &len);
    if (s != STATUS_OK) {
        return s;
    }
    unsigned long expected = strtoul(count, NULL, 10), found = 0;
    text_t instance = {0}, name = {0};
    /* In the type's name wasm2c doubles the underscores of the module's. */
    text_puts(&instance, "(w2c_");
    for (const char *p = symbol; *p != 0; p++) {
        text_add(&instance, *p == '_' ? "__" : p, *p == '_' ? 2 : 1);
    }
    text_puts(&instance, "*");
    lines_t source_lines = {(char *)text};
    char *line, *wanted;
    while (found < expected && (line = next_line(&source_lines)) != NULL) {
        const char *c_symbol;
        size_t c_len;
        if (!declared(line, text_str(&instance), &c_symbol, &c_len)) {
            continue;
        }
        if ((wanted = next_line(symbols)) == NULL) {
            break;
        }
        name.len = 0;
        text_addf(&name, "%c%s!", SYMTAB_WASM, module);
        if (!rust_demangle(wanted, &name)) {
            text_puts(&name, wanted);
        }
        add(names, c_symbol, c_len, &name);
        found++;
    }
    if (found != expected) {
        fprintf(stderr, "error: %s: declares %lu functions of module `%s`, expected %lu\n", source,
                found, module, expected);
        s = ERR_CORRUPT;
    }
    text_free(&instance);
    text_free(&name);
    free(text);
    return s;
}

static void add_named(names_t *names, const char *prefix, char *fields) {
    const char *symbol = next_field(&fields);
    text_t name = {0};
    text_addf(&name, "%s%s", prefix, fields != NULL ? fields : "");
    if (symbol != NULL) {
        add(names, symbol, strlen(symbol), &name);
    }
    text_free(&name);
}

static int by_symbol(const void *a, const void *b) {
    return strcmp(((const names_entry_t *)a)->symbol, ((const names_entry_t *)b)->symbol);
}

status_t names_read(const char *path, const char *const *sources, size_t n_sources, names_t *out) {
    *out = (names_t){0};
    uint8_t *text;
    size_t len, module = 0;
    status_t s = file_read(path, &text, &len);
    if (s != STATUS_OK) {
        return s;
    }
    lines_t lines = {(char *)text};
    char *line;
    while (s == STATUS_OK && (line = next_line(&lines)) != NULL) {
        char *rest = line;
        const char *kind = next_field(&rest);
        if (strcmp(kind, "module") == 0 && module < n_sources) {
            s = read_module(out, rest, &lines, sources[module++]);
        } else if (strcmp(kind, "host") == 0) {
            add_named(out, (char[]){SYMTAB_HOST, 0}, rest);
        } else if (strcmp(kind, "type") == 0) {
            add_named(out, "", rest);
        } else {
            fprintf(stderr, "error: %s: not a plan's symbols, or a module without its C\n", path);
            s = ERR_CORRUPT;
        }
    }
    free(text);
    if (s == STATUS_OK && out->n > 0) {
        qsort(out->entries, out->n, sizeof *out->entries, by_symbol);
    }
    if (s != STATUS_OK) {
        names_free(out);
    }
    return s;
}

void names_free(names_t *names) {
    for (size_t i = 0; i < names->n; i++) {
        free(names->entries[i].symbol);
        free(names->entries[i].name);
    }
    free(names->entries);
    *names = (names_t){0};
}

const char *names_find(const names_t *names, const char *symbol) {
    /* The form of a function that is called in tail position has the same name. */
    static const char tail[] = "wasm_tailcall_";
    if (strncmp(symbol, tail, strlen(tail)) == 0) {
        symbol += strlen(tail);
    }
    names_entry_t key = {(char *)symbol, NULL};
    const names_entry_t *e =
        names->n == 0 ? NULL : bsearch(&key, names->entries, names->n, sizeof key, by_symbol);
    return e != NULL ? e->name : NULL;
}
