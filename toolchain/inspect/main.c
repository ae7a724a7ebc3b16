/* SPDX-License-Identifier: MIT */
/* ingot-inspect: the command line. Exit codes: 0 done, 1 refused (told on stderr), 2 usage. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "toolchain/inspect/expand.h"
#include "toolchain/inspect/mark.h"
#include "toolchain/inspect/plan.h"
#include "toolchain/inspect/show.h"
#include "toolchain/lib/file.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2 };

static const char usage_text[] =
    "usage: ingot-inspect show [--json] MODULE.wasm\n"
    "       ingot-inspect plan --out DIR [options] NAME=MODULE.wasm...\n"
    "\n"
    "show   prints imports, exports, memories and features, and whether it can be cast\n"
    "plan   links the modules and writes into DIR: ingot-image.c, ingot-user.c, ingot-pages.bin,\n"
    "       manifest.json, sbom.spdx.json, plan.txt, symbols.txt; module-N.link.h and "
    "module-N.plan for each "
    "module\n"
    "\n"
    "options of plan:\n"
    "  --main NAME              the module that is run (default: the first)\n"
    "  --unknown-imports HOW    error (default), trap when called, or default (answer zeros)\n"
    "  --host FILE.i            C with host functions, preprocessed with -DINGOT_HOST_TABLE\n"
    "  --parts FILE             a table of what else the image is made of; repeatable\n"
    "  --argv0 NAME             the program's name (default: the main module's file name)\n"
    "  --arg ARG                an argument after it; repeatable\n"
    "  --env NAME=VALUE         an environment variable; repeatable\n"
    "  --invoke [MODULE::]NAME  call this export instead of _start\n"
    "  --boot-args TEXT         boot arguments baked in\n"
    "  --all-exports            make every function export callable by name\n"
    "  --large-memory           the main module's memory may grow beyond 2 GiB\n"
    "  --no-lines               leave out what debug information says of source lines\n"
    "  --bind NAME:IMPORT=OTHER in module NAME, imports from IMPORT come from module OTHER\n"
    "  --with log|strace|timer  lets ingot.log, ingot.strace, or ingot.timeout and ingot.profile "
    "work\n"
    "  --run FUNCTION           C function that runs the image in place of the kernel's own\n";

static int usage(const char *what, const char *word) {
    if (what != NULL) {
        fprintf(stderr, "error: %s%s\n", what, word != NULL ? word : "");
    }
    fputs(usage_text, stderr);
    return EXIT_USAGE;
}

static int show(int argc, char **argv) {
    bool json = false;
    const char *path = NULL;
    link_t l = {0};
    host_init(&l.host);
    status_t s = STATUS_OK;
    for (int i = 0; i < argc && s == STATUS_OK; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (argv[i][0] == '-' || path != NULL) {
            link_free(&l);
            return usage("unexpected argument: ", argv[i]);
        } else {
            path = argv[i];
        }
    }
    if (s == STATUS_OK && path == NULL) {
        link_free(&l);
        return usage("no module given", NULL);
    }
    if (s == STATUS_OK) {
        s = link_add_module(&l, "main", path);
    }
    if (s == STATUS_OK && json) {
        show_json(&l.modules[0], &l.host);
    } else if (s == STATUS_OK) {
        show_text(&l.modules[0], &l.host);
    }
    link_free(&l);
    return s == STATUS_OK ? 0 : EXIT_REFUSED;
}

typedef struct plan_options {
    const char *out, *main, *argv0, *unknown;
    const char **args, **env, **modules, **host_sources;
    rename_t *renames;
    uint32_t n_args, n_env, n_modules, n_host_sources, n_renames;
    bool no_lines;
} plan_options_t;

/* NAME:IMPORT=OTHER; IMPORT may hold either separator, the other two are the user's own names. */
static bool parse_rename(const char *text, rename_t *out) {
    const char *colon = strchr(text, ':'), *equals = strrchr(text, '=');
    if (colon == NULL || equals == NULL || colon == text || equals < colon || equals[1] == 0) {
        return false;
    }
    *out = (rename_t){.module = {text, (uint32_t)(colon - text)},
                      .name = {colon + 1, (uint32_t)(equals - colon - 1)},
                      .provider = name_of(equals + 1)};
    return true;
}

