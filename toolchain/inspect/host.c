/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"

/* The kernel's table names a result type by letter; see kernel/wasi/functions.def. */
static const struct {
    const char *module, *field, *symbol, *params, *results;
} kernel_funcs[] = {
#define HOST_FUNC(module, field, symbol, params, results)                                          \
    {module, #field, #symbol, params, results},
#include "kernel/wasi/functions.def"
#undef HOST_FUNC
};

static bool letters_to_types(host_t *host, const char *letters, const valtype_t **out,
                             uint32_t *count) {
    size_t n = strcmp(letters, "-") == 0 ? 0 : strlen(letters);
    valtype_t *types = arena_alloc(&host->arena, n, sizeof *types);
    for (size_t i = 0; i < n; i++) {
        switch (letters[i]) {
        case 'i':
            types[i] = VT_I32;
            break;
        case 'I':
            types[i] = VT_I64;
            break;
        case 'f':
            types[i] = VT_F32;
            break;
        case 'F':
            types[i] = VT_F64;
            break;
        case 'v':
            types[i] = VT_V128;
            break;
        case 'r':
            types[i] = VT_FUNCREF;
            break;
        case 'e':
            types[i] = VT_EXTERNREF;
            break;
        default:
            return false;
        }
    }
    *out = types;
    *count = (uint32_t)n;
    return true;
}

static bool add(host_t *host, const char *module, const char *field, const char *symbol,
                const char *params, const char *results, bool user) {
    host_func_t f = {.symbol = symbol, .user = user, .type.is_func = true};
    f.module = name_of(module);
    f.field = name_of(field);
    if (!letters_to_types(host, params, &f.type.params, &f.type.n_params) ||
        !letters_to_types(host, results, &f.type.results, &f.type.n_results) ||
        f.type.n_results > 1) {
        return false;
    }
    if (host->n_funcs % 64 == 0) {
        host->funcs = xrealloc(host->funcs, (host->n_funcs + 64) * sizeof *host->funcs);
    }
    host->funcs[host->n_funcs++] = f;
    return true;
}

void host_init(host_t *host) {
    *host = (host_t){0};
    for (size_t i = 0; i < sizeof kernel_funcs / sizeof kernel_funcs[0]; i++) {
        if (!add(host, kernel_funcs[i].module, kernel_funcs[i].field, kernel_funcs[i].symbol,
                 kernel_funcs[i].params, kernel_funcs[i].results, false)) {
            fprintf(stderr, "error: kernel/wasi/functions.def: bad entry %s\n",
                    kernel_funcs[i].field);
            abort();
        }
    }
}

static bool is_c_identifier(const char *s) {
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return n > 0 && s[n] == 0 && !(s[0] >= '0' && s[0] <= '9');
}

static status_t add_line(host_t *host, const char *path, unsigned number, char *line) {
    line[strcspn(line, "#")] = 0;
    char *words[6];
    unsigned n = 0;
    for (char *w = strtok(line, " \t\r"); w != NULL && n < 6; w = strtok(NULL, " \t\r")) {
        words[n++] = w;
    }
    if (n == 0) {
        return STATUS_OK;
    }
    if (n != 5) {
        fprintf(stderr, "error: %s:%u: expected NAMESPACE FIELD SYMBOL PARAMS RESULTS\n", path,
                number);
        return ERR_INVALID;
    }
    if (!is_c_identifier(words[2])) {
        fprintf(stderr, "error: %s:%u: `%s` is not a C function name\n", path, number, words[2]);
        return ERR_INVALID;
    }
    const host_func_t *taken = host_find(host, name_of(words[0]), name_of(words[1]));
    if (taken != NULL) {
        fprintf(stderr, "error: %s:%u: `%s.%s` is already provided by %s (%s)\n", path, number,
                words[0], words[1], taken->user ? "a host table" : "the kernel", taken->symbol);
        return ERR_OVERLAP;
    }
    for (unsigned i = 0; i < 3; i++) {
        words[i] = arena_strndup(&host->arena, words[i], strlen(words[i]));
    }
    if (!add(host, words[0], words[1], words[2], words[3], words[4], true)) {
        fprintf(stderr, "error: %s:%u: types are letters of iIfFvre, or -, one result at most\n",
                path, number);
        return ERR_INVALID;
    }
    return STATUS_OK;
}

status_t host_add_table(host_t *host, const char *path) {
    uint8_t *data;
    size_t len;
    status_t s = file_read(path, &data, &len);
    if (s != STATUS_OK) {
        return s;
    }
    unsigned number = 0;
    for (char *at = (char *)data; at != NULL && s == STATUS_OK;) {
        char *end = strchr(at, '\n');
        if (end != NULL) {
            *end++ = 0;
        }
        s = add_line(host, path, ++number, at);
        at = end;
    }
    free(data);
    return s;
}

void host_free(host_t *host) {
    arena_free(&host->arena);
    free(host->funcs);
    *host = (host_t){0};
}

const host_func_t *host_find(const host_t *host, name_t module, name_t field) {
    for (uint32_t i = 0; i < host->n_funcs; i++) {
        if (name_equal(host->funcs[i].module, module) && name_equal(host->funcs[i].field, field)) {
            return &host->funcs[i];
        }
    }
    return NULL;
}

bool host_has_namespace(const host_t *host, name_t module) {
    for (uint32_t i = 0; i < host->n_funcs; i++) {
        if (name_equal(host->funcs[i].module, module)) {
            return true;
        }
    }
    return false;
}
