/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/suggest.h"
#include "toolchain/lib/file.h"
#include "toolchain/lib/sha256.h"

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool symbol_taken(const link_t *l, const char *symbol, size_t len) {
    for (uint32_t i = 0; i < l->n_modules; i++) {
        if (strlen(l->modules[i].symbol) == len &&
            strncmp(l->modules[i].symbol, symbol, len) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * A symbol made of letters, digits and single inner underscores. It must differ from the other
 * modules' and from every namespace that the module itself imports from: the symbols of its own
 * exports and those of its imports share a prefix otherwise.
 */
static char *make_symbol(const link_t *l, const char *name, const module_t *m) {
    text_t t = {0};
    for (const char *p = name; *p != 0; p++) {
        if (is_alnum(*p)) {
            text_add(&t, p, 1);
        } else if (t.len > 0 && t.data[t.len - 1] != '_') {
            text_puts(&t, "_");
        }
    }
    while (t.len > 0 && t.data[t.len - 1] == '_') {
        t.data[--t.len] = 0;
    }
    if (t.len == 0) {
        text_puts(&t, "module");
    }
    size_t base = t.len;
    for (unsigned suffix = 2;; suffix++) {
        bool clash = symbol_taken(l, t.data, t.len);
        for (uint32_t i = 0; i < m->n_imports && !clash; i++) {
            clash = name_equal(m->imports[i].module, (name_t){t.data, (uint32_t)t.len});
        }
        if (!clash) {
            return t.data;
        }
        t.len = base;
        text_addf(&t, "_%u", suffix);
    }
}

status_t link_add_module(link_t *l, const char *name, const char *path) {
    for (uint32_t i = 0; i < l->n_modules; i++) {
        if (strcmp(l->modules[i].name, name) == 0) {
            fprintf(stderr, "error: two modules are named `%s`: %s and %s\n", name,
                    l->modules[i].path, path);
            return ERR_OVERLAP;
        }
    }
    link_module_t lm = {.name = name, .path = path};
    status_t s = file_read(path, &lm.bytes, &lm.size);
    if (s != STATUS_OK) {
        return s;
    }
    parse_error_t error;
    s = module_parse(lm.bytes, lm.size, &lm.m, &error);
    if (s != STATUS_OK) {
        fprintf(stderr, "error: %s: at offset 0x%zx: %s\n", path, error.offset, error.message);
        free(lm.bytes);
        return s;
    }
    if (lm.m.bad_names) {
        fprintf(stderr, "warning: %s: the name section is broken and was ignored\n", path);
    }
    sha256_hex(lm.bytes, lm.size, lm.sha256);
    lm.symbol = make_symbol(l, name, &lm.m);
    l->modules = xrealloc(l->modules, (l->n_modules + 1) * sizeof *l->modules);
    l->modules[l->n_modules++] = lm;
    return STATUS_OK;
}

status_t link_check_features(const link_module_t *lm) {
    status_t s = STATUS_OK;
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (lm->m.features[f] && feature_refusal(f) != NULL) {
            fprintf(stderr, "error: module `%s` (%s) needs %s: %s\n", lm->name, lm->path,
                    feature_text(f), feature_refusal(f));
            s = ERR_UNSUPPORTED;
        }
    }
    return s;
}

static link_module_t *find_module(const link_t *l, name_t name, const link_module_t *except) {
    for (uint32_t i = 0; i < l->n_renames; i++) {
        const rename_t *r = &l->renames[i];
        if (name_equal(r->module, name_of(except->name)) && name_equal(r->name, name)) {
            name = r->provider;
            break;
        }
    }
    for (uint32_t i = 0; i < l->n_modules; i++) {
        link_module_t *lm = &l->modules[i];
        if (lm != except && name_equal(name_of(lm->name), name)) {
            return lm;
        }
    }
    return NULL;
}

static extern_type_t export_type(const module_t *m, const export_t *e) {
    return m->space[e->kind].items[e->index];
}

/* "module `main`: import `env.add` (func (param i32))" */
static void describe_import(text_t *t, const link_module_t *lm, const import_t *import) {
    text_addf(t, "module `%s`: import `", lm->name);
    text_printable(t, import->module.ptr, import->module.len);
    text_puts(t, ".");
    text_printable(t, import->field.ptr, import->field.len);
    text_puts(t, "` (");
    extern_type_text(t, &import->type);
    text_puts(t, ")");
}

static void tell(const char *level, text_t *t) {
    fprintf(stderr, "%s: %s\n", level, text_str(t));
    text_free(t);
}

static void describe_mismatch(text_t *t, const link_module_t *lm, const import_t *import,
                              const char *provider, const extern_type_t *have) {
    describe_import(t, lm, import);
    text_addf(t, ": %s provides it as (", provider);
    extern_type_text(t, have);
    text_puts(t, ")");
}

static status_t mismatch(const link_module_t *lm, const import_t *import, const char *provider,
                         const extern_type_t *have) {
    text_t t = {0};
    describe_mismatch(&t, lm, import, provider, have);
    tell("error", &t);
    return ERR_INVALID;
}

/* By the user's wish, a function that traps or answers zero in place of one that is not there. */
static status_t stand_in(const link_t *l, text_t *t, binding_t *out) {
    text_addf(t, "; calling it %s", l->unknown == UNKNOWN_TRAP ? "traps" : "answers zero");
    tell("warning", t);
    out->kind = BIND_UNKNOWN;
    return STATUS_OK;
}

static status_t unresolved(link_t *l, const link_module_t *lm, const import_t *import,
                           binding_t *out) {
    text_t t = {0};
    describe_import(&t, lm, import);
    text_puts(&t, ": nothing provides it");
    if (l->unknown != UNKNOWN_ERROR && import->type.kind == KIND_FUNC) {
        return stand_in(l, &t, out);
    }
    suggest(&t, l, lm, import);
    tell("error", &t);
    return ERR_NOT_FOUND;
}

/*
 * The kernel's function of another type does not provide the import: modules made for an extended
 * or older WASI have such, often without ever calling them.
 */
static status_t host_mismatch(link_t *l, const link_module_t *lm, const import_t *import,
                              const host_func_t *host, binding_t *out) {
    extern_type_t have = {.kind = KIND_FUNC, .func = &host->type};
    if (host->user || l->unknown == UNKNOWN_ERROR || import->type.kind != KIND_FUNC) {
        return mismatch(lm, import, host->user ? "the host C" : "the kernel", &have);
    }
    text_t t = {0};
    describe_mismatch(&t, lm, import, "the kernel", &have);
    return stand_in(l, &t, out);
}

static status_t two_providers(const link_module_t *lm, const import_t *import,
                              const link_module_t *provider, const export_t *e,
                              const host_func_t *host) {
    text_t t = {0};
    describe_import(&t, lm, import);
    extern_type_t one = export_type(&provider->m, e);
    extern_type_t other = {.kind = KIND_FUNC, .func = &host->type};
    text_addf(&t, ": module `%s` (%s) provides it, as (", provider->name, provider->path);
    extern_type_text(&t, &one);
    text_addf(&t, "), and so does %s, as (", host->user ? "the host C" : "the kernel");
    extern_type_text(&t, &other);
    text_puts(&t, "); rename the module");
    tell("error", &t);
    return ERR_OVERLAP;
}

static status_t resolve_import(link_t *l, link_module_t *lm, const import_t *import,
                               binding_t *out) {
    link_module_t *provider = find_module(l, import->module, lm);
    const export_t *e = provider != NULL ? module_find_export(&provider->m, import->field) : NULL;
    const host_func_t *host = host_find(&l->host, import->module, import->field);
    if (provider != NULL) {
        provider->used = true;
    }
    if (e != NULL && host != NULL) {
        return two_providers(lm, import, provider, e, host);
    }
    if (e != NULL) {
        extern_type_t have = export_type(&provider->m, e);
        if (!extern_matches(&have, &import->type)) {
            text_t who = {0};
            text_addf(&who, "module `%s`", provider->name);
            status_t s = mismatch(lm, import, text_str(&who), &have);
            text_free(&who);
            return s;
        }
        *out = (binding_t){BIND_MODULE, (uint32_t)(provider - l->modules), e, NULL};
        return STATUS_OK;
    }
    if (host != NULL) {
        extern_type_t have = {.kind = KIND_FUNC, .func = &host->type};
        if (!extern_matches(&have, &import->type)) {
            return host_mismatch(l, lm, import, host, out);
        }
        *out = (binding_t){BIND_HOST, 0, NULL, host};
        return STATUS_OK;
    }
    return unresolved(l, lm, import, out);
}

/*
 * One module may import the same name several times, even at different types when they are
 * memories or tables with other limits; wasm2c makes one C symbol of them. Different kinds or
 * different function types can not share it.
 */
static status_t check_duplicates(const link_module_t *lm) {
    status_t s = STATUS_OK;
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        const import_t *a = &lm->m.imports[i];
        for (uint32_t k = 0; k < i; k++) {
            const import_t *b = &lm->m.imports[k];
            if (!name_equal(a->field, b->field) || !name_equal(a->module, b->module)) {
                continue;
            }
            bool same = a->type.kind == b->type.kind &&
                        (a->type.func == NULL || functype_equal(a->type.func, b->type.func));
            if (!same) {
                text_t t = {0};
                describe_import(&t, lm, a);
                text_puts(&t, ": the module also imports this name as (");
                extern_type_text(&t, &b->type);
                text_puts(&t, ")");
                tell("error", &t);
                s = ERR_INVALID;
            }
            break;
        }
    }
    return s;
}

/* Depth-first over the providers, without recursion: each module is on the stack once. */
static status_t find_order(link_t *l) {
    enum { NEW, OPEN, DONE };
    uint32_t n = l->n_modules;
    uint8_t *state = xcalloc(n, 1);
    uint32_t *stack = xcalloc(n, sizeof *stack);
    uint32_t *next = xcalloc(n, sizeof *next);
    uint32_t n_order = 0;
    status_t s = STATUS_OK;
    l->order = xcalloc(n, sizeof *l->order);
    for (uint32_t root = 0; root < n && s == STATUS_OK; root++) {
        uint32_t depth = 0;
        if (state[root] == NEW) {
            state[root] = OPEN;
            stack[depth++] = root;
        }
        while (depth > 0 && s == STATUS_OK) {
            uint32_t at = stack[depth - 1];
            link_module_t *lm = &l->modules[at];
            if (next[at] == lm->m.n_imports) {
                state[at] = DONE;
                l->order[n_order++] = at;
                depth--;
                continue;
            }
            binding_t *b = &lm->bindings[next[at]++];
            if (b->kind != BIND_MODULE || state[b->module] == DONE) {
                continue;
            }
            if (state[b->module] == NEW) {
                state[b->module] = OPEN;
                stack[depth++] = b->module;
                continue;
            }
            text_t t = {0};
            text_puts(&t, "modules import from each other in a circle: ");
            uint32_t from = 0;
            while (stack[from] != b->module) {
                from++;
            }
            for (; from < depth; from++) {
                text_addf(&t, "`%s` -> ", l->modules[stack[from]].name);
            }
            text_addf(&t, "`%s`", l->modules[b->module].name);
            tell("error", &t);
            s = ERR_INVALID;
        }
    }
    free(state);
    free(stack);
    free(next);
    return s;
}

static const import_t *import_at(const module_t *m, extern_kind_t kind, uint32_t index) {
    for (uint32_t i = 0; i < m->n_imports; i++) {
        if (m->imports[i].type.kind == kind && m->imports[i].index == index) {
            return &m->imports[i];
        }
    }
    return NULL;
}

/* Follows a re-exported import to what defines it. Providers come first in the order. */
static void follow(const link_t *l, binding_t *b) {
    while (b->kind == BIND_MODULE) {
        const link_module_t *lm = &l->modules[b->module];
        const export_t *e = b->export_;
        if (e->index >= lm->m.space[e->kind].n_imported) {
            return;
        }
        const import_t *import = import_at(&lm->m, e->kind, e->index);
        const binding_t *further = &lm->bindings[import - lm->m.imports];
        if (further->kind == BIND_UNKNOWN || further->kind == BIND_HOST) {
            return; /* the module in the middle is the caller that the host function sees */
        }
        *b = *further;
    }
}

bool link_exported_memory(const link_t *l, uint32_t module, uint32_t *definer,
                          const export_t **export_) {
    const export_t *e = module_find_export(&l->modules[module].m, name_of("memory"));
    if (e == NULL || e->kind != KIND_MEMORY) {
        return false;
    }
    binding_t b = {BIND_MODULE, module, e, NULL};
    follow(l, &b);
    *definer = b.module;
    *export_ = b.export_;
    return true;
}

status_t link_resolve(link_t *l) {
    status_t result = STATUS_OK;
    for (uint32_t i = 0; i < l->n_modules; i++) {
        link_module_t *lm = &l->modules[i];
        status_t s = link_check_features(lm);
        result = s != STATUS_OK ? s : result;
        lm->bindings = xcalloc(lm->m.n_imports, sizeof *lm->bindings);
    }
    if (result != STATUS_OK) {
        return result; /* what is missing as well says little about such a module */
    }
    for (uint32_t i = 0; i < l->n_modules; i++) {
        link_module_t *lm = &l->modules[i];
        status_t s = check_duplicates(lm);
        result = s != STATUS_OK ? s : result;
        for (uint32_t k = 0; k < lm->m.n_imports; k++) {
            s = resolve_import(l, lm, &lm->m.imports[k], &lm->bindings[k]);
            result = s != STATUS_OK ? s : result;
        }
    }
    if (result != STATUS_OK) {
        return result;
    }
    result = find_order(l);
    for (uint32_t i = 0; i < l->n_modules && result == STATUS_OK; i++) {
        link_module_t *lm = &l->modules[l->order[i]];
        for (uint32_t k = 0; k < lm->m.n_imports; k++) {
            follow(l, &lm->bindings[k]);
        }
        if (!lm->used && !l->called_by_name && l->order[i] != l->main) {
            fprintf(stderr, "warning: module `%s` (%s) is not imported by any other\n", lm->name,
                    lm->path);
        }
    }
    return result;
}

void link_free(link_t *l) {
    for (uint32_t i = 0; i < l->n_modules; i++) {
        link_module_t *lm = &l->modules[i];
        module_free(&lm->m);
        free(lm->bytes);
        free(lm->symbol);
        free(lm->input);
        if (lm->has_sources) {
            sources_free(&lm->sources);
        }
        free(lm->bindings);
    }
    free(l->modules);
    free(l->order);
    host_free(&l->host);
    *l = (link_t){0};
}
