/* SPDX-License-Identifier: MIT */
/* libFuzzer: sequences of operations, each byte a decision, against the naive model. */
#include <stddef.h>

#include "tests/host/mm/model.h"

typedef struct bytes {
    model_source_t source;
    const uint8_t *next, *end;
} bytes_t;

static uint64_t take(model_source_t *source, uint64_t limit) {
    bytes_t *b = (bytes_t *)source;
    uint64_t value = 0;
    for (uint64_t reach = 1; reach < limit && b->next < b->end; reach <<= 8) {
        value = value << 8 | *b->next++;
    }
    return value % limit;
}

static bool is_empty(model_source_t *source) {
    const bytes_t *b = (const bytes_t *)source;
    return b->next == b->end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes_t b = {{take, is_empty}, data, data + size};
    const model_options_t options = {.levels = 3 + (unsigned)take(&b.source, 2),
                                     .ram_pages = 700,
                                     .seeded = take(&b.source, 2) != 0,
                                     .steps = 400,
                                     .check_every = 16};
    model_run(&options, &b.source);
    return 0;
}
