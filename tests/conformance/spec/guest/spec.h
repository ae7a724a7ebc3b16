/* SPDX-License-Identifier: MIT */
/*
 * One file of the WebAssembly testsuite, as data for the driver in guest/driver.c. Written by
 * `ingot-spec cast`; the instances it speaks of are those of wasm_image.
 */
#ifndef INGOT_TESTS_SPEC_H
#define INGOT_TESTS_SPEC_H

#include <stdint.h>

#include "kernel/wasm/module.h"

typedef enum spec_kind {
    SPEC_MODULE,         /* instantiate */
    SPEC_UNINSTANTIABLE, /* instantiate: must trap with `text` */
    SPEC_ACTION,         /* call; must not trap */
    SPEC_RETURN,         /* call; must give the expected values */
    SPEC_TRAP,           /* call; must trap with `text` */
    SPEC_EXCEPTION,      /* call; must end with an uncaught exception */
    SPEC_GET,            /* read an exported global; must hold the expected value */
} spec_kind_t;

/*
 * A value, or a pattern of one. `lane_bits` is the width of a float lane when NaN patterns are
 * meant: a lane whose bit is set in `canonical` or `arithmetic` matches any such NaN.
 */
typedef struct spec_value {
    uint8_t type; /* wasm_rt_type_t */
    uint8_t lane_bits;
    uint8_t canonical, arithmetic;
    uint8_t any_reference; /* expected: any reference but null */
    uint64_t bits, hi;     /* an externref N is N + 1, null is 0 */
} spec_value_t;

typedef struct spec_command {
    uint8_t kind;
    uint8_t n_args, n_expected;
    uint32_t index;       /* of the command in the JSON file */
    uint32_t line;        /* of the command in the .wast file */
    uint32_t values;      /* in spec_values: first the arguments, then what is expected */
    const char *instance; /* its name */
    const char *field;
    const char *text;
    void *(*get)(void *state); /* SPEC_GET: runs at user level, answers where the global is */
} spec_command_t;

extern const spec_command_t spec_commands[];
extern const uint32_t spec_n_commands;
extern const spec_value_t spec_values[];

/* The .run of a testsuite image: performs the commands in order and reports KTAP on stdout. */
void spec_run(void);

#endif
