/* SPDX-License-Identifier: MIT */
/*
 * One file of the WebAssembly testsuite as wast2json writes it. Format: wabt, docs/wast2json.md.
 */
#ifndef INGOT_TESTS_SPEC_SUITE_H
#define INGOT_TESTS_SPEC_SUITE_H

#include <jansson.h>

#include "tests/conformance/spec/guest/spec.h"
#include "toolchain/lib/text.h"

typedef enum command_kind {
    C_MODULE,
    C_REGISTER,
    C_ACTION,
    C_RETURN,
    C_TRAP,
    C_EXHAUSTION,
    C_EXCEPTION,
    C_UNINSTANTIABLE,
    C_UNLINKABLE,
    C_DEFINITION, /* a module that is not instantiated */
    C_INVALID,
    C_MALFORMED,
    N_COMMAND_KINDS,
} command_kind_t;

typedef struct bytes {
    const char *ptr; /* not NUL-terminated: names may hold NUL */
    size_t len;
} bytes_t;

typedef struct command {
    command_kind_t kind;
    unsigned line;
    char *path;       /* of the module's file; NULL for commands without one */
    const char *name; /* $name that the module is given, or that the command speaks of; or NULL */
    const char *as;   /* C_REGISTER */
    const char *text; /* what the trap or the refusal is to be; "" when the file has none */
    bool is_get;      /* the action reads a global */
    bytes_t field;    /* of the action */
    spec_value_t *values;
    unsigned n_args, n_expected;
} command_t;

typedef struct suite {
    json_t *json;
    char *stem; /* file name without directory and ".json" */
    command_t *commands;
    unsigned n_commands;
} suite_t;

/* The wast word: "assert_return". */
const char *command_kind_text(command_kind_t kind);

/* Reads a JSON file; ends the program with a message when it is not what the format says. */
void suite_load(const char *path, suite_t *out);
void suite_free(suite_t *s);

/* Ends the program with exit code 1. */
__attribute__((format(printf, 1, 2))) _Noreturn void die(const char *format, ...);

#endif
