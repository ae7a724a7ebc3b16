/* SPDX-License-Identifier: MIT */
/*
 * ingot-image.c: the instances of an image, the wrappers through which their imports reach the
 * kernel, and the table that the kernel reads (kernel/wasm/module.h).
 */
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

static void module_headers(text_t *t, const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        text_addf(t, "#include \"" PLAN_STEM ".link.h\"\n#include \"" PLAN_STEM ".h\"\n", i, i);
        emit_link_undefs(t, p, i);
        text_puts(t, "\n");
    }
}

/* Host functions of the image, declared once each. */
static void host_prototypes(text_t *t, const plan_t *p) {
    bool *done = xcalloc(p->link.host.n_funcs, sizeof *done);
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        const link_module_t *lm = &p->link.modules[i];
        for (uint32_t k = 0; k < lm->m.n_imports; k++) {
            const host_func_t *f = lm->bindings[k].host;
            if (lm->bindings[k].kind != BIND_HOST || done[f - p->link.host.funcs]) {
                continue;
            }
            done[f - p->link.host.funcs] = true;
            c_result(t, &f->type);
            text_addf(t, " %s(wasm_caller_t *caller", f->symbol);
            c_params(t, &f->type);
            text_puts(t, ");\n");
        }
    }
    free(done);
}

static void states(text_t *t, const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        const char *symbol = p->link.modules[i].symbol;
        text_puts(t, "\nstruct w2c_");
        mangle_module(t, name_of(symbol));
        text_addf(t,
                  " ingot_state_%s;\nstatic const wasm_instance_t instance_%s;\n"
                  "static wasm_caller_t caller_%s = {.instance = &instance_%s};\n",
                  symbol, symbol, symbol, symbol);
    }
}

/* The letters of functions.def. */
static void type_letters(text_t *t, const valtype_t *types, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const char *letter = types[i] == VT_I32   ? "i"
                             : types[i] == VT_I64 ? "I"
                             : types[i] == VT_F32 ? "f"
                                                  : "F";
        text_puts(t, letter);
    }
}

/* Before the call: its description, its arguments as bits. */
static void trace_before(text_t *t, const link_module_t *lm, const import_t *import) {
    const functype_t *type = import->type.func;
    text_puts(t, "    static trace_call_t trace = {.module = ");
    text_c_string(t, import->module.ptr, import->module.len);
    text_puts(t, ", .field = ");
    text_c_string(t, import->field.ptr, import->field.len);
    text_puts(t, ", .params = \"");
    type_letters(t, type->params, type->n_params);
    text_puts(t, "\"");
    if (type->n_results > 0) {
        text_puts(t, ", .result = '");
        type_letters(t, type->results, 1);
        text_puts(t, "'");
    }
    text_puts(t, "};\n    uint64_t args[] = {0");
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, ", trace_bits(a%u)", i);
    }
    text_addf(t, "};\n    trace_enter(&caller_%s, &trace, args + 1);\n", lm->symbol);
}

static void host_call(text_t *t, const plan_t *p, const link_module_t *lm, const import_t *import,
                      const host_func_t *host) {
    const functype_t *type = import->type.func;
    bool result = type->n_results > 0;
    text_puts(t, "    wasm_host_entry();\n");
    if (p->strace) {
        trace_before(t, lm, import);
    }
    text_puts(t, "    ");
    if (result && p->strace) {
        c_result(t, type);
        text_puts(t, " result = ");
    } else if (result) {
        text_puts(t, "return ");
    }
    text_addf(t, "%s(&caller_%s", host->symbol, lm->symbol);
    c_args(t, type);
    text_puts(t, ");\n");
    if (p->strace) {
        text_addf(t, "    trace_leave(&caller_%s, &trace, args + 1, %s);\n%s", lm->symbol,
                  result ? "trace_bits(result)" : "0", result ? "    return result;\n" : "");
    }
}

static void wrapper_body(text_t *t, const plan_t *p, const link_module_t *lm,
                         const import_t *import, const binding_t *b) {
    const functype_t *type = import->type.func;
    if (b->kind == BIND_HOST) {
        host_call(t, p, lm, import, b->host);
        return;
    }
    for (uint32_t i = 0; i < type->n_params; i++) {
        text_addf(t, "    (void)a%u;\n", i);
    }
    if (p->link.unknown == UNKNOWN_TRAP) {
        text_puts(t, "    wasm_unknown_import(");
        text_c_string(t, import->module.ptr, import->module.len);
        text_puts(t, ", ");
        text_c_string(t, import->field.ptr, import->field.len);
        text_puts(t, ");\n");
    } else if (type->n_results > 0) {
        /* All zero bits are the zero of every type, and its null reference. */
        text_puts(t, "    ");
        c_result(t, type);
        text_puts(t, " zero;\n    __builtin_memset(&zero, 0, sizeof zero);\n    return zero;\n");
    }
}

