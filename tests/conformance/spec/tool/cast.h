/* SPDX-License-Identifier: MIT */
/*
 * Casting a testsuite file: which of its modules become instances of the file's image, how they are
 * bound to each other at the time of each command, and what the pipeline refused.
 *
 * Directory of a file FILE.json below the output directory, FILE/:
 *   ingot-image.c, plan.txt, module-K.*   written by ingot-inspect plan; the module of command N
 * has the symbol mN commands.c                     the commands for guest/driver.c host.tsv
 * verdicts on the host side: INDEX, ok or not ok, CAUSE, message
 */
#ifndef INGOT_TESTS_SPEC_CAST_H
#define INGOT_TESTS_SPEC_CAST_H

#include "tests/conformance/spec/tool/results.h"
#include "tests/conformance/spec/tool/suite.h"

typedef struct options {
    const char *inspect;  /* the ingot-inspect program */
    const char *spectest; /* spectest.wasm */
    const char *out;
    results_t results; /* of wabt's tools so far; empty in the first pass */
    FILE *jobs;        /* what wabt's tools have to do */
    FILE *ninja;
} options_t;

/* What became of a module command. */
typedef struct instance {
    bool is_module; /* the command has a module that is to be instantiated */
    bool refused;
    unsigned cause; /* refused: index of the command whose module was refused first */
    char *why;      /* refused */
} instance_t;

typedef struct cast {
    const options_t *o;
    const suite_t *s;
    char *dir;
    instance_t *instances; /* one per command */
    int *target;           /* per command: index of the module command it speaks to, or -1 */
    text_t verdicts;       /* host.tsv */
    bool any;              /* at least one instance can be made */
} cast_t;

void cast_file(const options_t *o, const suite_t *s);

/* commands.c (tool/commands.c). */
void cast_write_commands(const cast_t *c);

#endif
