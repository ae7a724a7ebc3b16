/* SPDX-License-Identifier: MIT */
/*
 * ingot-image.c: what the kernel knows of the modules of an image: the instances, the functions
 * behind the calls that their imports are (calls.c), and the table of it all
 * (kernel/wasm/module.h).
 */
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/plan.h"

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
        const link_module_t *lm = &p->link.modules[i];
        text_puts(t, "\nextern struct w2c_");
        mangle_module(t, name_of(lm->symbol));
        text_addf(t,
                  " ingot_state_%s;\nvoid ingot_instantiate_%s(void *unused);\n"
                  "static const wasm_instance_t instance_%s;\n"
                  "static wasm_caller_t caller_%s = {.instance = &instance_%s};\n",
                  lm->symbol, lm->symbol, lm->symbol, lm->symbol, lm->symbol);
        if (plan_has_plain_export(lm, "_start")) {
            text_addf(t, "void ingot_start_%s(void *unused);\n", lm->symbol);
        }
        if (plan_has_plain_export(lm, "_initialize")) {
            text_addf(t, "void ingot_initialize_%s(void *unused);\n", lm->symbol);
        }
    }
}

/* Which of whose memories host functions see: the one that is exported as "memory". */
static void exported_memory(text_t *t, const plan_t *p, uint32_t module) {
    uint32_t definer;
    const export_t *memory;
    if (link_exported_memory(&p->link, module, &definer, &memory)) {
        const link_module_t *lm = &p->link.modules[definer];
        text_addf(t, "    .memory_of = &instance_%s,\n    .memory_index = %u,\n", lm->symbol,
                  memory->index - lm->m.space[KIND_MEMORY].n_imported);
    }
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
    if (plan_wants_thunks(p, module)) {
        emit_exports(t, p, module, &n_exports);
    }
    initial_memories(t, lm);
    text_addf(t, "static const wasm_instance_t instance_%s = {\n    .name = ", symbol);
    text_c_string(t, lm->name, strlen(lm->name));
    text_addf(t,
              ",\n    .state = &ingot_state_%s,\n    .state_size = sizeof ingot_state_%s,\n"
              "    .instantiate = ingot_instantiate_%s,\n    .caller = &caller_%s,\n",
              symbol, symbol, symbol, symbol);
    exported_memory(t, p, module);
    if (plan_has_low_memory(p, module)) {
        text_puts(t, "    .low_memory = true,\n");
    }
    if (lm->initial.n_runs > 0) {
        text_addf(t, "    .initial = &initial_%s,\n", symbol);
    }
    if (n_exports > 0) {
        text_addf(t, "    .exports = exports_%s,\n    .n_exports = %u,\n", symbol, n_exports);
    }
    if (plan_has_plain_export(lm, "_start")) {
        text_addf(t, "    .start_export = ingot_start_%s,\n", symbol);
    }
    if (plan_has_plain_export(lm, "_initialize")) {
        text_addf(t, "    .initialize_export = ingot_initialize_%s,\n", symbol);
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

static bool wants_thunks(const plan_t *p) {
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        if (plan_wants_thunks(p, i)) {
            return true;
        }
    }
    return false;
}

/* kernel/user/, as the kernel knows it. */
static void user(text_t *t, const plan_t *p) {
    text_puts(t, "    .user = {\n        .calls = calls,\n"
                 "        .n_calls = sizeof calls / sizeof *calls,\n"
                 "        .back = user_back,\n        .stack_guard = &user_stack_guard,\n");
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        const bool *features = p->link.modules[i].m.features;
        if (features[FEATURE_EXCEPTIONS] || features[FEATURE_EXCEPTIONS_LEGACY]) {
            text_puts(t, "        .unwind_target = &user_unwind_target,\n");
            break;
        }
    }
    if (wants_thunks(p)) {
        text_puts(t, "        .invocation = &user_invocation,\n        .invoke = user_invoke,\n");
    }
    text_puts(t, "    },\n");
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
    user(t, p);
    if (p->run == NULL && wants_thunks(p)) {
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
                 "#include \"kernel/wasm/run.h\"\n#include \"kernel/wasm/user.h\"\n");
    text_puts(t, p->log ? "#include \"kernel/core/log_levels.h\"\n" : "");
    text_puts(t, p->strace ? "#include \"kernel/wasi/trace.h\"\n" : "");
    text_puts(t, p->timer ? "#include \"kernel/wasm/timer.h\"\n" : "");
    text_puts(t, tells_lines(p) ? "#include \"kernel/debug/lines.h\"\n" : "");
    text_puts(t, "\n");
    emit_module_headers(t, p);
    host_prototypes(t, p);
    states(t, p);
    text_puts(t, "\n");
    emit_calls(t, p);
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        instance(t, p, p->link.order[i]);
    }
    image(t, p);
    if (tells_lines(p)) {
        text_puts(t, "\nconst lines_reader_t *const kernel_lines = &lines_reader;\n");
    }
}