static void wrappers(text_t *t, const plan_t *p, const link_module_t *lm) {
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *import = &lm->m.imports[i];
        const binding_t *b = &lm->bindings[i];
        if ((b->kind != BIND_HOST && b->kind != BIND_UNKNOWN) || !first_of_name(&lm->m, i)) {
            continue;
        }
        c_result(t, import->type.func);
        text_puts(t, " ");
        import_symbol(t, lm, import);
        text_puts(t, "(struct w2c_");
        mangle_module(t, import->module);
        text_puts(t, " *unused");
        c_params(t, import->type.func);
        text_puts(t, ") {\n    (void)unused;\n");
        wrapper_body(t, p, lm, import, b);
        text_puts(t, "}\n\n");
    }
}

/* wasm2c passes one instance pointer per namespace imported from; the link header ignores them. */
static uint32_t count_namespaces(const module_t *m) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_imports; i++) {
        bool first = true;
        for (uint32_t k = 0; k < i && first; k++) {
            first = !name_equal(m->imports[k].module, m->imports[i].module);
        }
        n += first;
    }
    return n;
}

static void instantiate(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    text_addf(t, "static void instantiate_%s(void) {\n", lm->symbol);
    uint32_t definer;
    const export_t *memory;
    if (link_exported_memory(&p->link, module, &definer, &memory)) {
        /* Before instantiation: its start function may already call the host. */
        text_addf(t, "    caller_%s.memory = ", lm->symbol);
        export_symbol(t, &p->link.modules[definer], memory->name);
        text_addf(t, "(&ingot_state_%s);\n", p->link.modules[definer].symbol);
    }
    text_puts(t, "    wasm2c_");
    mangle_module(t, name_of(lm->symbol));
    text_addf(t, "_instantiate(&ingot_state_%s", lm->symbol);
    for (uint32_t i = count_namespaces(&lm->m); i > 0; i--) {
        text_puts(t, ", NULL");
    }
    text_puts(t, ");\n}\n\n");
}

/* A thunk for an export that is called without arguments; false when there is none of that type. */
static bool plain_export(text_t *t, const link_module_t *lm, const char *name, const char *prefix) {
    const export_t *e = module_find_export(&lm->m, name_of(name));
    if (e == NULL || e->kind != KIND_FUNC) {
        return false;
    }
    const functype_t *type = lm->m.space[KIND_FUNC].items[e->index].func;
    if (type->n_params > 0 || type->n_results > 0) {
        return false;
    }
    text_addf(t, "static void %s_%s(void) {\n    ", prefix, lm->symbol);
    export_symbol(t, lm, e->name);
    text_addf(t, "(&ingot_state_%s);\n}\n\n", lm->symbol);
    return true;
}

void emit_pages(text_t *t, const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        const initial_t *initial = &p->link.modules[i].initial;
        text_add(t, (const char *)initial->bytes, (size_t)initial->pages * INITIAL_PAGE);
    }
}

/* In a section of its own, which the linker script puts where a page begins. The symbol is named as
 * the module's others are: `ingot size` sees whose the pages are. */
static void pages_symbol(text_t *t, const link_module_t *lm) {
    text_t symbol = {0};
    text_puts(&symbol, "w2c_");
    mangle_module(&symbol, name_of(lm->symbol));
    text_puts(&symbol, "_ingot_pages");
    const char *name = text_str(&symbol);
    text_addf(t,
              "__asm__(\".pushsection ingot_pages, \\\"a\\\", @progbits\\n\"\n"
              "        \".balign %u\\n\"\n        \".type %s, @object\\n\"\n"
              "        \"%s: .incbin \\\"ingot-pages.bin\\\", %llu, %llu\\n\"\n"
              "        \".size %s, . - %s\\n\"\n        \".popsection\");\n"
              "extern const uint8_t %s[] __attribute__((visibility(\"hidden\")));\n",
              INITIAL_PAGE, name, name, (unsigned long long)lm->first_page * INITIAL_PAGE,
              (unsigned long long)lm->initial.pages * INITIAL_PAGE, name, name, name);
    text_free(&symbol);
}

static void initial_memories(text_t *t, const link_module_t *lm) {
    const initial_t *initial = &lm->initial;
    if (initial->n_runs == 0) {
        return;
    }
    pages_symbol(t, lm);
    text_addf(t, "static const wasm_initial_run_t runs_%s[] = {\n", lm->symbol);
    for (uint32_t i = 0; i < initial->n_runs; i++) {
        const initial_run_t *run = &initial->runs[i];
        text_addf(t, "    {%u, %u, %u},\n", run->memory, run->page, run->count);
    }
    text_addf(t,
              "};\nstatic const wasm_initial_t initial_%s = {\n    .map = wasm_map_initial,\n"
              "    .pages = w2c_",
              lm->symbol);
    mangle_module(t, name_of(lm->symbol));
    text_addf(t, "_ingot_pages,\n    .runs = runs_%s,\n    .n_runs = %u,\n};\n\n", lm->symbol,
              initial->n_runs);
}

