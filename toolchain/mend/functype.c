/* SPDX-License-Identifier: MIT */
/*
 * Function types. wasm2c names a type by a static pointer to its SHA-256, once per module, and
 * compares 32 bytes when the pointers differ. Here the bytes get a weak hidden symbol named after
 * them: the linker keeps one of all the modules', and equal types have equal addresses.
 */
#define _GNU_SOURCE /* memmem */

#include <string.h>

#include "toolchain/mend/parts.h"

#define HASH_BYTES 32u

typedef struct type_def {
    slice_t name; /* w2c_MODULE_tN */
    char symbol[16 + 2 * HASH_BYTES];
} type_def_t;

typedef struct types {
    arena_t arena;
    type_def_t *defs;
    size_t n;
} types_t;

/* The name in `MACRO(name) = "..."` or `MACRO(name);`. */
static slice_t macro_argument(slice_t line) {
    const char *open = memchr(line.p, '(', line.n);
    const char *close = memchr(line.p, ')', line.n);
    return (slice_t){open + 1, (size_t)(close - open - 1)};
}

/* "\x07\x80..." to ingot_type_0780... */
static bool hash_symbol(slice_t line, char symbol[16 + 2 * HASH_BYTES]) {
    const char *at = memchr(line.p, '"', line.n);
    if (at == NULL || line.p + line.n - at < (long)(4 * HASH_BYTES + 3)) {
        return false;
    }
    at++;
    char *out = symbol + sizeof "ingot_type_" - 1;
    memcpy(symbol, "ingot_type_", sizeof "ingot_type_" - 1);
    for (unsigned i = 0; i < HASH_BYTES; i++, at += 4) {
        if (at[0] != '\\' || at[1] != 'x') {
            return false;
        }
        *out++ = at[2];
        *out++ = at[3];
    }
    *out = 0;
    return at[0] == '"' && at[1] == ';';
}

static bool is_definition(slice_t line) {
    return slice_starts(line, "FUNC_TYPE_T(w2c_") || slice_starts(line, "FUNC_TYPE_EXTERN_T(w2c_");
}

static status_t collect(types_t *types, const mend_file_t *file, mend_error_t *error) {
    size_t n;
    slice_t *lines = split_lines(&types->arena, &file->text, &n);
    type_def_t *defs = arena_alloc(&types->arena, types->n + n, sizeof *defs);
    if (types->n > 0) {
        memcpy(defs, types->defs, types->n * sizeof *defs);
    }
    types->defs = defs;
    for (size_t i = 0; i < n; i++) {
        if (!is_definition(lines[i])) {
            continue;
        }
        type_def_t *def = &defs[types->n++];
        slice_t name = macro_argument(lines[i]);
        def->name = (slice_t){arena_strndup(&types->arena, name.p, name.n), name.n};
        if (!hash_symbol(lines[i], def->symbol)) {
            return mend_fail(error, "%s: function type of an unknown form: %.*s", file->name,
                             (int)name.n, name.p);
        }
    }
    return STATUS_OK;
}

static const type_def_t *find(const types_t *types, slice_t name) {
    for (size_t i = 0; i < types->n; i++) {
        if (types->defs[i].name.n == name.n && memcmp(types->defs[i].name.p, name.p, name.n) == 0) {
            return &types->defs[i];
        }
    }
    return NULL;
}

static void define(text_t *out, slice_t name, const type_def_t *def) {
    text_addf(out, "#define %.*s %s\n", (int)name.n, name.p, def->symbol);
}

static void rewrite(types_t *types, mend_file_t *file) {
    size_t n;
    slice_t *lines = split_lines(&types->arena, &file->text, &n);
    text_t out = {0};
    for (size_t i = 0; i < n; i++) {
        bool declaration = slice_starts(lines[i], "FUNC_TYPE_DECL_EXTERN_T(w2c_");
        if (!declaration && !is_definition(lines[i])) {
            text_add(&out, lines[i].p, lines[i].n);
            text_puts(&out, "\n");
            continue;
        }
        slice_t name = macro_argument(lines[i]);
        const type_def_t *def = find(types, name);
        if (def == NULL) {
            continue; /* a duplicate, which wasm2c declares and never uses */
        }
        if (declaration) {
            text_addf(&out, "INGOT_FUNC_TYPE_DECL(%s);\n", def->symbol);
            define(&out, name, def);
            continue;
        }
        const char *value = memchr(lines[i].p, '=', lines[i].n);
        text_addf(&out, "INGOT_FUNC_TYPE(%s) %.*s\n", def->symbol,
                  (int)(lines[i].p + lines[i].n - value), value);
        if (slice_starts(lines[i], "FUNC_TYPE_T(")) {
            define(&out, name, def);
        }
    }
    text_free(&file->text);
    file->text = out;
}

status_t mend_func_types(mend_file_t *files, size_t n_files, size_t preamble, mend_error_t *error) {
    types_t types = {0};
    status_t s = STATUS_OK;
    (void)preamble;
    for (size_t i = 0; i < n_files && s == STATUS_OK; i++) {
        s = collect(&types, &files[i], error);
    }
    for (size_t i = 0; i < n_files && s == STATUS_OK; i++) {
        rewrite(&types, &files[i]);
    }
    arena_free(&types.arena);
    return s;
}

/* The parameter list, when the line starts a wrapper. */
static const char *wrapper_params(slice_t line) {
    if (!slice_starts(line, "static ") || !slice_contains(line, " wrap_w2c_")) {
        return NULL;
    }
    return memmem(line.p, line.n, "(void *instance", sizeof "(void *instance" - 1);
}

/*
 * static T wrap_F(void *instance, ...) { return F((struct M*) instance, ...); }
 *
 * The wrapper exists because C does not allow a call through a pointer to a function with another
 * pointer type as its first parameter; our compiler and calling convention do, so `wrap_F` becomes
 * another name of F. In several outputs wasm2c puts all wrappers into the first and uses them in
 * the others; the names go where all of them see them.
 */
status_t mend_wrappers(mend_file_t *files, size_t n_files, size_t preamble, mend_error_t *error) {
    arena_t arena = {0};
    text_t shared = {0};
    status_t s = STATUS_OK;
    for (size_t f = 0; f < n_files && s == STATUS_OK; f++) {
        size_t n;
        slice_t *lines = split_lines(&arena, &files[f].text, &n);
        text_t out = {0};
        text_t *names = f == preamble ? &out : &shared;
        for (size_t i = 0; i < n; i++) {
            slice_t line = lines[i];
            const char *params = wrapper_params(line);
            if (params == NULL) {
                text_add(&out, line.p, line.n);
                text_puts(&out, "\n");
                continue;
            }
            const char *name = params;
            while (name[-1] != ' ') {
                name--;
            }
            size_t len = (size_t)(params - name);
            text_addf(names, "#define %.*s %.*s\n", (int)len, name, (int)(len - 5), name + 5);
            while (i < n && !slice_equals(lines[i], "}")) {
                i++;
            }
            if (i == n) {
                s = mend_fail(error, "%s: wrapper %.*s does not end", files[f].name, (int)len,
                              name);
            }
        }
        text_free(&files[f].text);
        files[f].text = out;
    }
    text_add(&files[preamble].text, text_str(&shared), shared.len);
    text_free(&shared);
    arena_free(&arena);
    return s;
}
