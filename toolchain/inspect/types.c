/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/types.h"

#include <string.h>

const char *valtype_text(valtype_t t) {
    switch (t) {
    case VT_I32:
        return "i32";
    case VT_I64:
        return "i64";
    case VT_F32:
        return "f32";
    case VT_F64:
        return "f64";
    case VT_V128:
        return "v128";
    case VT_FUNCREF:
        return "funcref";
    case VT_EXTERNREF:
        return "externref";
    case VT_EXNREF:
        return "exnref";
    default:
        return "(ref ...)";
    }
}

const char *kind_text(extern_kind_t kind) {
    static const char *const texts[N_KINDS] = {"func", "table", "memory", "global", "tag"};
    return texts[kind];
}

static void valtypes_text(text_t *t, const char *word, const valtype_t *types, uint32_t n) {
    if (n == 0) {
        return;
    }
    text_addf(t, " (%s", word);
    for (uint32_t i = 0; i < n; i++) {
        text_addf(t, " %s", valtype_text(types[i]));
    }
    text_puts(t, ")");
}

static void limits_text(text_t *t, const limits_t *l) {
    text_addf(t, "%s %llu", l->is64 ? " i64" : "", (unsigned long long)l->min);
    if (l->has_max) {
        text_addf(t, " %llu", (unsigned long long)l->max);
    }
    text_puts(t, l->shared ? " shared" : "");
}

void extern_type_text(text_t *t, const extern_type_t *type) {
    text_puts(t, kind_text(type->kind));
    switch (type->kind) {
    case KIND_FUNC:
    case KIND_TAG:
        valtypes_text(t, "param", type->func->params, type->func->n_params);
        valtypes_text(t, "result", type->func->results, type->func->n_results);
        break;
    case KIND_TABLE:
        limits_text(t, &type->limits);
        text_addf(t, " %s", valtype_text(type->value));
        break;
    case KIND_MEMORY:
        limits_text(t, &type->limits);
        if (type->page_size != 65536) {
            text_addf(t, " (pagesize %u)", type->page_size);
        }
        break;
    default:
        text_addf(t, "%s %s", type->mutable ? " mut" : "", valtype_text(type->value));
        break;
    }
}

bool functype_equal(const functype_t *a, const functype_t *b) {
    return a->n_params == b->n_params && a->n_results == b->n_results &&
           (a->n_params == 0 || memcmp(a->params, b->params, a->n_params) == 0) &&
           (a->n_results == 0 || memcmp(a->results, b->results, a->n_results) == 0);
}

static bool limits_match(const limits_t *have, const limits_t *want) {
    return have->is64 == want->is64 && have->shared == want->shared && have->min >= want->min &&
           (!want->has_max || (have->has_max && have->max <= want->max));
}

bool extern_matches(const extern_type_t *have, const extern_type_t *want) {
    if (have->kind != want->kind) {
        return false;
    }
    switch (want->kind) {
    case KIND_FUNC:
    case KIND_TAG:
        return functype_equal(have->func, want->func);
    case KIND_TABLE:
        return have->value == want->value && limits_match(&have->limits, &want->limits);
    case KIND_MEMORY:
        return have->page_size == want->page_size && limits_match(&have->limits, &want->limits);
    default:
        return have->value == want->value && have->mutable == want->mutable;
    }
}

bool name_equal(name_t a, name_t b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int name_compare(name_t a, name_t b) {
    uint32_t n = a.len < b.len ? a.len : b.len;
    int c = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

const export_t *module_find_export(const module_t *m, name_t name) {
    for (uint32_t i = 0; i < m->n_exports; i++) {
        if (name_equal(m->exports[i].name, name)) {
            return &m->exports[i];
        }
    }
    return NULL;
}
