/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/show.h"

#include <stdio.h>
#include <string.h>

#include "toolchain/lib/file.h"

static bool castable(const module_t *m) {
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (m->features[f] && feature_refusal(f) != NULL) {
            return false;
        }
    }
    return true;
}

static const char *provider(const host_t *host, const import_t *import) {
    const host_func_t *f = host_find(host, import->module, import->field);
    if (f == NULL) {
        return NULL;
    }
    extern_type_t have = {.kind = KIND_FUNC, .func = &f->type};
    return extern_matches(&have, &import->type) ? "kernel" : "mismatch";
}

static extern_type_t export_type(const module_t *m, const export_t *e) {
    return m->space[e->kind].items[e->index];
}

static void sizes_text(text_t *t, const module_t *m) {
    const index_space_t *f = &m->space[KIND_FUNC];
    text_addf(t, "functions: %u (%u imported), %llu bytes of code, %llu bytes of data\n", f->count,
              f->n_imported, (unsigned long long)m->code_size, (unsigned long long)m->data_size);
}

void show_text(const link_module_t *lm, const host_t *host) {
    const module_t *m = &lm->m;
    text_t t = {0};
    text_addf(&t, "module: %s, %zu bytes, sha256 %s\n", file_basename(lm->path), lm->size,
              lm->sha256);
    sizes_text(&t, m);
    text_puts(&t, "features:");
    bool any = false;
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (m->features[f]) {
            text_addf(&t, "%s %s", any ? "," : "", feature_text(f));
            any = true;
        }
    }
    text_puts(&t, any ? "\n" : " none beyond the first version\n");
    for (uint32_t i = 0; i < m->space[KIND_MEMORY].count; i++) {
        const extern_type_t *type = &m->space[KIND_MEMORY].items[i];
        extern_type_text(&t, type);
        text_addf(&t, "%s\n", i < m->space[KIND_MEMORY].n_imported ? " (imported)" : "");
    }
    text_addf(&t, "imports: %u\n", m->n_imports);
    for (uint32_t i = 0; i < m->n_imports; i++) {
        const import_t *import = &m->imports[i];
        const char *by = provider(host, import);
        text_puts(&t, "  ");
        text_printable(&t, import->module.ptr, import->module.len);
        text_puts(&t, ".");
        text_printable(&t, import->field.ptr, import->field.len);
        text_puts(&t, ": ");
        extern_type_text(&t, &import->type);
        text_puts(&t, by == NULL                    ? "  [not provided by the kernel]\n"
                      : strcmp(by, "mismatch") == 0 ? "  [the kernel's has another type]\n"
                                                    : "\n");
    }
    text_addf(&t, "exports: %u\n", m->n_exports);
    for (uint32_t i = 0; i < m->n_exports; i++) {
        extern_type_t type = export_type(m, &m->exports[i]);
        text_puts(&t, "  ");
        text_printable(&t, m->exports[i].name.ptr, m->exports[i].name.len);
        text_puts(&t, ": ");
        extern_type_text(&t, &type);
        text_puts(&t, "\n");
    }
    if (castable(m)) {
        text_puts(&t, "can be cast: yes\n");
    }
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (m->features[f] && feature_refusal(f) != NULL) {
            text_addf(&t, "can be cast: no, it needs %s: %s\n", feature_text(f),
                      feature_refusal(f));
        }
    }
    fwrite(t.data, 1, t.len, stdout);
    text_free(&t);
}

static void exports_json(text_t *t, const module_t *m) {
    text_puts(t, "[");
    for (uint32_t i = 0; i < m->n_exports; i++) {
        extern_type_t type = export_type(m, &m->exports[i]);
        text_t spelled = {0};
        extern_type_text(&spelled, &type);
        text_addf(t, "%s\n    {\"name\": ", i > 0 ? "," : "");
        text_json(t, m->exports[i].name.ptr, m->exports[i].name.len);
        text_puts(t, ", \"type\": ");
        text_json(t, spelled.data, spelled.len);
        text_puts(t, "}");
        text_free(&spelled);
    }
    text_puts(t, m->n_exports > 0 ? "\n  ]" : "]");
}

void show_json(const link_module_t *lm, const host_t *host) {
    const module_t *m = &lm->m;
    const char *file = file_basename(lm->path);
    text_t t = {0};
    text_puts(&t, "{\n  \"file\": ");
    text_json(&t, file, strlen(file));
    text_addf(&t,
              ",\n  \"sha256\": \"%s\",\n  \"size\": %zu,\n  \"code_size\": %llu,\n"
              "  \"data_size\": %llu,\n  \"functions\": %u,\n  \"features\": ",
              lm->sha256, lm->size, (unsigned long long)m->code_size,
              (unsigned long long)m->data_size, m->space[KIND_FUNC].count);
    features_json(&t, m);
    text_puts(&t, ",\n  \"memories\": [");
    for (uint32_t i = 0; i < m->space[KIND_MEMORY].count; i++) {
        text_t spelled = {0};
        extern_type_text(&spelled, &m->space[KIND_MEMORY].items[i]);
        text_puts(&t, i > 0 ? ", " : "");
        text_json(&t, spelled.data, spelled.len);
        text_free(&spelled);
    }
    text_puts(&t, "],\n  \"imports\": [");
    for (uint32_t i = 0; i < m->n_imports; i++) {
        const char *by = provider(host, &m->imports[i]);
        text_puts(&t, i > 0 ? ",\n    " : "\n    ");
        import_json(&t, &m->imports[i]);
        text_addf(&t, ", \"provided\": %s%s%s}", by ? "\"" : "", by ? by : "null", by ? "\"" : "");
    }
    text_puts(&t, m->n_imports > 0 ? "\n  ],\n  \"exports\": " : "],\n  \"exports\": ");
    exports_json(&t, m);
    text_addf(&t, ",\n  \"castable\": %s,\n  \"refused\": [", castable(m) ? "true" : "false");
    bool first = true;
    for (unsigned f = 0; f < N_FEATURES; f++) {
        if (m->features[f] && feature_refusal(f) != NULL) {
            text_addf(&t, "%s\"%s\"", first ? "" : ", ", feature_id(f));
            first = false;
        }
    }
    text_puts(&t, "]\n}\n");
    fwrite(t.data, 1, t.len, stdout);
    text_free(&t);
}
