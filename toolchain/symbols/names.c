/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/debug/symtab.h"
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

static void add(names_t *names, const char *symbol, size_t symbol_len, const text_t *name,
                place_t declared) {
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
    names->entries[names->n++] = (names_entry_t){s.data, cut.data, declared};
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

static char *copy(const char *s) {
    size_t n = strlen(s) + 1;
    return memcpy(xmalloc(n), s, n);
}

/* "PATH NAME" of the module's source files; false: there are fewer. */
static bool read_files(names_t *names, lines_t *symbols, unsigned long n) {
    for (unsigned long i = 0; i < n; i++) {
        char *rest = next_line(symbols);
        const char *path = next_field(&rest);
        if (rest == NULL) {
            return false;
        }
        if (names->n_files == names->files_room) {
            names->files_room = names->files_room == 0 ? 64 : names->files_room * 2;
            names->files = xrealloc(names->files, names->files_room * sizeof *names->files);
        }
        names->files[names->n_files++] = (names_file_t){copy(path), copy(rest)};
    }
    return true;
}

/* "FILE LINE", where the module's files start at `first`; none when there is nothing. */
static place_t read_declared(char *fields, size_t first, unsigned long n_files) {
    char *line = fields;
    const char *file = next_field(&line);
    unsigned long number = file != NULL ? strtoul(file, NULL, 10) : n_files;
    if (line == NULL || number >= n_files) {
        return (place_t){0};
    }
    return (place_t){(uint32_t)(first + number + 1), (uint32_t)strtoul(line, NULL, 10)};
}

static status_t read_module(names_t *names, char *fields, lines_t *symbols, const char *source) {
    char *symbol = next_field(&fields), *module = next_field(&fields), *count = next_field(&fields);
    char *n_files_text = next_field(&fields);
    unsigned long n_files = n_files_text != NULL ? strtoul(n_files_text, NULL, 10) : 0;
    size_t first_file = names->n_files;
    if (n_files_text == NULL || !read_files(names, symbols, n_files)) {
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
        char *rest = wanted;
        const char *function = next_field(&rest);
        name.len = 0;
        text_addf(&name, "%c%s!", SYMTAB_WASM, module);
        if (!rust_demangle(function, &name)) {
            text_puts(&name, function);
        }
        add(names, c_symbol, c_len, &name, read_declared(rest, first_file, n_files));
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
        add(names, symbol, strlen(symbol), &name, (place_t){0});
    }
    text_free(&name);
}

static int by_symbol(const void *a, const void *b) {
    return strcmp(((const names_entry_t *)a)->symbol, ((const names_entry_t *)b)->symbol);
}

typedef struct numbered_file {
    names_file_t file;
    uint32_t number;
} numbered_file_t;

static int by_path(const void *a, const void *b) {
    return strcmp(((const numbered_file_t *)a)->file.path, ((const numbered_file_t *)b)->file.path);
}

/* Sorts the files, each of them once, and numbers the declarations anew. */
static void sort_files(names_t *names) {
    size_t n = names->n_files;
    numbered_file_t *all = xcalloc(n, sizeof *all);
    uint32_t *number = xcalloc(n + 1, sizeof *number);
    for (uint32_t i = 0; i < n; i++) {
        all[i] = (numbered_file_t){names->files[i], i + 1};
    }
    if (n > 0) {
        qsort(all, n, sizeof *all, by_path);
    }
    names->n_files = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && strcmp(names->files[names->n_files - 1].path, all[i].file.path) == 0) {
            free(all[i].file.path);
            free(all[i].file.name);
        } else {
            names->files[names->n_files++] = all[i].file;
        }
        number[all[i].number] = (uint32_t)names->n_files;
    }
    for (size_t i = 0; i < names->n; i++) {
        names->entries[i].declared.file = number[names->entries[i].declared.file];
    }
    free(all);
    free(number);
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
    if (s == STATUS_OK) {
        sort_files(out);
    }
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
    for (size_t i = 0; i < names->n_files; i++) {
        free(names->files[i].path);
        free(names->files[i].name);
    }
    free(names->entries);
    free(names->files);
    *names = (names_t){0};
}

const names_entry_t *names_entry(const names_t *names, const char *symbol) {
    /* The form of a function that is called in tail position has the same name. */
    static const char tail[] = "wasm_tailcall_";
    if (strncmp(symbol, tail, strlen(tail)) == 0) {
        symbol += strlen(tail);
    }
    names_entry_t key = {.symbol = (char *)symbol};
    return names->n == 0 ? NULL : bsearch(&key, names->entries, names->n, sizeof key, by_symbol);
}

const char *names_find(const names_t *names, const char *symbol) {
    const names_entry_t *e = names_entry(names, symbol);
    return e != NULL ? e->name : NULL;
}

static int by_file(const void *key, const void *file) {
    return strcmp(key, ((const names_file_t *)file)->path);
}

uint32_t names_file(const names_t *names, const char *directory, const char *name) {
    if (names->n_files == 0) {
        return 0;
    }
    text_t path = {0};
    if (directory != NULL && name[0] != '/') {
        size_t n = strlen(directory);
        text_addf(&path, "%s%s", directory, n > 0 && directory[n - 1] == '/' ? "" : "/");
    }
    text_puts(&path, name);
    const names_file_t *f =
        bsearch(text_str(&path), names->files, names->n_files, sizeof *f, by_file);
    text_free(&path);
    return f != NULL ? (uint32_t)(f - names->files) + 1 : 0;
}