/* The option's value, or NULL with the usage told. */
static const char *value(int argc, char **argv, int *i) {
    if (*i + 1 >= argc) {
        usage("missing value after ", argv[*i]);
        return NULL;
    }
    return argv[++*i];
}

static int parse_plan_options(int argc, char **argv, plan_options_t *o, plan_t *p) {
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-') {
            if (strchr(word, '=') == NULL || word[0] == '=') {
                return usage("expected NAME=MODULE.wasm, found ", word);
            }
            o->modules[o->n_modules++] = word;
            continue;
        }
        if (strcmp(word, "--all-exports") == 0) {
            p->all_exports = true;
            continue;
        }
        if (strcmp(word, "--large-memory") == 0) {
            p->large_memory = true;
            continue;
        }
        if (strcmp(word, "--no-lines") == 0) {
            o->no_lines = true;
            continue;
        }
        /* --FLAG=VALUE is the same as --FLAG VALUE, and lets CMake hand over empty values. */
        char flag[32];
        const char *equals = strchr(word, '='), *v;
        if (equals != NULL && (size_t)(equals - word) < sizeof flag) {
            memcpy(flag, word, (size_t)(equals - word));
            flag[equals - word] = 0;
            word = flag;
            v = equals + 1;
        } else if ((v = value(argc, argv, &i)) == NULL) {
            return EXIT_USAGE;
        }
        if (strcmp(word, "--out") == 0) {
            o->out = v;
        } else if (strcmp(word, "--main") == 0) {
            o->main = v;
        } else if (strcmp(word, "--unknown-imports") == 0) {
            o->unknown = v;
        } else if (strcmp(word, "--host") == 0) {
            o->host_sources[o->n_host_sources++] = v;
        } else if (strcmp(word, "--parts") == 0) {
            if (parts_add_table(&p->parts, v) != STATUS_OK) {
                return EXIT_REFUSED;
            }
        } else if (strcmp(word, "--argv0") == 0) {
            o->argv0 = v;
        } else if (strcmp(word, "--arg") == 0) {
            o->args[o->n_args++] = v;
        } else if (strcmp(word, "--env") == 0) {
            if (strchr(v, '=') == NULL || v[0] == '=') {
                return usage("expected --env NAME=VALUE, found ", v);
            }
            o->env[o->n_env++] = v;
        } else if (strcmp(word, "--invoke") == 0) {
            p->invoke = v;
        } else if (strcmp(word, "--boot-args") == 0) {
            p->boot_args = v;
        } else if (strcmp(word, "--with") == 0) {
            bool *part = strcmp(v, "log") == 0      ? &p->log
                         : strcmp(v, "strace") == 0 ? &p->strace
                         : strcmp(v, "timer") == 0  ? &p->timer
                                                    : NULL;
            if (part == NULL) {
                return usage("--with is log, strace or timer, not ", v);
            }
            *part = true;
        } else if (strcmp(word, "--run") == 0) {
            p->run = v;
        } else if (strcmp(word, "--bind") == 0) {
            if (!parse_rename(v, &o->renames[o->n_renames++])) {
                return usage("expected --bind NAME:IMPORT=OTHER, found ", v);
            }
        } else {
            return usage("unknown option ", word);
        }
    }
    if (o->out == NULL || o->n_modules == 0) {
        return usage(o->out == NULL ? "no --out given" : "no module given", NULL);
    }
    return 0;
}

