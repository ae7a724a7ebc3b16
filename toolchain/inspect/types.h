/* SPDX-License-Identifier: MIT */
/* Types as text, and import matching (core spec, section 4.5.3). */
#ifndef INGOT_TOOLCHAIN_TYPES_H
#define INGOT_TOOLCHAIN_TYPES_H

#include "toolchain/inspect/module.h"
#include "toolchain/lib/text.h"

const char *valtype_text(valtype_t t);
const char *kind_text(extern_kind_t kind);

/* As the text format writes it: "func (param i32) (result i64)", "memory 1 5", "global mut i32". */
void extern_type_text(text_t *t, const extern_type_t *type);

bool functype_equal(const functype_t *a, const functype_t *b);

/* Whether something of type `have` may be given where `want` is imported. */
bool extern_matches(const extern_type_t *have, const extern_type_t *want);

bool name_equal(name_t a, name_t b);
/* Byte order, as strcmp for names without NUL. */
int name_compare(name_t a, name_t b);
static inline name_t name_of(const char *s) {
    name_t n = {s, (uint32_t)__builtin_strlen(s)};
    return n;
}

/* The export of that name, or NULL. */
const export_t *module_find_export(const module_t *m, name_t name);

#endif
