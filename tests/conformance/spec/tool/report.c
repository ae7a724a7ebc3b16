/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spec/tool/report.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/spec/tool/publish.h"
#include "tests/conformance/spec/tool/suite.h"
#include "toolchain/lib/file.h"

typedef struct verdict {
    bool known, ok;
    unsigned cause; /* index of the command that is to blame */
    const char *why;
} verdict_t;

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

int report(const report_options_t *o, char **files, int n_files) {
    expectations_t e;
    totals_t kinds[N_COMMAND_KINDS] = {0}, all = {0};
    text_t table = {0};
    char *published = o->published != NULL ? read_text(o->published) : NULL;
    load_expectations(o->expected, &e);
    unsigned stale = 0, unpublished = 0;
    for (int i = 0; i < n_files; i++) {
        suite_t s;
        suite_load(files[i], &s);
        verdict_t *verdicts = xcalloc(s.n_commands + 1, sizeof *verdicts);
        char *host = load_host(o->out, &s, verdicts), *guest = load_guest(o->out, &s, verdicts);
        totals_t file = {0};
        judge(&s, verdicts, &e, kinds, &file);
        add(&all, &file);
        size_t start = table.len;
        publish_row(&table, s.stem, &file);
        if (published != NULL && strstr(published, table.data + start) == NULL) {
            printf("not ok - %s: its row in %s is not: %s", s.stem, o->published,
                   table.data + start);
            unpublished++;
        }
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
    if (o->markdown != NULL) {
        publish(o->markdown, &table, kinds, &all, &e);
    }
    free(published);
    text_free(&table);
    free(e.items);
    free(e.text);
    return all.failed == 0 && stale == 0 && unpublished == 0 ? 0 : 1;
}
