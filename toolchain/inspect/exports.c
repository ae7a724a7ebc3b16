/* SPDX-License-Identifier: MIT */
/*
 * Calls by name: one thunk per function export, at user level, between wasm_value_t and the C
 * signature; and the kernel's table of them. A thunk costs code and keeps its function in the
 * image, so they are made only for modules of which calls by name are wanted.
 *
 * Values: i32 and f32 are in the low half of `bits`; v128 is `bits` and `hi`; an externref is its
 * pointer; a funcref or exnref is the address of the reference, or 0 for null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

#define MAX_VALUES 255u /* wasm_export_func_t counts in a byte */

/* As find_instance() in kernel/wasm/invoke.c, for calls that the boot arguments ask for. */
uint32_t plan_invoked_module(const plan_t *p, const char **export_) {
    const link_t *l = &p->link;
    uint32_t found = l->main;
    size_t found_len = 0;
    *export_ = p->invoke;
    if (module_find_export(&l->modules[l->main].m, name_of(p->invoke)) != NULL) {
        return l->main;
    }
    for (uint32_t i = 0; i < l->n_modules; i++) {
        size_t len = strlen(l->modules[i].name);
        if (len >= found_len && strncmp(p->invoke, l->modules[i].name, len) == 0 &&
            strncmp(p->invoke + len, "::", 2) == 0) {
            found = i;
            found_len = len;
            *export_ = p->invoke + len + 2;
        }
    }
    return found;
}

bool plan_wants_thunks(const plan_t *p, uint32_t module) {
    const export_t *start = module_find_export(&p->link.modules[module].m, name_of("_start"));
    const char *export_;
    return p->all_exports || (module == p->link.main && start == NULL) ||
           (p->invoke != NULL && module == plan_invoked_module(p, &export_));
}

static const char *rt_type(valtype_t type) {
    switch (type) {
    case VT_I32:
        return "WASM_RT_I32";
    case VT_I64:
        return "WASM_RT_I64";
    case VT_F32:
        return "WASM_RT_F32";
    case VT_F64:
        return "WASM_RT_F64";
    case VT_V128:
        return "WASM_RT_V128";
    case VT_FUNCREF:
        return "WASM_RT_FUNCREF";
    case VT_EXTERNREF:
        return "WASM_RT_EXTERNREF";
    default:
        return "WASM_RT_EXNREF";
    }
}

static void type_list(text_t *t, const char *what, const char *symbol, uint32_t index,
                      const valtype_t *types, uint32_t n) {
    if (n == 0) {
        return;
    }
    text_addf(t, "static const wasm_rt_type_t %s_%s_%u[] = {", what, symbol, index);
    for (uint32_t i = 0; i < n; i++) {
        text_addf(t, "%s%s", i > 0 ? ", " : "", rt_type(types[i]));
    }
    text_puts(t, "};\n");
}

/* Parameter i as a C expression; references need statements, so everything goes through locals. */
static void load_param(text_t *t, valtype_t type, uint32_t i) {
    switch (type) {
    case VT_I32:
        text_addf(t, "    uint32_t a%u = (uint32_t)params[%u].bits;\n", i, i);
        break;
    case VT_I64:
        text_addf(t, "    uint64_t a%u = params[%u].bits;\n", i, i);
        break;
    case VT_F32:
    case VT_F64:
        text_addf(t, "    %s a%u;\n    __builtin_memcpy(&a%u, &params[%u].bits, sizeof a%u);\n",
                  c_valtype(type), i, i, i, i);
        break;
    case VT_V128:
        text_addf(t,
                  "    uint64_t halves%u[2] = {params[%u].bits, params[%u].hi};\n    v128 a%u;\n"
                  "    __builtin_memcpy(&a%u, halves%u, sizeof a%u);\n",
                  i, i, i, i, i, i, i);
        break;
    case VT_EXTERNREF:
        text_addf(t, "    wasm_rt_externref_t a%u = (wasm_rt_externref_t)params[%u].bits;\n", i, i);
        break;
    default: {
        const char *null = type == VT_FUNCREF ? "funcref" : "exnref";
        text_addf(t,
                  "    %s a%u = wasm_rt_%s_null_value;\n    if (params[%u].bits != 0) {\n"
                  "        a%u = *(const %s *)params[%u].bits;\n    }\n",
                  c_valtype(type), i, null, i, i, c_valtype(type), i);
        break;
    }
    }
}

