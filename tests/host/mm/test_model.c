/* SPDX-License-Identifier: MIT */
/*
 * Rule 15 and all the others together: random operations against the naive model.
 *
 *     test_model [operations [seed]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/host/mm/model.h"

typedef struct generator {
    model_source_t source;
    uint64_t state;
} generator_t;

/* xorshift64*: fast, and good enough to choose operations. */
static uint64_t generate(model_source_t *source, uint64_t limit) {
    generator_t *g = (generator_t *)source;
    g->state ^= g->state >> 12;
    g->state ^= g->state << 25;
    g->state ^= g->state >> 27;
    return (g->state * UINT64_C(0x2545f4914f6cdd1d) >> 16) % limit;
}

static bool never_empty(model_source_t *source) {
    (void)source;
    return false;
}

int main(int argc, char **argv) {
    uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    /* Plenty of memory, so that every operation can succeed; little, so that it runs out. */
    static const struct {
        unsigned levels;
        uint64_t ram;
        bool seeded;
    } machines[] = {{3, 16384, false}, {4, 16384, true}, {3, 2000, true}, {4, 600, false}};
    for (unsigned i = 0; i < 4; i++) {
        generator_t g = {{generate, never_empty}, seed * 0x9e3779b97f4a7c15 + i + 1};
        const model_options_t options = {.levels = machines[i].levels,
                                         .ram_pages = machines[i].ram,
                                         .seeded = machines[i].seeded,
                                         .steps = operations / 4,
                                         .check_every = 32};
        model_report_t r = model_run(&options, &g.source);
        printf("Sv%u, %llu frames: %llu operations, %llu succeeded, %llu refused, %llu out of "
               "memory, %llu failures injected, %llu full comparisons\n",
               options.levels == 3 ? 39 : 48, (unsigned long long)options.ram_pages,
               (unsigned long long)r.operations, (unsigned long long)r.succeeded,
               (unsigned long long)r.refused, (unsigned long long)r.out_of_memory,
               (unsigned long long)r.injected, (unsigned long long)r.checks);
    }
    return 0;
}