static void instance(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    const char *symbol = lm->symbol;
    uint32_t n_exports = 0;
    wrappers(t, p, lm);
    if (plan_wants_thunks(p, module)) {
        emit_exports(t, p, module, &n_exports);
    }
    instantiate(t, p, module);
    initial_memories(t, lm);
    bool start = plain_export(t, lm, "_start", "start");
    bool initialize = plain_export(t, lm, "_initialize", "initialize");
    text_addf(t, "static const wasm_instance_t instance_%s = {\n    .name = ", symbol);
    text_c_string(t, lm->name, strlen(lm->name));
    text_addf(t,
              ",\n    .state = &ingot_state_%s,\n    .state_size = sizeof ingot_state_%s,\n"
              "    .instantiate = instantiate_%s,\n    .caller = &caller_%s,\n",
              symbol, symbol, symbol, symbol);
    if (lm->initial.n_runs > 0) {
        text_addf(t, "    .initial = &initial_%s,\n", symbol);
    }
    if (n_exports > 0) {
        text_addf(t, "    .exports = exports_%s,\n    .n_exports = %u,\n", symbol, n_exports);
    }
    if (start) {
        text_addf(t, "    .start_export = start_%s,\n", symbol);
    }
    if (initialize) {
        text_addf(t, "    .initialize_export = initialize_%s,\n", symbol);
    }
    text_puts(t, "};\n\n");
}

static void strings(text_t *t, const char *name, const char *const *items, uint32_t n) {
    if (n == 0) {
        return;
    }
    text_addf(t, "static const char *const %s[] = {\n", name);
    for (uint32_t i = 0; i < n; i++) {
        text_puts(t, "    ");
        text_c_string(t, items[i], strlen(items[i]));
        text_puts(t, ",\n");
    }
    text_puts(t, "};\n\n");
}

static void optional_string(text_t *t, const char *field, const char *value) {
    if (value != NULL) {
        text_addf(t, "    .%s = ", field);
        text_c_string(t, value, strlen(value));
        text_puts(t, ",\n");
    }
}

static bool has_services(const plan_t *p) {
    return p->log || p->strace || p->timer;
}

static void image(text_t *t, const plan_t *p) {
    const link_t *l = &p->link;
    uint32_t main_place = 0;
    text_puts(t, "static const wasm_instance_t *const instances[] = {\n");
    for (uint32_t i = 0; i < l->n_modules; i++) {
        text_addf(t, "    &instance_%s,\n", l->modules[l->order[i]].symbol);
        main_place = l->order[i] == l->main ? i : main_place;
    }
    text_puts(t, "};\n\n");
    if (p->run != NULL) {
        text_addf(t, "void %s(void);\n\n", p->run);
    }
    if (has_services(p)) {
        text_addf(t, "static const service_t *const services[] = {%s%s%sNULL};\n\n",
                  p->log ? "&log_service, " : "", p->strace ? "&strace_service, " : "",
                  p->timer ? "&timer_service, " : "");
    }
    strings(t, "args", p->args, p->n_args);
    strings(t, "env", p->env, p->n_env);
    text_addf(t,
              "const wasm_image_t wasm_image = {\n    .run = %s,\n"
              "    .instances = instances,\n    .n_instances = %u,\n    .main = %u,\n",
              p->run != NULL ? p->run : "wasm_run_image", l->n_modules, main_place);
    text_addf(t, "    .args = args,\n    .n_args = %u,\n", p->n_args);
    if (p->n_env > 0) {
        text_addf(t, "    .env = env,\n    .n_env = %u,\n", p->n_env);
    }
    optional_string(t, "invoke", p->invoke);
    bool thunks = false;
    for (uint32_t i = 0; i < l->n_modules; i++) {
        thunks |= plan_wants_thunks(p, i);
    }
    if (p->run == NULL && thunks) {
        text_puts(t, "    .invoke_call = wasm_invoke,\n");
    }
    optional_string(t, "boot_args", p->boot_args);
    if (has_services(p)) {
        text_puts(t, "    .services = services,\n");
    }
    text_puts(t, "};\n");
}

static bool tells_lines(const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        if (p->link.modules[i].has_sources) {
            return true;
        }
    }
    return false;
}

void emit_image(text_t *t, const plan_t *p) {
    text_puts(t, "/* Generated by ingot-inspect: the modules of this image. */\n"
                 "#include \"kernel/wasm/initial.h\"\n#include \"kernel/wasm/invoke.h\"\n#include "
                 "\"kernel/wasm/module.h\"\n"
                 "#include \"kernel/wasm/run.h\"\n"
                 "#include \"kernel/wasm/stack.h\"\n#include \"kernel/wasm/trap.h\"\n");
    text_puts(t, p->log ? "#include \"kernel/core/log_levels.h\"\n" : "");
    text_puts(t, p->strace ? "#include \"kernel/wasi/trace.h\"\n" : "");
    text_puts(t, p->timer ? "#include \"kernel/wasm/timer.h\"\n" : "");
    text_puts(t, tells_lines(p) ? "#include \"kernel/core/lines.h\"\n" : "");
    text_puts(t, "\n");
    module_headers(t, p);
    host_prototypes(t, p);
    states(t, p);
    text_puts(t, "\n");
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        instance(t, p, p->link.order[i]);
    }
    image(t, p);
    if (tells_lines(p)) {
        text_puts(t, "\nconst lines_reader_t *const kernel_lines = &lines_reader;\n");
    }
}