static void store_result(text_t *t, valtype_t type, uint32_t i, const char *from) {
    text_addf(t, "    results[%u] = (wasm_value_t){.type = %s};\n", i, rt_type(type));
    switch (type) {
    case VT_I32:
    case VT_I64:
        text_addf(t, "    results[%u].bits = %s;\n", i, from);
        break;
    case VT_F32:
    case VT_F64:
        text_addf(t, "    __builtin_memcpy(&results[%u].bits, &%s, sizeof %s);\n", i, from, from);
        break;
    case VT_V128:
        text_addf(t,
                  "    __builtin_memcpy(&results[%u].bits, &%s, 8);\n"
                  "    __builtin_memcpy(&results[%u].hi, (const char *)&%s + 8, 8);\n",
                  i, from, i, from);
        break;
    case VT_EXTERNREF:
        text_addf(t, "    results[%u].bits = (uint64_t)%s;\n", i, from);
        break;
    default:
        /* Kept until the next call: the value struct has no room for it. */
        text_addf(t,
                  "    static %s kept%u;\n    kept%u = %s;\n"
                  "    results[%u].bits = %s.%s != NULL ? (uint64_t)&kept%u : 0;\n",
                  c_valtype(type), i, i, from, i, from, type == VT_FUNCREF ? "func_type" : "tag",
                  i);
        break;
    }
}

static void thunk(text_t *t, const link_module_t *lm, const export_t *e, uint32_t index) {
    const functype_t *type = lm->m.space[KIND_FUNC].items[e->index].func;
    text_addf(t,
              "void ingot_call_%s_%u(void *instance, const wasm_value_t *params, "
              "wasm_value_t *results) {\n    (void)params;\n    (void)results;\n",
              lm->symbol, index);
    for (uint32_t i = 0; i < type->n_params; i++) {
        load_param(t, type->params[i], i);
    }
    text_puts(t, "    ");
    if (type->n_results > 0) {
        c_result(t, type);
        text_puts(t, " r = ");
    }
    export_symbol(t, lm, e->name);
    text_puts(t, "(instance");
    c_args(t, type);
    text_puts(t, ");\n");
    for (uint32_t i = 0; i < type->n_results; i++) {
        char from[16] = "r";
        if (type->n_results > 1) {
            snprintf(from, sizeof from, "r.%c%u", mangle_valtype(type->results[i]), i);
        }
        store_result(t, type->results[i], i, from);
    }
    text_puts(t, "}\n");
}

static int by_name(const void *a, const void *b) {
    const export_t *const *x = a, *const *y = b;
    return name_compare((*x)->name, (*y)->name);
}

static void table_row(text_t *t, const link_module_t *lm, const export_t *e, uint32_t index) {
    const functype_t *type = lm->m.space[KIND_FUNC].items[e->index].func;
    text_puts(t, "    {");
    text_c_string(t, e->name.ptr, e->name.len);
    text_addf(t, type->n_params > 0 ? ", params_%s_%u" : ", NULL", lm->symbol, index);
    text_addf(t, type->n_results > 0 ? ", results_%s_%u" : ", NULL", lm->symbol, index);
    text_addf(t, ", %u, %u, ingot_call_%s_%u},\n", type->n_params, type->n_results, lm->symbol,
              index);
}

/* The function exports that can be called by name, in the order of those; to be freed. */
static const export_t **callable(const module_t *m, uint32_t *count) {
    const export_t **sorted = xcalloc(m->n_exports, sizeof *sorted);
    *count = 0;
    for (uint32_t i = 0; i < m->n_exports; i++) {
        const export_t *e = &m->exports[i];
        if (e->kind != KIND_FUNC) {
            continue;
        }
        const functype_t *type = m->space[KIND_FUNC].items[e->index].func;
        if (type->n_params <= MAX_VALUES && type->n_results <= MAX_VALUES) {
            sorted[(*count)++] = e;
        }
    }
    if (*count > 0) {
        qsort(sorted, *count, sizeof *sorted, by_name);
    }
    return sorted;
}

void emit_thunks(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    uint32_t n;
    const export_t **exports = callable(&lm->m, &n);
    for (uint32_t i = 0; i < n; i++) {
        thunk(t, lm, exports[i], i);
    }
    free(exports);
}

void emit_exports(text_t *t, const plan_t *p, uint32_t module, uint32_t *n_exports) {
    const link_module_t *lm = &p->link.modules[module];
    const export_t **exports = callable(&lm->m, n_exports);
    text_t table = {0};
    for (uint32_t i = 0; i < *n_exports; i++) {
        const functype_t *type = lm->m.space[KIND_FUNC].items[exports[i]->index].func;
        type_list(t, "params", lm->symbol, i, type->params, type->n_params);
        type_list(t, "results", lm->symbol, i, type->results, type->n_results);
        text_addf(t, "void ingot_call_%s_%u(void *, const wasm_value_t *, wasm_value_t *);\n",
                  lm->symbol, i);
        table_row(&table, lm, exports[i], i);
    }
    if (*n_exports > 0) {
        text_addf(t, "static const wasm_export_func_t exports_%s[] = {\n%s};\n\n", lm->symbol,
                  text_str(&table));
    }
    text_free(&table);
    free(exports);
}