static status_t load_modules(plan_t *p, const plan_options_t *o, char **names) {
    status_t s = STATUS_OK;
    for (uint32_t i = 0; i < o->n_host_sources && s == STATUS_OK; i++) {
        s = host_add_source(&p->link.host, o->host_sources[i]);
    }
    for (uint32_t i = 0; i < o->n_modules && s == STATUS_OK; i++) {
        const char *equals = strchr(o->modules[i], '=');
        text_t name = {0};
        text_add(&name, o->modules[i], (size_t)(equals - o->modules[i]));
        names[i] = name.data;
        s = link_add_module(&p->link, names[i], equals + 1);
    }
    if (s != STATUS_OK || o->main == NULL) {
        return s;
    }
    while (p->link.main < p->link.n_modules &&
           strcmp(p->link.modules[p->link.main].name, o->main) != 0) {
        p->link.main++;
    }
    if (p->link.main == p->link.n_modules) {
        fprintf(stderr, "error: --main: no module is named `%s`\n", o->main);
        return ERR_NOT_FOUND;
    }
    return STATUS_OK;
}

/* What would fail only in the booted image, told now. */
static status_t check_entry(const plan_t *p) {
    if (p->invoke == NULL) {
        return STATUS_OK;
    }
    const char *name;
    const link_module_t *lm = &p->link.modules[plan_invoked_module(p, &name)];
    const export_t *e = module_find_export(&lm->m, name_of(name));
    if (e == NULL || e->kind != KIND_FUNC) {
        fprintf(stderr, "error: --invoke: module `%s` exports no function `%s`\n", lm->name, name);
        return ERR_NOT_FOUND;
    }
    return STATUS_OK;
}

static status_t write_file(const plan_options_t *o, const char *name, text_t *t) {
    text_t path = {0};
    text_addf(&path, "%s/%s", o->out, name);
    status_t s = file_write(path.data, text_str(t), t->len);
    text_free(&path);
    text_free(t);
    return s;
}

/* A file of the module's own: module-INDEX.SUFFIX. */
static status_t write_module_file(const plan_options_t *o, uint32_t module, const char *suffix,
                                  text_t *t) {
    char name[64];
    snprintf(name, sizeof name, PLAN_STEM "%s", module, suffix);
    return write_file(o, name, t);
}

/* Reads the debug information, and marks the module with its lines (mark.h). */
static bool mark_lines(link_module_t *lm, text_t *marked, text_t *lines) {
    lm->has_sources = sources_read(&lm->m, lm->bytes, lm->size, &lm->sources);
    return lm->has_sources && module_mark(&lm->m, &lm->sources, lm->bytes, lm->size, marked, lines);
}

/* module-INDEX.lines, and module-INDEX.wasm for a module that wasm2c is not to read as it is. */
static status_t write_input(link_module_t *lm, const plan_options_t *o, uint32_t module) {
    text_t path = {0}, marked = {0}, lines = {0}, expanded = {0};
    bool is_marked = !o->no_lines && mark_lines(lm, &marked, &lines);
    status_t s = write_module_file(o, module, ".lines", &lines);
    const uint8_t *bytes = is_marked ? (const uint8_t *)marked.data : lm->bytes;
    size_t size = is_marked ? marked.len : lm->size;
    if (is_marked || module_needs_expansion(&lm->m, &lm->initial)) {
        text_addf(&path, "%s/" PLAN_STEM ".wasm", o->out, module);
        lm->input = path.data;
    }
    if (s == STATUS_OK && module_needs_expansion(&lm->m, &lm->initial)) {
        s = module_expand(&lm->m, &lm->initial, bytes, size, &expanded);
        if (s != STATUS_OK) {
            fprintf(stderr, "error: module `%s`: its constant expressions grow beyond reason\n",
                    lm->name);
        } else {
            s = write_module_file(o, module, ".wasm", &expanded);
        }
    } else if (s == STATUS_OK && is_marked) {
        s = write_module_file(o, module, ".wasm", &marked);
    }
    text_free(&marked);
    text_free(&expanded);
    return s;
}

/* The pages that memories start with, of all modules one after the other. */
static void lay_out_memories(plan_t *p) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        link_module_t *lm = &p->link.modules[i];
        lm->initial = initial_lay_out(&lm->m);
        lm->first_page = next;
        next += lm->initial.pages;
    }
}

