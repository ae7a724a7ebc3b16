/* SPDX-License-Identifier: MIT */
/*
 * ingot-spec: the host's part of running the WebAssembly testsuite in the kernel. See README.md.
 *
 *   ingot-spec cast --inspect PROG --spectest WASM --out DIR [--results TSV] FILE.json...
 *       plans the image of each file; writes DIR/jobs.tsv for batch.js and DIR/build.ninja.
 *       Run it again with the results of the jobs: what wasm2c refused is then left out.
 *   ingot-spec report --out DIR --expected TXT [--markdown MD] [--published MD] FILE.json...
 *       joins the verdicts of host and guest; exit code 0 when every one is as expected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/spec/tool/cast.h"
#include "tests/conformance/spec/tool/report.h"

static FILE *create(const char *dir, const char *name) {
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    FILE *f = fopen(path.data, "w");
    if (f == NULL) {
        die("cannot write %s", path.data);
    }
    text_free(&path);
    return f;
}

static void finish(FILE *f) {
    if (fclose(f) != 0) {
        die("cannot write all of jobs.tsv or build.ninja");
    }
}

static int cast(const options_t *given, char **files, int n) {
    options_t o = *given;
    if (o.inspect == NULL || o.spectest == NULL || o.out == NULL) {
        die("cast needs --inspect, --spectest and --out");
    }
    o.jobs = create(o.out, "jobs.tsv");
    o.ninja = create(o.out, "build.ninja");
    fputs("include rules.ninja\n\n", o.ninja);
    for (int i = 0; i < n; i++) {
        suite_t s;
        suite_load(files[i], &s);
        cast_file(&o, &s);
        suite_free(&s);
    }
    finish(o.jobs);
    finish(o.ninja);
    return 0;
}

int main(int argc, char **argv) {
    options_t o = {0};
    report_options_t r = {0};
    const char *results = NULL;
    const struct {
        const char *word;
        const char **value;
    } words[] = {
        {"--inspect", &o.inspect},     {"--spectest", &o.spectest}, {"--out", &o.out},
        {"--results", &results},       {"--expected", &r.expected}, {"--markdown", &r.markdown},
        {"--published", &r.published},
    };
    int i = 2;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        size_t k = 0;
        while (k < sizeof words / sizeof words[0] && strcmp(words[k].word, argv[i]) != 0) {
            k++;
        }
        if (k == sizeof words / sizeof words[0]) {
            die("unknown option %s", argv[i]);
        }
        *words[k].value = argv[i + 1];
    }
    if (results != NULL) {
        results_load(results, &o.results);
    }
    if (argc > i && strcmp(argv[1], "cast") == 0) {
        int code = cast(&o, argv + i, argc - i);
        results_free(&o.results);
        return code;
    }
    if (argc > i && strcmp(argv[1], "report") == 0 && o.out != NULL && r.expected != NULL) {
        r.out = o.out;
        return report(&r, argv + i, argc - i);
    }
    fputs("usage: ingot-spec cast|report OPTIONS FILE.json...\n", stderr);
    return 2;
}
