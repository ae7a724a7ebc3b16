/* SPDX-License-Identifier: MIT */
/*
 * The link header of one module. wasm2c spells every import w2c_NAMESPACE_FIELD; two modules may
 * mean different things, of different types, by the same name. So the header renames each of them
 * to a name of this module alone, and defines what is behind it:
 *
 *  - a function, memory, table or global of another module: an inline function with the provider's
 *    static instance, so that a call between modules is a direct C call;
 *  - a host function, or one that nothing provides: a wrapper that ingot-user.c defines;
 *  - a tag: the provider's symbol itself, since a tag is its address.
 *
 * The instance pointers that wasm2c passes around for imports are therefore unused, and NULL. All
 * macros come last, so that none of them touches the names of providers above.
 */
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

static bool uses_v128(const module_t *m) {
    for (uint32_t i = 0; i < m->n_imports; i++) {
        const extern_type_t *type = &m->imports[i].type;
        if (type->kind == KIND_GLOBAL && type->value == VT_V128) {
            return true;
        }
        for (uint32_t k = 0; type->kind == KIND_FUNC && k < type->func->n_params; k++) {
            if (type->func->params[k] == VT_V128) {
                return true;
            }
        }
        for (uint32_t k = 0; type->kind == KIND_FUNC && k < type->func->n_results; k++) {
            if (type->func->results[k] == VT_V128) {
                return true;
            }
        }
    }
    return false;
}

static void includes(text_t *t, const module_t *m) {
    text_puts(t, "#include <stdint.h>\n\n#include \"kernel/wasm/wasm-rt.h\"\n");
    if (uses_v128(m)) {
        text_puts(t, "#include <simde/wasm/simd128.h>\n\n#ifndef WASM_RT_SIMD_TYPE_DEFINED\n"
                     "#define WASM_RT_SIMD_TYPE_DEFINED\ntypedef simde_v128_t v128;\n#endif\n");
    }
}

/* "struct w2c_NAMESPACE": the tag wasm2c gives the unused instance pointer. */
static void namespace_struct(text_t *t, const import_t *import) {
    text_puts(t, "struct w2c_");
    mangle_module(t, import->module);
}

static void inline_function(text_t *t, const link_module_t *lm, const import_t *import,
                            const link_module_t *provider, const export_t *e) {
    text_t symbol = {0};
    export_symbol(&symbol, provider, e->name);
    const functype_t *type = import->type.func;
    c_multi_struct(t, type);
    c_result(t, type);
    text_addf(t, " %s(struct w2c_", symbol.data);
    mangle_module(t, name_of(provider->symbol));
    text_puts(t, " *instance");
    c_params(t, type);
    text_puts(t, ");\nINGOT_LINK ");
    c_result(t, type);
    text_puts(t, " ");
    import_symbol(t, lm, import);
    text_puts(t, "(");
    namespace_struct(t, import);
    text_puts(t, " *unused");
    c_params(t, type);
    text_addf(t, ") {\n    (void)unused;\n    %s%s(&ingot_state_%s",
              type->n_results > 0 ? "return " : "", symbol.data, provider->symbol);
    c_args(t, type);
    text_puts(t, ");\n}\n");
    text_free(&symbol);
}

static void inline_accessor(text_t *t, const link_module_t *lm, const import_t *import,
                            const link_module_t *provider, const export_t *e) {
    text_t symbol = {0};
    export_symbol(&symbol, provider, e->name);
    const char *type = c_extern_type(&import->type);
    text_addf(t, "%s *%s(struct w2c_", type, symbol.data);
    mangle_module(t, name_of(provider->symbol));
    text_addf(t, " *instance);\nINGOT_LINK %s *", type);
    import_symbol(t, lm, import);
    text_puts(t, "(");
    namespace_struct(t, import);
    text_addf(t, " *unused) {\n    (void)unused;\n    return %s(&ingot_state_%s);\n}\n",
              symbol.data, provider->symbol);
    text_free(&symbol);
}

static void declare_providers(text_t *t, const plan_t *p, const link_module_t *lm) {
    bool *done = xcalloc(p->link.n_modules, sizeof *done);
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const binding_t *b = &lm->bindings[i];
        if (b->kind != BIND_MODULE || done[b->module]) {
            continue;
        }
        done[b->module] = true;
        const char *symbol = p->link.modules[b->module].symbol;
        text_puts(t, "extern struct w2c_");
        mangle_module(t, name_of(symbol));
        text_addf(t, " ingot_state_%s;\n", symbol);
    }
    free(done);
}

static void inlines(text_t *t, const plan_t *p, const link_module_t *lm) {
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *import = &lm->m.imports[i];
        const binding_t *b = &lm->bindings[i];
        if (b->kind != BIND_MODULE || import->type.kind == KIND_TAG || !first_of_name(&lm->m, i)) {
            continue;
        }
        const link_module_t *provider = &p->link.modules[b->module];
        text_puts(t, "\n");
        namespace_struct(t, import);
        text_puts(t, ";\n");
        if (import->type.kind == KIND_FUNC) {
            inline_function(t, lm, import, provider, b->export_);
        } else {
            inline_accessor(t, lm, import, provider, b->export_);
        }
    }
}

static void macros(text_t *t, const plan_t *p, const link_module_t *lm) {
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *import = &lm->m.imports[i];
        const binding_t *b = &lm->bindings[i];
        if (!first_of_name(&lm->m, i)) {
            continue;
        }
        text_t name = {0}, target = {0};
        mangle_symbol(&name, import->module, import->field);
        if (import->type.kind == KIND_TAG) {
            export_symbol(&target, &p->link.modules[b->module], b->export_->name);
        } else {
            import_symbol(&target, lm, import);
        }
        text_addf(t, "#define %s %s\n", name.data, target.data);
        if (import->type.kind == KIND_FUNC) {
            /* The weak tail-call entry of an import: per module as well. */
            text_addf(t, "#define wasm_tailcall_%s wasm_tailcall_%s\n", name.data, target.data);
        }
        text_free(&name);
        text_free(&target);
    }
}

void emit_link_header(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    text_puts(t, "/* Generated by ingot-inspect: what the imports of module ");
    text_c_string(t, lm->name, strlen(lm->name));
    text_addf(t, " are. */\n#ifndef INGOT_LINK_%s\n#define INGOT_LINK_%s\n\n", lm->symbol,
              lm->symbol);
    includes(t, &lm->m);
    text_puts(t, "\n#ifndef INGOT_LINK\n"
                 "#define INGOT_LINK static inline __attribute__((always_inline))\n#endif\n\n");
    declare_providers(t, p, lm);
    inlines(t, p, lm);
    text_puts(t, "\n");
    macros(t, p, lm);
    text_puts(t, "\n#endif\n");
}

void emit_link_undefs(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        if (!first_of_name(&lm->m, i)) {
            continue;
        }
        text_t name = {0};
        mangle_symbol(&name, lm->m.imports[i].module, lm->m.imports[i].field);
        text_addf(t, "#undef %s\n", name.data);
        if (lm->m.imports[i].type.kind == KIND_FUNC) {
            text_addf(t, "#undef wasm_tailcall_%s\n", name.data);
        }
        text_free(&name);
    }
}
