/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* vasprintf */
#include "tests/conformance/spec/tool/cast.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "toolchain/inspect/module.h"
#include "toolchain/lib/file.h"

/* Modules that are to be refused, and text, are judged with everything on that wabt can do. */
#define ALL_FEATURES                                                                               \
    "--enable-exceptions\t--enable-tail-call\t--enable-memory64\t--enable-multi-memory\t"          \
    "--enable-extended-const\t--enable-threads\t--enable-custom-page-sizes"

typedef struct arguments {
    char **items;
    size_t n;
} arguments_t;

__attribute__((format(printf, 2, 3))) static void argue(arguments_t *a, const char *format, ...) {
    char *s = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&s, format, args) < 0) {
        die("out of memory");
    }
    va_end(args);
    a->items = xrealloc(a->items, (a->n + 2) * sizeof *a->items);
    a->items[a->n++] = s;
    a->items[a->n] = NULL;
}

/* Moves the arguments of `more` to the end of `a`. */
static void argue_all(arguments_t *a, arguments_t *more) {
    a->items = xrealloc(a->items, (a->n + more->n + 1) * sizeof *a->items);
    for (size_t i = 0; i < more->n; i++) {
        a->items[a->n++] = more->items[i];
    }
    a->items[a->n] = NULL;
    free(more->items);
    *more = (arguments_t){0};
}

static void forget(arguments_t *a) {
    for (size_t i = 0; i < a->n; i++) {
        free(a->items[i]);
    }
    free(a->items);
    *a = (arguments_t){0};
}

/* Runs the program to its end; what it says on stderr is in *said. */
static int run(arguments_t *a, const char *log, char **said) {
    pid_t child = fork();
    if (child < 0) {
        die("fork: %s", strerror(errno));
    }
    if (child == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        int null = open("/dev/null", O_WRONLY);
        if (fd < 0 || null < 0 || dup2(fd, 2) < 0 || dup2(null, 1) < 0) {
            _exit(127);
        }
        execv(a->items[0], a->items);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) < 0) {
        die("waitpid: %s", strerror(errno));
    }
    forget(a);
    uint8_t *data;
    size_t len;
    if (file_read(log, &data, &len) != STATUS_OK) {
        exit(1);
    }
    *said = (char *)data;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool has_instance(const command_t *c) {
    return c->kind == C_MODULE || c->kind == C_UNINSTANTIABLE;
}

/* Which module command each command speaks to. */
static void find_targets(cast_t *c) {
    int current = -1;
    for (unsigned i = 0; i < c->s->n_commands; i++) {
        const command_t *command = &c->s->commands[i];
        if (command->kind == C_MODULE) {
            current = (int)i;
        }
        c->target[i] = has_instance(command) ? (int)i : current;
        if (has_instance(command) || command->name == NULL) {
            continue;
        }
        c->target[i] = -1;
        for (unsigned k = i; k-- > 0 && c->target[i] < 0;) {
            const command_t *m = &c->s->commands[k];
            if (m->kind == C_MODULE && m->name != NULL && strcmp(m->name, command->name) == 0) {
                c->target[i] = (int)k;
            }
        }
    }
}

/* The module command that was registered as `name` when command `at` comes; -1: none. */
static int registered(const cast_t *c, name_t name, unsigned at) {
    for (unsigned i = at; i-- > 0;) {
        const command_t *r = &c->s->commands[i];
        if (r->kind == C_REGISTER && strlen(r->as) == name.len &&
            memcmp(r->as, name.ptr, name.len) == 0) {
            return c->target[i];
        }
    }
    return -1;
}

static void refuse(cast_t *c, unsigned i, unsigned cause, const char *why) {
    instance_t *instance = &c->instances[i];
    if (instance->refused) {
        return;
    }
    instance->refused = true;
    instance->cause = cause;
    instance->why = strdup(why);
}

/* The arguments --bind for what command `i`'s module imports; false when something of it was
 * refused, with `cause` told. */
