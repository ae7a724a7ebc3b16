/* SPDX-License-Identifier: MIT */
#include "tests/conformance/spec/tool/suite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_texts[N_COMMAND_KINDS] = {
    [C_MODULE] = "module",
    [C_REGISTER] = "register",
    [C_ACTION] = "action",
    [C_RETURN] = "assert_return",
    [C_TRAP] = "assert_trap",
    [C_EXHAUSTION] = "assert_exhaustion",
    [C_EXCEPTION] = "assert_exception",
    [C_UNINSTANTIABLE] = "assert_uninstantiable",
    [C_UNLINKABLE] = "assert_unlinkable",
    [C_DEFINITION] = "module definition",
    [C_INVALID] = "assert_invalid",
    [C_MALFORMED] = "assert_malformed",
};

_Noreturn void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("ingot-spec: error: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

const char *command_kind_text(command_kind_t kind) {
    return kind_texts[kind];
}

typedef struct where {
    const char *file;
    unsigned line;
} where_t;

static const char *string_of(where_t w, const json_t *object, const char *key, bool required) {
    const char *s = json_string_value(json_object_get(object, key));
    if (s == NULL && required) {
        die("%s: command of line %u: no string \"%s\"", w.file, w.line, key);
    }
    return s;
}

static command_kind_t kind_of(where_t w, const char *text) {
    for (unsigned k = 0; k < N_COMMAND_KINDS; k++) {
        if (strcmp(kind_texts[k], text) == 0) {
            return (command_kind_t)k;
        }
    }
    die("%s: command of line %u: unknown type \"%s\"", w.file, w.line, text);
}

static uint8_t type_of(where_t w, const char *text) {
    static const struct {
        const char *text;
        wasm_rt_type_t type;
    } types[] = {
        {"i32", WASM_RT_I32},
        {"i64", WASM_RT_I64},
        {"f32", WASM_RT_F32},
        {"f64", WASM_RT_F64},
        {"v128", WASM_RT_V128},
        {"funcref", WASM_RT_FUNCREF},
        {"externref", WASM_RT_EXTERNREF},
        {"exnref", WASM_RT_EXNREF},
    };
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].text, text) == 0) {
            return (uint8_t)types[i].type;
        }
    }
    die("%s: command of line %u: unknown value type \"%s\"", w.file, w.line, text);
}

/* One number, or one lane, of `bits` bits at bit `shift` of the value. */
static void set_lane(where_t w, spec_value_t *v, const char *text, unsigned bits, unsigned lane) {
    uint64_t n = 0;
    if (strcmp(text, "nan:canonical") == 0) {
        v->canonical |= (uint8_t)(1u << lane);
    } else if (strcmp(text, "nan:arithmetic") == 0) {
        v->arithmetic |= (uint8_t)(1u << lane);
    } else {
        char *end;
        errno = 0;
        n = text[0] == '-' ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
        if (errno != 0 || end == text || *end != 0) {
            die("%s: command of line %u: bad number \"%s\"", w.file, w.line, text);
        }
    }
    unsigned shift = lane * bits;
    n &= UINT64_MAX >> (64 - bits);
    *(shift < 64 ? &v->bits : &v->hi) |= n << shift % 64;
}

static void set_v128(where_t w, spec_value_t *v, const json_t *object) {
    const json_t *lanes = json_object_get(object, "value");
    const char *type = string_of(w, object, "lane_type", true);
    unsigned bits = (unsigned)strtoul(type + 1, NULL, 10);
    if ((bits != 8 && bits != 16 && bits != 32 && bits != 64) ||
        json_array_size(lanes) != 128 / bits) {
        die("%s: command of line %u: bad v128", w.file, w.line);
    }
    v->lane_bits = (uint8_t)bits;
    for (unsigned i = 0; i < 128 / bits; i++) {
        const char *text = json_string_value(json_array_get(lanes, i));
        set_lane(w, v, text != NULL ? text : "", bits, i);
    }
}

