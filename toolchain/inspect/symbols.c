/* SPDX-License-Identifier: MIT */
/*
 * symbols.txt: what people call the functions of an image, for ingot-symbols. One line each, fields
 * separated by tabs; text is escaped, so that no field holds a tab or newline.
 *
 *     module SYMBOL NAME N F      followed by F lines: the module's source files, PATH NAME, and N
 *                                 lines: its own functions, in index order, NAME [FILE LINE], with
 *                                 where it is declared; FILE counts the files from 0
 *     host C-SYMBOL NAME          the wrapper of an import that the kernel (or nobody) provides
 *     type C-SYMBOL TEXT          a function type, by the symbol that call_indirect compares
 *
 * A function's name is that of the name section; else that of its first export; else its index, as
 * `func[N]`.
 */
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"
#include "toolchain/lib/sha256.h"

static void function_name(text_t *t, const module_t *m, const name_t *exported, uint32_t index) {
    if (m->func_names != NULL && m->func_names[index].len > 0) {
        text_printable(t, m->func_names[index].ptr, m->func_names[index].len);
    } else if (exported[index].len > 0) {
        text_printable(t, exported[index].ptr, exported[index].len);
    } else {
        text_addf(t, "func[%u]", index);
    }
}

static void module_functions(text_t *t, const link_module_t *lm) {
    const module_t *m = &lm->m;
    const index_space_t *space = &m->space[KIND_FUNC];
    name_t *exported = xcalloc(space->count, sizeof *exported);
    for (uint32_t i = m->n_exports; i > 0; i--) {
        if (m->exports[i - 1].kind == KIND_FUNC) {
            exported[m->exports[i - 1].index] = m->exports[i - 1].name;
        }
    }
    text_addf(t, "module\t%s\t", lm->symbol);
    text_printable(t, lm->name, strlen(lm->name));
    uint32_t n_files = lm->has_sources ? lm->sources.n_files : 0;
    text_addf(t, "\t%u\t%u\n", space->count - space->n_imported, n_files);
    for (uint32_t i = 0; i < n_files; i++) {
        text_addf(t, "%s\t%s\n", lm->sources.files[i].path, lm->sources.files[i].name);
    }
    for (uint32_t i = 0; i < space->count - space->n_imported; i++) {
        function_name(t, m, exported, space->n_imported + i);
        if (n_files > 0 && lm->sources.bodies[i].declared.line != 0) {
            const source_line_t *d = &lm->sources.bodies[i].declared;
            text_addf(t, "\t%u\t%u", d->file, d->line);
        }
        text_puts(t, "\n");
    }
    free(exported);
}

static void host_wrappers(text_t *t, const link_module_t *lm) {
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *import = &lm->m.imports[i];
        binding_kind_t kind = lm->bindings[i].kind;
        if ((kind != BIND_HOST && kind != BIND_UNKNOWN) || !first_of_name(&lm->m, i)) {
            continue;
        }
        text_puts(t, "host\t");
        import_symbol(t, lm, import);
        text_puts(t, "\t");
        text_printable(t, import->module.ptr, import->module.len);
        text_puts(t, "::");
        text_printable(t, import->field.ptr, import->field.len);
        text_puts(t, "\n");
    }
}

static void type_list(text_t *t, const valtype_t *types, uint32_t n) {
    text_puts(t, "(");
    for (uint32_t i = 0; i < n; i++) {
        text_addf(t, "%s%s", i > 0 ? ", " : "", valtype_text(types[i]));
    }
    text_puts(t, ")");
}

/* wasm2c's identity of a type: the SHA-256 of its letters, parameters and results apart by a space.
 */
static void type_symbol(text_t *t, const functype_t *type) {
    text_t letters = {0};
    char hex[65];
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(&letters, "%c", mangle_valtype(type->params[i]));
    }
    text_puts(&letters, " ");
    for (uint32_t i = 0; i < type->n_results; i++) {
        text_addf(&letters, "%c", mangle_valtype(type->results[i]));
    }
    sha256_hex((const uint8_t *)letters.data, letters.len, hex);
    text_addf(t, "ingot_type_%s", hex);
    text_free(&letters);
}

static void function_types(text_t *t, const module_t *m) {
    for (uint32_t i = 0; i < m->n_types; i++) {
        if (m->types[i].is_func) {
            text_puts(t, "type\t");
            type_symbol(t, &m->types[i]);
            text_puts(t, "\t");
            type_list(t, m->types[i].params, m->types[i].n_params);
            text_puts(t, " -> ");
            type_list(t, m->types[i].results, m->types[i].n_results);
            text_puts(t, "\n");
        }
    }
}

void emit_symbols(text_t *t, const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        module_functions(t, &p->link.modules[i]);
        host_wrappers(t, &p->link.modules[i]);
        function_types(t, &p->link.modules[i].m);
    }
}