static bool add_bindings(const cast_t *c, unsigned i, arguments_t *a, unsigned *cause) {
    uint8_t *data;
    size_t len;
    module_t m;
    parse_error_t error;
    bool ok = true;
    if (file_read(c->s->commands[i].path, &data, &len) != STATUS_OK) {
        exit(1);
    }
    if (module_parse(data, len, &m, &error) == STATUS_OK) {
        for (uint32_t k = 0; k < m.n_imports && ok; k++) {
            name_t name = m.imports[k].module;
            int target = registered(c, name, i);
            if (target < 0) {
                continue;
            }
            if (c->instances[target].refused) {
                *cause = c->instances[target].cause;
                ok = false;
                break;
            }
            argue(a, "--bind");
            argue(a, "m%u:%.*s=m%d", i, (int)name.len, name.ptr, target);
        }
        module_free(&m);
    }
    free(data);
    return ok;
}

/* The module that most commands speak to: as the main one of the image it is the one whose memory
 * may lie at address 0. */
static int busiest_module(const cast_t *c) {
    unsigned *n = xcalloc(c->s->n_commands + 1, sizeof *n);
    int best = -1;
    for (unsigned i = 0; i < c->s->n_commands; i++) {
        int target = c->target[i];
        n[target < 0 ? c->s->n_commands : (unsigned)target]++;
    }
    for (unsigned m = 0; m < c->s->n_commands; m++) {
        if (c->instances[m].is_module && !c->instances[m].refused && n[m] > 0 &&
            (best < 0 || n[m] > n[best])) {
            best = (int)m;
        }
    }
    free(n);
    return best;
}

/* `ingot-inspect plan` of every instance before command `end` that was not refused. */
static void plan_arguments(cast_t *c, unsigned end, const char *out, arguments_t *a) {
    argue(a, "%s", c->o->inspect);
    argue(a, "plan");
    argue(a, "--out");
    argue(a, "%s", out);
    argue(a, "--all-exports");
    argue(a, "--run");
    argue(a, "spec_run");
    argue(a, "spectest=%s", c->o->spectest);
    c->any = false;
    for (unsigned i = 0; i < end; i++) {
        if (!c->instances[i].is_module || c->instances[i].refused) {
            continue;
        }
        arguments_t bindings = {0};
        unsigned cause;
        if (!add_bindings(c, i, &bindings, &cause)) {
            refuse(c, i, cause, "imports from a module that was refused");
            forget(&bindings);
            continue;
        }
        c->any = true;
        argue(a, "m%u=%s", i, c->s->commands[i].path);
        argue_all(a, &bindings);
    }
}

