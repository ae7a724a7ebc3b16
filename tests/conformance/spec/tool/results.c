/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spec/tool/results.h"

#include <stdlib.h>
#include <string.h>

#include "tests/conformance/spec/tool/suite.h"
#include "toolchain/lib/file.h"

static int by_id(const void *a, const void *b) {
    return strcmp(((const result_t *)a)->id, ((const result_t *)b)->id);
}

static char *field(char **at, char end) {
    char *start = *at, *stop = start != NULL ? strchr(start, end) : NULL;
    if (stop == NULL) {
        return NULL;
    }
    *stop = 0;
    *at = stop + 1;
    return start;
}

void results_load(const char *path, results_t *out) {
    uint8_t *data;
    size_t len, cap = 0;
    if (file_read(path, &data, &len) != STATUS_OK) {
        exit(1);
    }
    results_t r = {.text = (char *)data};
    for (char *at = r.text; *at != 0;) {
        char *id = field(&at, '\t'), *status = field(&at, '\t'), *message = field(&at, '\n');
        if (id == NULL || status == NULL || message == NULL) {
            die("%s: result %zu is not ID, EXIT, MESSAGE", path, r.n + 1);
        }
        if (r.n == cap) {
            cap = cap * 2 + 64;
            r.items = xrealloc(r.items, cap * sizeof *r.items);
        }
        r.items[r.n++] = (result_t){id, message, atoi(status)};
    }
    if (r.n > 0) {
        qsort(r.items, r.n, sizeof *r.items, by_id);
    }
    *out = r;
}

void results_free(results_t *r) {
    free(r->items);
    free(r->text);
    *r = (results_t){0};
}

const result_t *results_find(const results_t *r, const char *id) {
    result_t key = {.id = id};
    return r->n == 0 ? NULL : bsearch(&key, r->items, r->n, sizeof *r->items, by_id);
}
