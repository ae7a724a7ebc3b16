/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spec/tool/publish.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"

static const char begin_line[] = "<!-- spec: generated -->\n";
static const char end_line[] = "<!-- end of spec -->\n";

void publish_row(text_t *t, const char *name, const totals_t *x) {
    text_addf(t, "| %s | %u | %u | %u |\n", name, x->passed, x->expected, x->failed);
}

/* Whether item `i` is the first with its reason. */
static bool is_first(const expectations_t *e, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (strcmp(e->items[k].reason, e->items[i].reason) == 0) {
            return false;
        }
    }
    return true;
}

static void add_reasons(text_t *t, const expectations_t *e) {
    text_puts(t, "\n### Why\n\n| reason | failures |\n|---|---|\n");
    for (size_t i = 0; i < e->n; i++) {
        unsigned sum = 0;
        for (size_t k = i; is_first(e, i) && k < e->n; k++) {
            if (strcmp(e->items[k].reason, e->items[i].reason) == 0) {
                sum += e->items[k].explains;
            }
        }
        if (sum > 0) {
            text_addf(t, "| %s | %u |\n", e->items[i].reason, sum);
        }
    }
    text_puts(t, "\n### One by one\n\nA line that names a module counts everything that needs the "
                 "module.\n\n| file | line | failures | reason |\n|---|---|---|---|\n");
    for (size_t i = 0; i < e->n; i++) {
        const expectation_t *x = &e->items[i];
        if (x->explains > 0) {
            text_addf(t, "| %s | %u | %u | %s |\n", x->file, x->line, x->explains, x->reason);
        }
    }
}

void publish(const char *path, const text_t *files, const totals_t kinds[N_COMMAND_KINDS],
             const totals_t *all, const expectations_t *e) {
    uint8_t *old;
    size_t len;
    if (file_read(path, &old, &len) != STATUS_OK) {
        exit(1);
    }
    const char *begin = strstr((char *)old, begin_line);
    const char *end = begin != NULL ? strstr(begin, end_line) : NULL;
    if (end == NULL) {
        die("%s: no %.*s and %.*s after it", path, (int)sizeof begin_line - 2, begin_line,
            (int)sizeof end_line - 2, end_line);
    }
    text_t t = {0};
    text_add(&t, (char *)old, (size_t)(begin + sizeof begin_line - 1 - (char *)old));
    text_addf(
        &t,
        "\n**%u of %u commands** of the testsuite pass; %u fail for the reasons below, and %u "
        "otherwise.\n\n"
        "| command | passed | failed as listed | failed otherwise |\n|---|---|---|---|\n",
        all->passed, all->passed + all->expected + all->failed, all->expected, all->failed);
    for (unsigned k = 0; k < N_COMMAND_KINDS; k++) {
        publish_row(&t, command_kind_text(k), &kinds[k]);
    }
    add_reasons(&t, e);
    text_puts(&t, "\n### Files\n\n| file | passed | failed as listed | failed otherwise |\n"
                  "|---|---|---|---|\n");
    text_puts(&t, text_str(files));
    text_puts(&t, "\n");
    text_puts(&t, end);
    if (file_write(path, text_str(&t), t.len) != STATUS_OK) {
        exit(1);
    }
    text_free(&t);
    free(old);
}
