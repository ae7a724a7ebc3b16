/* SPDX-License-Identifier: MIT */
/* Debug information of modules under libFuzzer: whatever it says, marks are all that is added. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/host/inspect/unmark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_marked(const module_t *m, const sources_t *s, const uint8_t *data, size_t size) {
    text_t out = {0}, marks = {0};
    if (module_mark(m, s, data, size, &out, &marks)) {
        module_t again;
        sources_t bodies;
        parse_error_t error;
        unsigned first, n;
        if (sscanf(text_str(&marks), "marks\t%u\t%u\n", &first, &n) != 2 ||
            module_parse((uint8_t *)out.data, out.len, &again, &error) != STATUS_OK) {
            abort();
        }
        sources_read_bodies(&again, (uint8_t *)out.data, out.len, &bodies);
        if (!unmarks_to(m, data, s, (uint8_t *)out.data, &bodies, first, n)) {
            abort();
        }
        sources_free(&bodies);
        module_free(&again);
    }
    text_free(&out);
    text_free(&marks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    module_t m;
    sources_t s;
    parse_error_t error;
    if (module_parse(data, size, &m, &error) != STATUS_OK) {
        return 0;
    }
    if (sources_read(&m, data, size, &s)) {
        check_marked(&m, &s, data, size);
        sources_free(&s);
    }
    module_free(&m);
    return 0;
}
