/* SPDX-License-Identifier: MIT */
/* C spellings that the link headers and the glue share. */
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

bool first_of_name(const module_t *m, uint32_t import) {
    const import_t *a = &m->imports[import];
    for (uint32_t i = 0; i < import; i++) {
        if (name_equal(m->imports[i].field, a->field) &&
            name_equal(m->imports[i].module, a->module)) {
            return false;
        }
    }
    return true;
}

const char *c_valtype(valtype_t type) {
    switch (type) {
    case VT_I32:
        return "uint32_t";
    case VT_I64:
        return "uint64_t";
    case VT_F32:
        return "float";
    case VT_F64:
        return "double";
    case VT_V128:
        return "v128";
    case VT_FUNCREF:
        return "wasm_rt_funcref_t";
    case VT_EXTERNREF:
        return "wasm_rt_externref_t";
    default:
        return "wasm_rt_exnref_t";
    }
}

static void multi_name(text_t *t, const functype_t *type) {
    text_puts(t, "wasm_multi_");
    for (uint32_t i = 0; i < type->n_results; i++) {
        text_addf(t, "%c", mangle_valtype(type->results[i]));
    }
}

void c_result(text_t *t, const functype_t *type) {
    if (type->n_results == 0) {
        text_puts(t, "void");
    } else if (type->n_results == 1) {
        text_puts(t, c_valtype(type->results[0]));
    } else {
        text_puts(t, "struct ");
        multi_name(t, type);
    }
}

void c_params(text_t *t, const functype_t *type) {
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, ", %s a%u", c_valtype(type->params[i]), i);
    }
}

void c_args(text_t *t, const functype_t *type) {
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, ", a%u", i);
    }
}

void c_multi_struct(text_t *t, const functype_t *type) {
    if (type->n_results < 2) {
        return;
    }
    text_t name = {0};
    multi_name(&name, type);
    text_addf(t, "#ifndef %s\n#define %s %s\nstruct %s {\n", name.data, name.data, name.data,
              name.data);
    for (uint32_t i = 0; i < type->n_results; i++) {
        text_addf(t, "    %s %c%u;\n", c_valtype(type->results[i]),
                  mangle_valtype(type->results[i]), i);
    }
    text_puts(t, "};\n#endif\n");
    text_free(&name);
}

void export_symbol(text_t *t, const link_module_t *lm, name_t export_name) {
    mangle_symbol(t, name_of(lm->symbol), export_name);
}

void import_symbol(text_t *t, const link_module_t *lm, const import_t *import) {
    text_addf(t, "ingot_%s_", lm->symbol);
    mangle_symbol(t, import->module, import->field);
}

const char *c_extern_type(const extern_type_t *type) {
    switch (type->kind) {
    case KIND_MEMORY:
        return "wasm_rt_memory_t";
    case KIND_TABLE:
        return type->value == VT_FUNCREF     ? "wasm_rt_funcref_table_t"
               : type->value == VT_EXTERNREF ? "wasm_rt_externref_table_t"
                                             : "wasm_rt_exnref_table_t";
    default:
        return c_valtype(type->value);
    }
}
