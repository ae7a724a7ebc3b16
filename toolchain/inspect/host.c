/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/text.h"

/* The kernel's table names a result type by letter; see kernel/wasi/functions.def. */
static const struct {
    const char *module, *field, *symbol, *params, *results;
} kernel_funcs[] = {
#define HOST_FUNC(module, field, symbol, params, results)                                          \
    {module, #field, #symbol, params, results},
#include "kernel/wasi/functions.def"
#undef HOST_FUNC
};

static status_t types_of(host_t *host, const char *letters, const valtype_t **out,
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
        default:
            return ERR_INVALID;
        }
    }
    *out = types;
    *count = (uint32_t)n;
    return STATUS_OK;
}

void host_add(host_t *host, const host_func_t *f) {
    if (host->n_funcs % 64 == 0) {
        host->funcs = xrealloc(host->funcs, (host->n_funcs + 64) * sizeof *host->funcs);
    }
    host->funcs[host->n_funcs++] = *f;
}

void host_init(host_t *host) {
    *host = (host_t){0};
    for (size_t i = 0; i < sizeof kernel_funcs / sizeof kernel_funcs[0]; i++) {
        host_func_t f = {.module = name_of(kernel_funcs[i].module),
                         .field = name_of(kernel_funcs[i].field),
                         .symbol = kernel_funcs[i].symbol,
                         .type.is_func = true};
        if (types_of(host, kernel_funcs[i].params, &f.type.params, &f.type.n_params) != STATUS_OK ||
            types_of(host, kernel_funcs[i].results, &f.type.results, &f.type.n_results) !=
                STATUS_OK) {
            fprintf(stderr, "error: kernel/wasi/functions.def: bad entry %s\n",
                    kernel_funcs[i].field);
            abort();
        }
        host_add(host, &f);
    }
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

/* What the calling convention (RISC-V ELF psABI, integer and hardware floating-point) has in
 * registers, of each kind; what is left over is on the stack. */
#define ARGUMENT_REGISTERS 8u

uint32_t host_stack_words(const functype_t *type) {
    uint32_t integers = 1, floats = 0, words = 0;
    for (uint32_t i = 0; i < type->n_params; i++) {
        bool is_float = type->params[i] == VT_F32 || type->params[i] == VT_F64;
        if (is_float && floats < ARGUMENT_REGISTERS) {
            floats++;
        } else if (integers < ARGUMENT_REGISTERS) {
            integers++;
        } else {
            words++;
        }
    }
    return words;
}
