/* SPDX-License-Identifier: MIT */
/* ingot-symbols: the command line. Exit codes: 0 done, 1 refused (told on stderr), 2 usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"
#include "toolchain/symbols/table.h"

static const char usage_text[] =
    "usage: ingot-symbols [--sizes] [--list] --elf IMAGE.elf [--plan symbols.txt [--source "
    "FILE]...] -o "
    "OUT\n"
    "       ingot-symbols --check IMAGE.elf --table OUT [--plan symbols.txt [--source FILE]...]\n"
    "\n"
    "Makes the table of functions that an image carries for its backtraces "
    "(kernel/debug/symtab.h).\n"
    "--source, once for each module of the plan in its order: the C that declares its functions.\n"
    "--check  refuses when the table is not that of this image, linked with the table in it\n"
    "--list   writes a line for each wasm function and host call of the image instead: its C "
    "symbol,\n"
    "         a tab, its name\n"
    "--sizes  prints what each part of the table takes\n";

typedef struct options {
    const char *elf, *check, *table, *plan, *out;
    const char **sources;
    size_t n_sources;
    bool sizes, list;
} options_t;

static bool parse(int argc, char **argv, options_t *o) {
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        const char **value = strcmp(word, "--elf") == 0      ? &o->elf
                             : strcmp(word, "--check") == 0  ? &o->check
                             : strcmp(word, "--table") == 0  ? &o->table
                             : strcmp(word, "--plan") == 0   ? &o->plan
                             : strcmp(word, "--source") == 0 ? &o->sources[o->n_sources++]
                             : strcmp(word, "-o") == 0       ? &o->out
                                                             : NULL;
        if (strcmp(word, "--sizes") == 0) {
            o->sizes = true;
        } else if (strcmp(word, "--list") == 0) {
            o->list = true;
        } else if (value == NULL || i + 1 == argc) {
            return false;
        } else {
            *value = argv[++i];
        }
    }
    bool make = o->elf != NULL && o->out != NULL, check = o->check != NULL && o->table != NULL;
    return make != check && (o->plan != NULL || o->n_sources == 0);
}

static status_t compare(const options_t *o, const text_t *table) {
    uint8_t *bytes;
    size_t len;
    status_t s = file_read(o->table, &bytes, &len);
    if (s == STATUS_OK && (len != table->len || memcmp(bytes, table->data, len) != 0)) {
        fprintf(stderr, "error: %s: its code moved when its table of functions was linked in\n",
                o->check);
        s = ERR_CORRUPT;
    }
    if (s == STATUS_OK || s == ERR_CORRUPT) {
        free(bytes);
    }
    return s;
}

static void list(const elf_t *elf, const names_t *names, text_t *out) {
    for (uint32_t i = 0; i < elf->n_functions; i++) {
        const char *name = names_find(names, elf->functions[i].symbol);
        if (name != NULL) {
            text_addf(out, "%s\t%s\n", elf->functions[i].symbol, name + 1);
        }
    }
}

static status_t run(const options_t *o) {
    elf_t elf;
    names_t names = {0};
    text_t table = {0};
    table_sizes_t sizes;
    status_t s = elf_read(o->check != NULL ? o->check : o->elf, &elf);
    if (s != STATUS_OK) {
        return s;
    }
    if (o->plan != NULL) {
        s = names_read(o->plan, o->sources, o->n_sources, &names);
    }
    if (s == STATUS_OK && o->list) {
        list(&elf, &names, &table);
        s = file_write(o->out, text_str(&table), table.len);
    } else if (s == STATUS_OK) {
        table_make(&elf, &names, &table, &sizes);
        s = o->check != NULL ? compare(o, &table) : file_write(o->out, table.data, table.len);
    }
    if (s == STATUS_OK && o->sizes && !o->list) {
        printf("functions %zu, inlined calls %zu, lines %zu, frame rules %zu, names %zu, tokens "
               "%zu, in all "
               "%zu bytes\n",
               sizes.functions, sizes.inlined, sizes.lines, sizes.rules, sizes.names, sizes.tokens,
               table.len);
    }
    text_free(&table);
    names_free(&names);
    elf_free(&elf);
    return s;
}

int main(int argc, char **argv) {
    options_t o = {.sources = xcalloc((size_t)argc, sizeof *o.sources)};
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    int code = 0;
    if (help || !parse(argc, argv, &o)) {
        fputs(usage_text, help ? stdout : stderr);
        code = help ? 0 : 2;
    } else if (run(&o) != STATUS_OK) {
        code = 1;
    }
    free(o.sources);
    return code;
}
