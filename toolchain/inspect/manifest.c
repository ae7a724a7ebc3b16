/* SPDX-License-Identifier: MIT */
/*
 * manifest.json (what is in the image, and what each module may call), and the translation plan.
 * The manifest holds no path and no date, so that equal inputs give equal bytes.
 */
#include <string.h>

#include "toolchain/inspect/plan.h"
#include "toolchain/inspect/show.h"
#include "toolchain/lib/file.h"

/* Bytes of wasm code per C file: about 1.5 MB of C, some 10 s of compilation at -O2. */
#define CODE_PER_OUTPUT (96u * 1024)
#define MAX_OUTPUTS 128u

static void provider_json(text_t *t, const plan_t *p, const binding_t *b) {
    switch (b->kind) {
    case BIND_MODULE: {
        const char *name = p->link.modules[b->module].name;
        text_puts(t, "\"module\", \"by\": ");
        text_json(t, name, strlen(name));
        break;
    }
    case BIND_HOST:
        text_addf(t, "\"%s\", \"by\": ", b->host->user ? "host" : "kernel");
        text_json(t, b->host->symbol, strlen(b->host->symbol));
        break;
    default:
        text_addf(t, "\"nothing\", \"by\": \"%s\"",
                  p->link.unknown == UNKNOWN_TRAP ? "trap" : "zero");
        break;
    }
}

void features_json(text_t *t, const module_t *m) {
    bool first = true;
    text_puts(t, "[");
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (m->features[f]) {
            text_addf(t, "%s\"%s\"", first ? "" : ", ", feature_id(f));
            first = false;
        }
    }
    text_puts(t, "]");
}

void import_json(text_t *t, const import_t *import) {
    text_t type = {0};
    extern_type_text(&type, &import->type);
    text_puts(t, "{\"module\": ");
    text_json(t, import->module.ptr, import->module.len);
    text_puts(t, ", \"name\": ");
    text_json(t, import->field.ptr, import->field.len);
    text_puts(t, ", \"type\": ");
    text_json(t, type.data, type.len);
    text_free(&type);
}

static void module_json(text_t *t, const plan_t *p, const link_module_t *lm) {
    const char *file = file_basename(lm->path);
    text_puts(t, "    {\n      \"name\": ");
    text_json(t, lm->name, strlen(lm->name));
    text_puts(t, ",\n      \"file\": ");
    text_json(t, file, strlen(file));
    text_addf(t, ",\n      \"sha256\": \"%s\",\n      \"size\": %zu,\n      \"features\": ",
              lm->sha256, lm->size);
    features_json(t, &lm->m);
    text_puts(t, ",\n      \"imports\": [");
    for (uint32_t i = 0; i < lm->m.n_imports; i++) {
        text_puts(t, i > 0 ? ",\n        " : "\n        ");
        import_json(t, &lm->m.imports[i]);
        text_puts(t, ", \"provided\": ");
        provider_json(t, p, &lm->bindings[i]);
        text_puts(t, "}");
    }
    text_puts(t, lm->m.n_imports > 0 ? "\n      ]\n    }" : "]\n    }");
}

bool plan_uses_part(const plan_t *p, const part_t *part) {
    bool used = part->role != PART_SIMD;
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        used |= p->link.modules[i].m.features[FEATURE_SIMD];
    }
    return used;
}

static void parts_json(text_t *t, const plan_t *p) {
    bool first = true;
    text_puts(t, ",\n  \"parts\": [");
    for (uint32_t i = 0; i < p->parts.n; i++) {
        const part_t *part = &p->parts.items[i];
        if (!plan_uses_part(p, part)) {
            continue;
        }
        text_puts(t, first ? "\n    {\"name\": " : ",\n    {\"name\": ");
        text_json(t, part->name, strlen(part->name));
        text_puts(t, ", \"version\": ");
        text_json(t, part->version, strlen(part->version));
        text_puts(t, ", \"license\": ");
        text_json(t, part->license, strlen(part->license));
        text_puts(t, part->role == PART_TOOL ? ", \"tool\": true}" : "}");
        first = false;
    }
    text_puts(t, first ? "]" : "\n  ]");
}

void emit_manifest(text_t *t, const plan_t *p) {
    const link_t *l = &p->link;
    text_puts(t, "{\n  \"ingot\": 1,\n  \"main\": ");
    text_json(t, l->modules[l->main].name, strlen(l->modules[l->main].name));
    text_puts(t, ",\n  \"modules\": [\n");
    for (uint32_t i = 0; i < l->n_modules; i++) {
        text_puts(t, i > 0 ? ",\n" : "");
        module_json(t, p, &l->modules[l->order[i]]);
    }
    text_puts(t, "\n  ]");
    parts_json(t, p);
    text_puts(t, "\n}\n");
}

static uint32_t outputs(const module_t *m) {
    uint64_t n = (m->code_size + CODE_PER_OUTPUT - 1) / CODE_PER_OUTPUT;
    return n < 1 ? 1 : n > MAX_OUTPUTS ? MAX_OUTPUTS : (uint32_t)n;
}

/*
 * Flags of wasm2c 1.0.39. Names of a broken section, or names that could take those of wasm2c's
 * own stack variables (which the mend step must know where there are tail calls), are left out.
 */
static void wasm2c_flags(text_t *t, const module_t *m, const char *separator) {
    static const struct {
        feature_t feature;
        const char *flag;
    } flags[] = {
        {FEATURE_EXCEPTIONS, "--enable-exceptions"},
        {FEATURE_EXCEPTIONS_LEGACY, "--enable-exceptions"},
        {FEATURE_TAIL_CALL, "--enable-tail-call"},
        {FEATURE_MULTI_MEMORY, "--enable-multi-memory"},
        {FEATURE_MEMORY64, "--enable-memory64"},
        {FEATURE_EXTENDED_CONST, "--enable-extended-const"},
        {FEATURE_CUSTOM_PAGE_SIZES, "--enable-custom-page-sizes"},
        {FEATURE_ATOMICS, "--enable-threads"},
    };
    size_t start = t->len;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool again =
            flags[i].feature == FEATURE_EXCEPTIONS_LEGACY && m->features[FEATURE_EXCEPTIONS];
        if (m->features[flags[i].feature] && !again) {
            text_addf(t, "%s%s", t->len > start ? separator : "", flags[i].flag);
        }
    }
    if (m->bad_names || m->features[FEATURE_TAIL_CALL]) {
        text_addf(t, "%s--no-debug-names", t->len > start ? separator : "");
    }
}

static const char *input(const link_module_t *lm) {
    return lm->input != NULL ? lm->input : lm->path;
}

void emit_translation(text_t *t, const plan_t *p, uint32_t module) {
    const link_module_t *lm = &p->link.modules[module];
    text_addf(t, "%s\t%u\t%llu\t%u\t", lm->symbol, outputs(&lm->m),
              (unsigned long long)lm->m.code_size, lm->m.largest_body);
    wasm2c_flags(t, &lm->m, " ");
    text_addf(t, "%s\t%s\t%s\n", t->data[t->len - 1] == '\t' ? "-" : "",
              plan_has_low_memory(p, module) ? "--low-memory" : "-", input(lm));
}

void emit_plan_text(text_t *t, const plan_t *p) {
    text_puts(t, "# symbol\toutputs\tcode bytes\tlargest body\twasm2c flags\tmend flags\tfile\n");
    for (uint32_t i = 0; i < p->link.n_modules; i++) {
        emit_translation(t, p, i);
    }
}
