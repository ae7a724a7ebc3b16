/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/names.h"

#include <string.h>

enum { NAMES_MODULE = 0, NAMES_FUNCTIONS = 1 };

static void function_names(reader_t *r, module_t *m, name_t *names) {
    uint32_t n = read_count(r, "function names");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        uint32_t index = read_u32(r, "function index");
        name_t name = read_name(r, "function name");
        if (!r->failed && index >= m->space[KIND_FUNC].count) {
            reader_fail(r, r->pos, "name of unknown function %u", index);
        }
        if (!r->failed) {
            names[index] = name;
        }
    }
}

void parse_names(const reader_t *section, module_t *m) {
    parse_error_t ignored;
    reader_t r = *section;
    r.error = &ignored;
    name_t module_name = {0};
    uint32_t count = m->space[KIND_FUNC].count;
    name_t *names = arena_alloc(&m->arena, count, sizeof *names);
    bool any = false;
    while (!r.failed && r.pos < r.end) {
        uint8_t id = read_u8(&r, "subsection");
        uint32_t size = read_u32(&r, "subsection size");
        reader_t part = read_part(&r, size, "subsection");
        if (id == NAMES_MODULE) {
            module_name = read_name(&part, "module name");
        } else if (id == NAMES_FUNCTIONS) {
            function_names(&part, m, names);
            any = true;
        }
        r.failed |= part.failed;
    }
    if (r.failed) {
        m->bad_names = true;
        return;
    }
    m->module_name = module_name;
    m->func_names = any ? names : NULL;
}