static status_t write_files(plan_t *p, const plan_options_t *o) {
    static const struct {
        const char *name;
        void (*emit)(text_t *, const plan_t *);
    } files[] = {{"ingot-image.c", emit_image},   {"ingot-user.c", emit_user},
                 {"ingot-pages.bin", emit_pages}, {"manifest.json", emit_manifest},
                 {"sbom.spdx.json", emit_sbom},   {"plan.txt", emit_plan_text},
                 {"symbols.txt", emit_symbols}};
    if (mkdir(o->out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "error: %s: %s\n", o->out, strerror(errno));
        return ERR_IO;
    }
    lay_out_memories(p);
    status_t s = STATUS_OK;
    for (uint32_t i = 0; i < p->link.n_modules && s == STATUS_OK; i++) {
        text_t t = {0};
        emit_link_header(&t, p, i);
        s = write_module_file(o, i, ".link.h", &t);
        if (s == STATUS_OK) {
            s = write_input(&p->link.modules[i], o, i);
        }
        if (s == STATUS_OK) {
            emit_translation(&t, p, i);
            s = write_module_file(o, i, ".plan", &t);
        }
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0] && s == STATUS_OK; i++) {
        text_t t = {0};
        files[i].emit(&t, p);
        s = write_file(o, files[i].name, &t);
    }
    return s;
}

static status_t make_plan(plan_t *p, plan_options_t *o, char **names) {
    status_t s = load_modules(p, o, names);
    p->link.called_by_name = p->all_exports;
    p->link.renames = o->renames;
    p->link.n_renames = o->n_renames;
    if (s == STATUS_OK) {
        s = link_resolve(&p->link);
    }
    if (s == STATUS_OK) {
        s = check_entry(p);
    }
    if (s != STATUS_OK) {
        return s;
    }
    const link_module_t *main_module = &p->link.modules[p->link.main];
    o->args[0] = o->argv0 != NULL ? o->argv0 : file_basename(main_module->path);
    p->args = o->args;
    p->n_args = o->n_args;
    p->env = o->env;
    p->n_env = o->n_env;
    return write_files(p, o);
}

static int plan(int argc, char **argv) {
    size_t n = (size_t)argc + 1;
    const char **room = xcalloc(4 * n, sizeof *room);
    char **names = xcalloc(n, sizeof *names);
    plan_options_t o = {.args = room,
                        .env = room + n,
                        .modules = room + 2 * n,
                        .host_sources = room + 3 * n,
                        .renames = xcalloc(n, sizeof *o.renames),
                        .n_args = 1};
    plan_t p = {0};
    host_init(&p.link.host);
    int code = parse_plan_options(argc, argv, &o, &p);
    if (code == 0 && o.unknown != NULL) {
        if (strcmp(o.unknown, "trap") == 0) {
            p.link.unknown = UNKNOWN_TRAP;
        } else if (strcmp(o.unknown, "default") == 0) {
            p.link.unknown = UNKNOWN_DEFAULT;
        } else if (strcmp(o.unknown, "error") != 0) {
            code = usage("--unknown-imports is error, trap or default, not ", o.unknown);
        }
    }
    if (code == 0) {
        code = make_plan(&p, &o, names) == STATUS_OK ? 0 : EXIT_REFUSED;
    }
    link_free(&p.link);
    parts_free(&p.parts);
    for (size_t i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
    free(o.renames);
    free(room);
    return code;
}

int main(int argc, char **argv) {
    if (argc >= 2 && strcmp(argv[1], "show") == 0) {
        return show(argc - 2, argv + 2);
    }
    if (argc >= 2 && strcmp(argv[1], "plan") == 0) {
        return plan(argc - 2, argv + 2);
    }
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage_text, stdout);
        return 0;
    }
    return usage(argc >= 2 ? "unknown command " : NULL, argc >= 2 ? argv[1] : NULL);
}
