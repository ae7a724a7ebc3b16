/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/suggest.h"

#define MAX_NAME 255u

uint32_t edit_distance(name_t a, name_t b) {
    if (a.len > MAX_NAME || b.len > MAX_NAME) {
        return UINT32_MAX;
    }
    uint32_t row[MAX_NAME + 1];
    for (uint32_t k = 0; k <= b.len; k++) {
        row[k] = k;
    }
    for (uint32_t i = 1; i <= a.len; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t k = 1; k <= b.len; k++) {
            uint32_t best = diagonal + (a.ptr[i - 1] != b.ptr[k - 1]);
            best = row[k] + 1 < best ? row[k] + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            diagonal = row[k];
            row[k] = best;
        }
    }
    return row[b.len];
}

typedef struct nearest {
    name_t module, field;
    uint32_t distance;
    extern_type_t type;
} nearest_t;

/* A wrong module name costs as much as a wrong field name: both are compared. */
static void consider(nearest_t *best, const import_t *import, name_t module, name_t field,
                     extern_type_t type) {
    uint32_t limit = 1 + import->field.len / 3;
    uint32_t fields = edit_distance(import->field, field);
    uint32_t modules = edit_distance(import->module, module);
    if (fields > limit || modules == UINT32_MAX || (fields > 0 && modules > limit)) {
        return;
    }
    if (fields + modules < best->distance) {
        *best = (nearest_t){module, field, fields + modules, type};
    }
}

static bool namespace_exists(const link_t *l, const link_module_t *lm, name_t module) {
    for (uint32_t i = 0; i < l->n_modules; i++) {
        if (&l->modules[i] != lm && name_equal(name_of(l->modules[i].name), module)) {
            return true;
        }
    }
    return host_has_namespace(&l->host, module);
}

void suggest(text_t *t, const link_t *l, const link_module_t *lm, const import_t *import) {
    if (!namespace_exists(l, lm, import->module)) {
        text_puts(t, "; there is no module or host namespace `");
        text_printable(t, import->module.ptr, import->module.len);
        text_puts(t, "`");
    }
    nearest_t best = {.distance = UINT32_MAX};
    for (uint32_t i = 0; i < l->n_modules; i++) {
        const link_module_t *other = &l->modules[i];
        for (uint32_t k = 0; k < other->m.n_exports && other != lm; k++) {
            const export_t *e = &other->m.exports[k];
            consider(&best, import, name_of(other->name), e->name,
                     other->m.space[e->kind].items[e->index]);
        }
    }
    for (uint32_t i = 0; i < l->host.n_funcs; i++) {
        const host_func_t *f = &l->host.funcs[i];
        consider(&best, import, f->module, f->field,
                 (extern_type_t){.kind = KIND_FUNC, .func = &f->type});
    }
    if (best.distance == UINT32_MAX) {
        return;
    }
    text_puts(t, "; did you mean `");
    text_printable(t, best.module.ptr, best.module.len);
    text_puts(t, ".");
    text_printable(t, best.field.ptr, best.field.len);
    text_puts(t, "` (");
    extern_type_text(t, &best.type);
    text_puts(t, ")?");
}
