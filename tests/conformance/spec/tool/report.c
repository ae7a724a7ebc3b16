/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spec/tool/report.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/spec/tool/suite.h"
#include "toolchain/lib/file.h"

typedef struct expectation {
    char *file, *reason;
    unsigned line;
    unsigned explains; /* failures */
} expectation_t;

typedef struct expectations {
    expectation_t *items;
    size_t n;
    char *text;
} expectations_t;

typedef struct verdict {
    bool known, ok;
    unsigned cause; /* index of the command that is to blame */
    const char *why;
} verdict_t;

typedef struct totals {
    unsigned passed, expected, failed;
} totals_t;

static char *read_text(const char *path) {
    uint8_t *data;
    size_t len;
    if (file_read(path, &data, &len) != STATUS_OK) {
        exit(1);
    }
    return (char *)data;
}

static void load_expectations(const char *path, expectations_t *out) {
    expectations_t e = {.text = read_text(path)};
    unsigned number = 0;
    for (char *line = e.text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = 0;
        }
        number++;
        if (line[0] == 0 || line[0] == '#') {
            continue;
        }
        char *file = line, *space = strchr(line, ' '), *reason = NULL;
        unsigned long at = space != NULL ? strtoul(space + 1, &reason, 10) : 0;
        if (at == 0 || *reason != ' ') {
            die("%s:%u: expected FILE LINE REASON", path, number);
        }
        *space = 0;
        e.items = xrealloc(e.items, (e.n + 1) * sizeof *e.items);
        e.items[e.n++] = (expectation_t){file, reason + 1, (unsigned)at, 0};
    }
    *out = e;
}

static expectation_t *find_expectation(expectations_t *e, const char *file, unsigned line) {
    for (size_t i = 0; i < e->n; i++) {
        if (e->items[i].line == line && strcmp(e->items[i].file, file) == 0) {
            return &e->items[i];
        }
    }
    return NULL;
}

/* host.tsv: INDEX, ok or not ok, CAUSE, message. */
static char *load_host(const char *out, const suite_t *s, verdict_t *verdicts) {
    text_t path = {0};
    text_addf(&path, "%s/%s/host.tsv", out, s->stem);
    char *text = read_text(path.data);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned index, cause;
        char ok[8];
        int used = 0;
        if (sscanf(line, "%u\t%7[a-z ]\t%u\t%n", &index, ok, &cause, &used) != 3 ||
            index >= s->n_commands || cause >= s->n_commands) {
            die("%s: cannot read \"%s\"", path.data, line);
        }
        verdicts[index] = (verdict_t){true, strcmp(ok, "ok") == 0, cause, line + used};
    }
    text_free(&path);
    return text;
}

/* guest.tap: "ok N cINDEX:LINE" or "not ok N cINDEX:LINE why"; absent when there is no image. */
static char *load_guest(const char *out, const suite_t *s, verdict_t *verdicts) {
    text_t path = {0};
    text_addf(&path, "%s/%s/guest.tap", out, s->stem);
    FILE *there = fopen(path.data, "r");
    char *text = NULL;
    if (there != NULL) {
        fclose(there);
        text = read_text(path.data);
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            unsigned index;
            int used = 0;
            bool ok = strncmp(line, "ok ", 3) == 0;
            if (sscanf(line, ok ? "ok %*u c%u:%*u%n" : "not ok %*u c%u:%*u%n", &index, &used) < 1 ||
                index >= s->n_commands) {
                continue;
            }
            verdicts[index] = (verdict_t){true, ok, index, line + used};
        }
    }
    text_free(&path);
    return text;
}

static void judge(const suite_t *s, const verdict_t *verdicts, expectations_t *e,
                  totals_t kinds[N_COMMAND_KINDS], totals_t *all) {
    for (unsigned i = 0; i < s->n_commands; i++) {
        const command_t *c = &s->commands[i];
        const verdict_t *v = &verdicts[i];
        if (v->known && v->ok) {
            kinds[c->kind].passed++;
            all->passed++;
            continue;
        }
        unsigned cause = v->known ? v->cause : i;
        expectation_t *x = find_expectation(e, s->stem, s->commands[cause].line);
        if (x == NULL && cause != i) {
            x = find_expectation(e, s->stem, c->line);
        }
        if (x != NULL) {
            x->explains++;
            kinds[c->kind].expected++;
            all->expected++;
            continue;
        }
        kinds[c->kind].failed++;
        all->failed++;
        printf("not ok - %s.wast:%u %s: %s\n", s->stem, c->line, command_kind_text(c->kind),
               v->known ? v->why : "no verdict: the image did not get here");
        if (cause != i) {
            printf("#   needs the module of line %u\n", s->commands[cause].line);
        }
    }
}