/* Marks the modules that the inspector's messages speak of; false when there is none. */
static bool refuse_named(cast_t *c, char *said) {
    bool found = false;
    for (char *line = strtok(said, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned i;
        if (strncmp(line, "error: ", 7) != 0) {
            continue;
        }
        if (sscanf(line, "error: module `m%u`", &i) == 1 && i < c->s->n_commands) {
            refuse(c, i, i, line + 7);
            found = true;
            continue;
        }
        for (i = 0; i < c->s->n_commands; i++) {
            const char *path = c->s->commands[i].path;
            if (c->instances[i].is_module && strncmp(line + 7, path, strlen(path)) == 0 &&
                line[7 + strlen(path)] == ':') {
                refuse(c, i, i, line + 7 + strlen(path) + 2);
                found = true;
            }
        }
    }
    return found;
}

/* Plans the image, leaving out what the inspector refuses. */
static void plan_image(cast_t *c) {
    text_t log = {0};
    text_addf(&log, "%s/inspect.log", c->dir);
    for (;;) {
        arguments_t a = {0};
        char *said;
        plan_arguments(c, c->s->n_commands, c->dir, &a);
        int main = busiest_module(c);
        if (main >= 0) {
            argue(&a, "--main");
            argue(&a, "m%d", main);
        }
        int code = run(&a, log.data, &said);
        text_t copy = {0};
        text_puts(&copy, said);
        if (code != 0 && (code != 1 || !refuse_named(c, said))) {
            die("%s: ingot-inspect ended with %d: %s", c->s->stem, code, text_str(&copy));
        }
        text_free(&copy);
        free(said);
        if (code == 0) {
            break;
        }
    }
    text_free(&log);
}

/* What wabt said about the job of command `i`, or NULL before it was asked. */
static const result_t *result_of(const cast_t *c, char prefix, unsigned i) {
    text_t id = {0};
    text_addf(&id, "%s/%c%u", c->s->stem, prefix, i);
    const result_t *r = results_find(&c->o->results, id.data);
    text_free(&id);
    return r;
}

static void verdict(cast_t *c, unsigned i, bool ok, unsigned cause, const char *why) {
    text_addf(&c->verdicts, "%u\t%s\t%u\t%.300s\n", i, ok ? "ok" : "not ok", cause, why);
}

/* The module must link with what is registered now, and be refused for the reason that is given. */
static void check_unlinkable(cast_t *c, unsigned i) {
    const command_t *command = &c->s->commands[i];
    arguments_t a = {0};
    unsigned cause = i;
    text_t out = {0}, log = {0};
    text_addf(&out, "%s/unlinkable", c->dir);
    text_addf(&log, "%s/unlinkable.log", c->dir);
    plan_arguments(c, i, out.data, &a);
    argue(&a, "m%u=%s", i, command->path);
    if (!add_bindings(c, i, &a, &cause)) {
        verdict(c, i, false, cause, "imports from a module that was refused");
        forget(&a);
    } else {
        char *said;
        int code = run(&a, log.data, &said);
        const char *words =
            strcmp(command->text, "unknown import") == 0 ? "nothing provides it" : "provides it as";
        bool ok = code == 1 && strstr(said, words) != NULL;
        for (char *p = said; *p != 0; p++) {
            *p = *p == '\n' || *p == '\t' ? ' ' : *p;
        }
        verdict(c, i, ok, i, code == 0 ? "was linked" : said);
        free(said);
    }
    text_free(&out);
    text_free(&log);
}

/*
 * A definition must be taken by wasm2c and by the inspector. Any other module must be refused by
 * one of them, and text by wat2wasm.
 */
static void check_module(cast_t *c, unsigned i) {
    const command_t *command = &c->s->commands[i];
    size_t len = strlen(command->path);
    bool text = len > 4 && strcmp(command->path + len - 4, ".wat") == 0;
    fprintf(c->o->jobs, "%s/i%u\t%s\t%s\t%s\t-o\t%s/refused.%s\n", c->s->stem, i,
            text ? "wat2wasm" : "wasm2c", command->path, ALL_FEATURES, c->dir, text ? "out" : "c");
    const result_t *r = result_of(c, 'i', i);
    if (r == NULL) {
        return;
    }
    if (r->status == RESULT_CRASHED) {
        verdict(c, i, false, i, r->message);
    } else if (r->status != 0 || text) {
        verdict(c, i, r->status != 0 && command->kind != C_DEFINITION, i,
                r->status != 0 ? r->message : "was accepted");
    } else {
        arguments_t a = {0};
        text_t log = {0};
        char *said;
        text_addf(&log, "%s/refused.log", c->dir);
        argue(&a, "%s", c->o->inspect);
        argue(&a, "show");
        argue(&a, "%s", command->path);
        int code = run(&a, log.data, &said);
        verdict(c, i, code == (command->kind == C_DEFINITION ? 0 : 1), i,
                code == 0 ? "was accepted" : "refused by ingot-inspect");
        free(said);
        text_free(&log);
    }
}

/* What wasm2c refused in an earlier pass is left out from the start. */
static void take_refusals(cast_t *c) {
    for (unsigned i = 0; i < c->s->n_commands; i++) {
        c->instances[i].is_module = has_instance(&c->s->commands[i]);
        const result_t *r = result_of(c, 'm', i);
        if (c->instances[i].is_module && r != NULL && r->status != 0) {
            text_t why = {0};
            text_addf(&why, "wasm2c%s: %s", r->status == RESULT_CRASHED ? " crashed" : "",
                      r->message);
            refuse(c, i, i, why.data);
            text_free(&why);
        }
    }
}

/* The translations that plan.txt asks for, as jobs, and the build of the image, for ninja. */
static void write_jobs(const cast_t *c) {
    uint8_t *plan;
    size_t len;
    text_t path = {0}, objects = {0};
    text_addf(&path, "%s/plan.txt", c->dir);
    if (file_read(path.data, &plan, &len) != STATUS_OK) {
        exit(1);
    }
    const char *stem = c->s->stem;
    unsigned module = 0;
    for (char *line = strtok((char *)plan, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char symbol[32], flags[512], mend[64], file[1024];
        if (line[0] == '#') {
            continue;
        }
        if (sscanf(line, "%31[^\t]\t%*[^\t]\t%*[^\t]\t%*[^\t]\t%511[^\t]\t%63[^\t]\t%1023[^\n]",
                   symbol, flags, mend, file) != 4) {
            die("%s: cannot read \"%s\"", path.data, line);
        }
        fprintf(c->o->jobs, "%s/%s\twasm2c\t%s\t-n\t%s\t-o\t%s/module-%u.c", stem, symbol, file,
                symbol, c->dir, module);
        for (char *p = strchr(flags, '-') == flags && flags[1] == 0 ? NULL : flags; p != NULL;) {
            char *space = strchr(p, ' ');
            fprintf(c->o->jobs, "\t%.*s", space != NULL ? (int)(space - p) : (int)strlen(p), p);
            p = space != NULL ? space + 1 : NULL;
        }
        fputc('\n', c->o->jobs);
        fprintf(c->o->ninja,
                "build %s/mended-%u.c: mend %s/module-%u.c | $mend\n  flags = %s\n"
                "build %s/module-%u.o: module %s/mended-%u.c | %s/module-%u.link.h\n  dir = %s\n"
                "  link = %s/module-%u.link.h\n",
                stem, module, stem, module, strcmp(mend, "-") == 0 ? "" : mend, stem, module, stem,
                module, stem, module, stem, stem, module);
        text_addf(&objects, " %s/module-%u.o", stem, module);
        module++;
    }
    fprintf(c->o->ninja,
            "build %s/ingot-image.o: glue %s/ingot-image.c | %s/plan.txt\n  dir = %s\n"
            "build %s/ingot-user.o: glue %s/ingot-user.c | %s/plan.txt\n  dir = %s\n"
            "build %s/commands.o: glue %s/commands.c\n  dir = %s\n"
            "build %s/user.o: user %s/ingot-user.o%s | $user $libuser $libpico\n"
            "build %s/image.elf: link %s/ingot-image.o %s/commands.o %s/user.o | $kernel driver.o\n"
            "build %s/guest.tap: boot %s/image.elf\n\n",
            stem, stem, stem, stem, stem, stem, stem, stem, stem, stem, stem, stem, stem,
            text_str(&objects), stem, stem, stem, stem, stem, stem);
    free(plan);
    text_free(&path);
    text_free(&objects);
}

/* Commands that cannot run because of a module that was refused. */
static void write_refusals(cast_t *c) {
    for (unsigned i = 0; i < c->s->n_commands; i++) {
        const command_t *command = &c->s->commands[i];
        if (command->kind >= C_UNLINKABLE) {
            continue;
        }
        const instance_t *instance = c->target[i] >= 0 ? &c->instances[c->target[i]] : NULL;
        if (instance == NULL) {
            verdict(c, i, false, i, "speaks of no module");
        } else if (instance->refused) {
            verdict(c, i, false, instance->cause, c->instances[instance->cause].why);
        } else if (command->kind == C_REGISTER) {
            verdict(c, i, true, i, "");
        }
    }
}

void cast_file(const options_t *o, const suite_t *s) {
    cast_t c = {.o = o, .s = s};
    text_t path = {0};
    text_addf(&path, "%s/%s", o->out, s->stem);
    c.dir = strdup(path.data);
    if (mkdir(c.dir, 0777) != 0 && errno != EEXIST) {
        die("%s: %s", c.dir, strerror(errno));
    }
    c.instances = xcalloc(s->n_commands + 1, sizeof *c.instances);
    c.target = xcalloc(s->n_commands + 1, sizeof *c.target);
    find_targets(&c);
    take_refusals(&c);
    plan_image(&c);
    bool any = c.any;
    for (unsigned i = 0; i < s->n_commands; i++) {
        if (s->commands[i].kind == C_UNLINKABLE) {
            check_unlinkable(&c, i);
        } else if (s->commands[i].kind > C_UNLINKABLE) {
            check_module(&c, i);
        }
    }
    write_refusals(&c);
    if (any) {
        cast_write_commands(&c);
        write_jobs(&c);
    }
    text_addf(&path, "/host.tsv");
    if (file_write(path.data, text_str(&c.verdicts), c.verdicts.len) != STATUS_OK) {
        exit(1);
    }
    for (unsigned i = 0; i < s->n_commands; i++) {
        free(c.instances[i].why);
    }
    free(c.instances);
    free(c.target);
    free(c.dir);
    text_free(&c.verdicts);
    text_free(&path);
}
