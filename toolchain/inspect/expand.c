/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/expand.h"

#include <stdlib.h>

#include "toolchain/inspect/code.h"

enum {
    SECTION_IMPORT = 2,
    SECTION_MEMORY = 5,
    SECTION_GLOBAL = 6,
    SECTION_ELEM = 9,
    SECTION_DATA = 11
};

#define HEADER_SIZE 8                /* magic and version */
#define MAX_OUTPUT ((size_t)1 << 30) /* a chain of globals that each double the last one */

typedef struct expansion {
    module_t scratch; /* the parser's helpers note features in a module */
    uint32_t n_imported_globals;
    uint32_t n_laid_out;  /* data segments, passive ones among them included */
    text_t *initializers; /* of own globals, expanded, without `end` */
    uint32_t n_initializers;
    bool too_large;
} expansion_t;

static void add_uleb(text_t *t, uint64_t v) {
    do {
        char byte = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        text_add(t, &byte, 1);
        v >>= 7;
    } while (v > 0);
}

static void add_name(text_t *t, name_t name) {
    add_uleb(t, name.len);
    text_add(t, name.ptr, name.len);
}

/* Copies what was read since `from`. */
static void copy(text_t *t, const reader_t *r, size_t from) {
    text_add(t, (const char *)r->base + from, r->pos - from);
}

/* A constant expression without its `end`, which is read. */
static void expand_constant(expansion_t *x, reader_t *r, text_t *t) {
    for (;;) {
        size_t at = r->pos;
        uint8_t op = scan_constant_step(r, &x->scratch);
        if (op == SCAN_END || r->failed) {
            return;
        }
        reader_t operand = {.base = r->base, .pos = at + 1, .end = r->end, .error = r->error};
        uint32_t global = op == SCAN_GLOBAL_GET ? read_u32(&operand, "global") : 0;
        uint32_t own = global - x->n_imported_globals;
        if (op != SCAN_GLOBAL_GET || global < x->n_imported_globals || own >= x->n_initializers) {
            copy(t, r, at);
            continue;
        }
        const text_t *value = &x->initializers[own];
        if (value->len > MAX_OUTPUT - t->len || t->len > MAX_OUTPUT) {
            x->too_large = true;
            return;
        }
        text_add(t, text_str(value), value->len);
    }
}

static void constant(expansion_t *x, reader_t *r, text_t *t) {
    expand_constant(x, r, t);
    text_add(t, "\x0b", 1);
}

/* A memory's type, as if it was not shared. */
static void add_memory(text_t *t, const extern_type_t *memory) {
    const limits_t *l = &memory->limits;
    bool custom = memory->page_size != DEFAULT_PAGE_SIZE;
    char flags = (char)((l->has_max ? 0x01 : 0) | (l->is64 ? 0x04 : 0) | (custom ? 0x08 : 0));
    text_add(t, &flags, 1);
    add_uleb(t, l->min);
    if (l->has_max) {
        add_uleb(t, l->max);
    }
    if (custom) {
        add_uleb(t, (uint64_t)__builtin_ctz(memory->page_size));
    }
}

static void expand_imports(text_t *t, const module_t *m) {
    add_uleb(t, m->n_imports);
    for (uint32_t i = 0; i < m->n_imports; i++) {
        add_name(t, m->imports[i].module);
        add_name(t, m->imports[i].field);
        if (m->imports[i].type.kind == KIND_MEMORY) {
            text_add(t, "\x02", 1);
            add_memory(t, &m->imports[i].type);
        } else {
            text_add(t, (const char *)m->imports[i].descriptor, m->imports[i].descriptor_len);
        }
    }
}

static void expand_memories(text_t *t, const module_t *m) {
    const index_space_t *s = &m->space[KIND_MEMORY];
    add_uleb(t, s->count - s->n_imported);
    for (uint32_t i = s->n_imported; i < s->count; i++) {
        add_memory(t, &s->items[i]);
    }
}

static void expand_globals(expansion_t *x, reader_t *r, text_t *t) {
    uint32_t n = read_count(r, "globals");
    add_uleb(t, n);
    x->initializers = xcalloc(n, sizeof *x->initializers);
    for (uint32_t i = 0; i < n && !r->failed && !x->too_large; i++) {
        size_t at = r->pos;
        read_valtype(r, &x->scratch);
        read_u8(r, "mutability");
        copy(t, r, at);
        text_t *value = &x->initializers[i];
        expand_constant(x, r, value);
        x->n_initializers = i + 1;
        text_add(t, text_str(value), value->len);
        text_add(t, "\x0b", 1);
    }
}