static void set_value(where_t w, spec_value_t *v, const json_t *object) {
    v->type = type_of(w, string_of(w, object, "type", true));
    const char *text = string_of(w, object, "value", false);
    switch (v->type) {
    case WASM_RT_V128:
        if (json_object_get(object, "value") != NULL) {
            set_v128(w, v, object);
        }
        return;
    case WASM_RT_FUNCREF:
    case WASM_RT_EXTERNREF:
    case WASM_RT_EXNREF:
        if (text == NULL || (v->type != WASM_RT_EXTERNREF && strcmp(text, "null") != 0)) {
            v->any_reference = 1;
        } else if (strcmp(text, "null") != 0) {
            set_lane(w, v, text, 64, 0);
            v->bits++;
        }
        return;
    default: {
        bool narrow = v->type == WASM_RT_I32 || v->type == WASM_RT_F32;
        v->lane_bits = narrow ? 32 : 64;
        /* Where a trap is expected, only the types of the results are given. */
        set_lane(w, v, text != NULL ? text : "0", v->lane_bits, 0);
        return;
    }
    }
}

static void load_values(where_t w, command_t *c, const json_t *args, const json_t *expected) {
    c->n_args = (unsigned)json_array_size(args);
    c->n_expected = (unsigned)json_array_size(expected);
    c->values = xcalloc(c->n_args + c->n_expected + 1, sizeof *c->values);
    for (unsigned i = 0; i < c->n_args; i++) {
        set_value(w, &c->values[i], json_array_get(args, i));
    }
    for (unsigned i = 0; i < c->n_expected; i++) {
        set_value(w, &c->values[c->n_args + i], json_array_get(expected, i));
    }
}

static void load_command(const char *path, const json_t *object, command_t *c) {
    where_t w = {path, (unsigned)json_integer_value(json_object_get(object, "line"))};
    c->line = w.line;
    c->kind = kind_of(w, string_of(w, object, "type", true));
    if (c->kind == C_MODULE && json_object_get(object, "definition") != NULL) {
        c->kind = C_DEFINITION;
    }
    const char *text = string_of(w, object, "text", false);
    c->text = text != NULL ? text : "";
    c->name = string_of(w, object, "name", false);
    c->as = string_of(w, object, "as", c->kind == C_REGISTER);
    const char *filename = string_of(w, object, "filename", false);
    if (filename != NULL) {
        const char *slash = strrchr(path, '/');
        text_t full = {0};
        text_add(&full, path, slash != NULL ? (size_t)(slash + 1 - path) : 0);
        text_puts(&full, filename);
        c->path = full.data;
    }
    const json_t *action = json_object_get(object, "action");
    if (action != NULL) {
        const json_t *field = json_object_get(action, "field");
        c->is_get = strcmp(string_of(w, action, "type", true), "get") == 0;
        c->name = string_of(w, action, "module", false);
        c->field = (bytes_t){json_string_value(field), json_string_length(field)};
        if (c->field.ptr == NULL) {
            die("%s: command of line %u: no field", path, c->line);
        }
        load_values(w, c, json_object_get(action, "args"), json_object_get(object, "expected"));
    } else if (c->kind != C_REGISTER && c->path == NULL) {
        die("%s: command of line %u: no file name", path, c->line);
    }
}

void suite_load(const char *path, suite_t *out) {
    json_error_t error;
    suite_t s = {.json = json_load_file(path, JSON_ALLOW_NUL, &error)};
    if (s.json == NULL) {
        die("%s:%d: %s", path, error.line, error.text);
    }
    const char *base = strrchr(path, '/');
    s.stem = strdup(base != NULL ? base + 1 : path);
    char *dot = strrchr(s.stem, '.');
    if (dot != NULL) {
        *dot = 0;
    }
    const json_t *commands = json_object_get(s.json, "commands");
    s.n_commands = (unsigned)json_array_size(commands);
    s.commands = xcalloc(s.n_commands + 1, sizeof *s.commands);
    for (unsigned i = 0; i < s.n_commands; i++) {
        load_command(path, json_array_get(commands, i), &s.commands[i]);
    }
    *out = s;
}

void suite_free(suite_t *s) {
    for (unsigned i = 0; i < s->n_commands; i++) {
        free(s->commands[i].path);
        free(s->commands[i].values);
    }
    free(s->commands);
    free(s->stem);
    json_decref(s->json);
}