static void add(totals_t *to, const totals_t *more) {
    to->passed += more->passed;
    to->expected += more->expected;
    to->failed += more->failed;
}

static void row(text_t *t, const char *name, const totals_t *x) {
    text_addf(t, "| %s | %u | %u | %u |\n", name, x->passed, x->expected, x->failed);
}

/* What another testsuite has put at the end of the file (tests/conformance/wasi/publish.js). */
static void keep_other_parts(const char *path, text_t *t) {
    uint8_t *old;
    size_t len;
    if (access(path, F_OK) != 0 || file_read(path, &old, &len) != STATUS_OK) {
        return;
    }
    const char *part = strstr((const char *)old, "\n<!-- Generated by ");
    if (part != NULL) {
        text_puts(t, part);
    }
    free(old);
}

static void write_markdown(const char *path, const text_t *files,
                           const totals_t kinds[N_COMMAND_KINDS], const totals_t *all,
                           const expectations_t *e) {
    text_t t = {0};
    text_addf(&t,
              "# Conformance\n\n"
              "Generated by `tests/conformance/spec/run.sh --markdown`; do not edit.\n\n"
              "The WebAssembly spec testsuite, executed inside the booted kernel: **%u passed, %u "
              "failed, 0 skipped** of %u commands. Of the failures, %u are listed below with their "
              "reason, and must fail; %u are not.\n\n"
              "| command | passed | failed as listed | failed otherwise |\n|---|---|---|---|\n",
              all->passed, all->expected + all->failed, all->passed + all->expected + all->failed,
              all->expected, all->failed);
    for (unsigned k = 0; k < N_COMMAND_KINDS; k++) {
        row(&t, command_kind_text(k), &kinds[k]);
    }
    text_puts(&t, "\n## Listed failures\n\n"
                  "A line that names a module counts everything that needs the module.\n\n"
                  "| file | line | failures | reason |\n|---|---|---|---|\n");
    for (size_t i = 0; i < e->n; i++) {
        if (e->items[i].explains > 0) {
            text_addf(&t, "| %s | %u | %u | %s |\n", e->items[i].file, e->items[i].line,
                      e->items[i].explains, e->items[i].reason);
        }
    }
    text_puts(&t, "\n## Files\n\n| file | passed | failed as listed | failed otherwise |\n"
                  "|---|---|---|---|\n");
    text_puts(&t, text_str(files));
    keep_other_parts(path, &t);
    if (file_write(path, text_str(&t), t.len) != STATUS_OK) {
        exit(1);
    }
    text_free(&t);
}

int report(const char *out, const char *expected, const char *markdown, char **files, int n_files) {
    expectations_t e;
    totals_t kinds[N_COMMAND_KINDS] = {0}, all = {0};
    text_t table = {0};
    load_expectations(expected, &e);
    unsigned stale = 0;
    for (int i = 0; i < n_files; i++) {
        suite_t s;
        suite_load(files[i], &s);
        verdict_t *verdicts = xcalloc(s.n_commands + 1, sizeof *verdicts);
        char *host = load_host(out, &s, verdicts), *guest = load_guest(out, &s, verdicts);
        totals_t file = {0};
        judge(&s, verdicts, &e, kinds, &file);
        add(&all, &file);
        row(&table, s.stem, &file);
        for (size_t k = 0; k < e.n; k++) {
            if (e.items[k].explains == 0 && strcmp(e.items[k].file, s.stem) == 0) {
                printf("not ok - %s:%u: listed as failing (%s), but nothing there failed\n",
                       e.items[k].file, e.items[k].line, e.items[k].reason);
                stale++;
            }
        }
        free(host);
        free(guest);
        free(verdicts);
        suite_free(&s);
    }
    printf("%u passed, %u failed, 0 skipped (%u of the failures are listed, %u are not; %u listed "
           "ones did not fail)\n",
           all.passed, all.expected + all.failed, all.expected, all.failed, stale);
    if (markdown != NULL) {
        write_markdown(markdown, &table, kinds, &all, &e);
    }
    text_free(&table);
    free(e.items);
    free(e.text);
    return all.failed == 0 && stale == 0 ? 0 : 1;
}