static void expand_elems(expansion_t *x, reader_t *r, text_t *t) {
    uint32_t n = read_count(r, "elem segments");
    add_uleb(t, n);
    for (uint32_t i = 0; i < n && !r->failed && !x->too_large; i++) {
        size_t at = r->pos;
        uint32_t flags = read_u32(r, "elem segment");
        if (!(flags & 1)) {
            if (flags & 2) {
                read_u32(r, "table");
            }
            copy(t, r, at);
            constant(x, r, t);
            at = r->pos;
        }
        if (flags & 3) {
            if (flags & 4) {
                read_valtype(r, &x->scratch);
            } else {
                read_u8(r, "elem kind");
            }
        }
        uint32_t count = read_count(r, "elements");
        for (uint32_t k = 0; k < count && !(flags & 4) && !r->failed; k++) {
            read_u32(r, "function");
        }
        copy(t, r, at);
        for (uint32_t k = 0; k < count && (flags & 4) && !r->failed && !x->too_large; k++) {
            constant(x, r, t);
        }
    }
}

/* Only memory.init and data.drop refer to data segments, and only modules with a count have those
 * two. */
static uint32_t count_omitted(const expansion_t *x) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n_laid_out && !x->scratch.has_data_count; i++) {
        n += !x->scratch.datas[i].is_passive;
    }
    return n;
}

/* An active segment of the same memory that writes nothing. */
static void add_empty_segment(text_t *t, uint32_t memory) {
    add_uleb(t, memory == 0 ? 0 : 2);
    if (memory != 0) {
        add_uleb(t, memory);
    }
    text_add(t, "\x41\x00\x0b\x00", 4); /* i32.const 0, end; no bytes */
}

static void expand_data(expansion_t *x, reader_t *r, text_t *t) {
    uint32_t n = read_count(r, "data segments");
    add_uleb(t, n - count_omitted(x));
    for (uint32_t i = 0; i < n && !r->failed && !x->too_large; i++) {
        bool laid_out = i < x->n_laid_out && !x->scratch.datas[i].is_passive;
        text_t skipped = {0}, *to = laid_out ? &skipped : t;
        size_t at = r->pos;
        uint32_t flags = read_u32(r, "data segment");
        if (flags != 1) {
            if (flags == 2) {
                read_u32(r, "memory");
            }
            copy(to, r, at);
            constant(x, r, to);
            at = r->pos;
        }
        read_skip(r, read_count(r, "data"), "data");
        if (!laid_out) {
            copy(t, r, at);
        } else if (x->scratch.has_data_count) {
            add_empty_segment(t, x->scratch.datas[i].memory);
        }
        text_free(&skipped);
    }
}

bool module_needs_expansion(const module_t *m, const initial_t *initial) {
    return initial->n_segments > 0 || m->features[FEATURE_COMPACT_IMPORTS] ||
           m->features[FEATURE_CONST_GLOBALS] || m->features[FEATURE_SHARED_MEMORY];
}

/* Contents of a section that may change; false when it stays as it is. */
static bool expand_section(expansion_t *x, const module_t *m, uint8_t id, reader_t *r, text_t *t) {
    switch (id) {
    case SECTION_IMPORT:
        expand_imports(t, m);
        return true;
    case SECTION_MEMORY:
        expand_memories(t, m);
        return true;
    case SECTION_GLOBAL:
        expand_globals(x, r, t);
        return true;
    case SECTION_ELEM:
        expand_elems(x, r, t);
        return true;
    case SECTION_DATA:
        expand_data(x, r, t);
        return true;
    default:
        return false;
    }
}

status_t module_expand(const module_t *m, const initial_t *initial, const uint8_t *bytes,
                       size_t len, text_t *out) {
    parse_error_t error;
    expansion_t x = {.scratch = *m,
                     .n_imported_globals = m->space[KIND_GLOBAL].n_imported,
                     .n_laid_out = initial->n_segments};
    reader_t r = {.base = bytes, .pos = HEADER_SIZE, .end = len, .error = &error};
    text_add(out, (const char *)bytes, HEADER_SIZE);
    while (r.pos < r.end && !r.failed && !x.too_large) {
        size_t at = r.pos;
        uint8_t id = read_u8(&r, "section");
        reader_t section = read_part(&r, read_u32(&r, "section size"), "section");
        text_t contents = {0};
        if (expand_section(&x, m, id, &section, &contents)) {
            x.too_large |= contents.len > MAX_OUTPUT;
            text_add(out, (const char *)&id, 1);
            add_uleb(out, (uint32_t)contents.len);
            text_add(out, text_str(&contents), contents.len);
        } else {
            copy(out, &r, at);
        }
        r.failed |= section.failed;
        text_free(&contents);
    }
    for (uint32_t i = 0; i < x.n_initializers; i++) {
        text_free(&x.initializers[i]);
    }
    free(x.initializers);
    return r.failed || x.too_large ? ERR_RANGE : STATUS_OK;
}
