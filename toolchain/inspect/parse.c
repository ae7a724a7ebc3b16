/* SPDX-License-Identifier: MIT */
/*
 * Sections of a binary module, in the order of the core spec, section 5.5.2. Each section parser
 * reads from a reader that ends where the section ends.
 */
#include <string.h>

#include "toolchain/inspect/code.h"
#include "toolchain/inspect/names.h"

enum {
    SECTION_CUSTOM,
    SECTION_TYPE,
    SECTION_IMPORT,
    SECTION_FUNCTION,
    SECTION_TABLE,
    SECTION_MEMORY,
    SECTION_GLOBAL,
    SECTION_EXPORT,
    SECTION_START,
    SECTION_ELEM,
    SECTION_CODE,
    SECTION_DATA,
    SECTION_DATA_COUNT,
    SECTION_TAG,
    N_SECTIONS,
};

/* The place of each section in the required order. */
static const uint8_t section_rank[N_SECTIONS] = {
    [SECTION_TYPE] = 1,   [SECTION_IMPORT] = 2, [SECTION_FUNCTION] = 3,    [SECTION_TABLE] = 4,
    [SECTION_MEMORY] = 5, [SECTION_TAG] = 6,    [SECTION_GLOBAL] = 7,      [SECTION_EXPORT] = 8,
    [SECTION_START] = 9,  [SECTION_ELEM] = 10,  [SECTION_DATA_COUNT] = 11, [SECTION_CODE] = 12,
    [SECTION_DATA] = 13};

#define MAX_TYPE_ITEMS 1000u /* parameters or results: the JS API's limit */

static valtype_t *valtypes(reader_t *r, module_t *m, uint32_t *count, const char *what) {
    size_t at = r->pos;
    uint32_t n = read_count(r, what);
    if (!r->failed && n > MAX_TYPE_ITEMS) {
        reader_fail(r, at, "%s: more than %u", what, MAX_TYPE_ITEMS);
    }
    valtype_t *types = arena_alloc(&m->arena, r->failed ? 0 : n, sizeof *types);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        types[i] = read_valtype(r, m);
    }
    *count = n;
    return types;
}

static void read_field_type(reader_t *r, module_t *m) {
    uint8_t packed = r->pos < r->end ? r->base[r->pos] : 0;
    if (packed == 0x78 || packed == 0x77) { /* i8, i16 */
        r->pos++;
    } else {
        read_valtype(r, m);
    }
    if (read_u8(r, "field mutability") > 1) {
        reader_fail(r, r->pos - 1, "malformed mutability");
    }
}

/* A composite type after its opening byte. */
static void read_composite(reader_t *r, module_t *m, uint8_t form, size_t at, functype_t *out) {
    switch (form) {
    case 0x60:
        out->is_func = true;
        out->params = valtypes(r, m, &out->n_params, "parameters");
        out->results = valtypes(r, m, &out->n_results, "results");
        if (out->n_results > 1) {
            m->features[FEATURE_MULTI_VALUE] = true;
        }
        return;
    case 0x5f: { /* struct */
        m->features[FEATURE_GC] = true;
        uint32_t n = read_count(r, "fields");
        for (uint32_t i = 0; i < n && !r->failed; i++) {
            read_field_type(r, m);
        }
        return;
    }
    case 0x5e: /* array */
        m->features[FEATURE_GC] = true;
        read_field_type(r, m);
        return;
    default:
        reader_fail(r, at, "malformed type form 0x%02x", form);
    }
}

static void read_subtype(reader_t *r, module_t *m, functype_t *out) {
    size_t at = r->pos;
    uint8_t form = read_u8(r, "type");
    if (form == 0x50 || form == 0x4f) { /* sub, sub final */
        m->features[FEATURE_GC] = true;
        uint32_t n = read_count(r, "supertypes");
        for (uint32_t i = 0; i < n && !r->failed; i++) {
            read_u32(r, "supertype");
        }
        at = r->pos;
        form = read_u8(r, "type");
    }
    read_composite(r, m, form, at, out);
}

static void parse_types(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "types");
    /* Every type, in a recursion group or not, takes at least two bytes of the section. */
    uint32_t capacity = (uint32_t)reader_left(r) / 2 + 1;
    m->types = arena_alloc(&m->arena, capacity, sizeof *m->types);
    /* References may go forward within a group: such types are not castable, only counted. */
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        uint32_t group = 1;
        if (r->pos < r->end && r->base[r->pos] == 0x4e) { /* rec */
            r->pos++;
            m->features[FEATURE_GC] = true;
            group = read_count(r, "recursive types");
        }
        uint32_t first = m->n_types;
        m->n_types = first + group; /* visible to each other */
        for (uint32_t k = 0; k < group && !r->failed; k++) {
            functype_t type = {0};
            read_subtype(r, m, &type);
            if (first + k < capacity) {
                m->types[first + k] = type;
            }
        }
    }
    if (m->n_types > capacity) {
        reader_fail(r, r->pos, "unexpected end: types");
        m->n_types = 0;
    }
}

static const functype_t *function_type(reader_t *r, module_t *m) {
    static const functype_t none = {.is_func = true};
    size_t at = r->pos;
    uint32_t index = read_u32(r, "type index");
    if (!r->failed && (index >= m->n_types || !m->types[index].is_func)) {
        reader_fail(r, at, "unknown type %u", index);
    }
    return r->failed ? &none : &m->types[index];
}

static limits_t read_limits(reader_t *r, module_t *m, extern_kind_t kind, uint32_t *page_size) {
    limits_t l = {0};
    size_t at = r->pos;
    uint8_t flags = read_u8(r, "limits");
    if (!r->failed && (flags > 0x0f || (kind == KIND_TABLE && (flags & 0x0a)))) {
        reader_fail(r, at, "malformed limits flags 0x%02x", flags);
    }
    l.has_max = flags & 0x01;
    l.shared = flags & 0x02;
    l.is64 = flags & 0x04;
    l.min = l.is64 ? read_u64(r, "limits") : read_u32(r, "limits");
    if (l.has_max) {
        l.max = l.is64 ? read_u64(r, "limits") : read_u32(r, "limits");
    }
    if (l.shared && !l.has_max && !r->failed) {
        reader_fail(r, at, "shared memories must have maximums");
    }
    *page_size = DEFAULT_PAGE_SIZE;
    if (flags & 0x08) {
        at = r->pos;
        uint32_t log2 = read_u32(r, "page size");
        if (!r->failed && log2 != 0 && log2 != 16) {
            reader_fail(r, at, "invalid custom page size: 2^%u", log2);
        }
        *page_size = log2 == 0 ? 1 : DEFAULT_PAGE_SIZE;
        m->features[FEATURE_CUSTOM_PAGE_SIZES] = true;
    }
    if (l.has_max && l.max < l.min && !r->failed) {
        reader_fail(r, at, "size minimum must not be greater than maximum");
    }
    m->features[FEATURE_MEMORY64] |= l.is64;
    m->features[FEATURE_SHARED_MEMORY] |= l.shared;
    return l;
}

static valtype_t read_reftype(reader_t *r, module_t *m) {
    size_t at = r->pos;
    valtype_t t = read_valtype(r, m);
    bool is_ref = t == VT_FUNCREF || t == VT_EXTERNREF || t == VT_EXNREF || t == VT_REF_OTHER;
    if (!r->failed && !is_ref) {
        reader_fail(r, at, "malformed reference type");
    }
    return t;
}

static extern_type_t read_table(reader_t *r, module_t *m) {
    extern_type_t t = {.kind = KIND_TABLE};
    bool ref_types = m->features[FEATURE_REF_TYPES];
    t.value = read_reftype(r, m);
    if (t.value == VT_FUNCREF) {
        m->features[FEATURE_REF_TYPES] = ref_types; /* a plain table is of the first version */
    }
    uint32_t page_size;
    t.limits = read_limits(r, m, KIND_TABLE, &page_size);
    return t;
}

static extern_type_t read_memory(reader_t *r, module_t *m) {
    extern_type_t t = {.kind = KIND_MEMORY};
    size_t at = r->pos;
    t.limits = read_limits(r, m, KIND_MEMORY, &t.page_size);
    uint64_t most = t.limits.is64 ? UINT64_C(1) << 48 : UINT64_C(1) << 16;
    if (t.page_size == 1) {
        most = t.limits.is64 ? UINT64_MAX : UINT32_MAX;
    }
    if (!r->failed && (t.limits.min > most || (t.limits.has_max && t.limits.max > most))) {
        reader_fail(r, at, "memory size must be at most %llu pages", (unsigned long long)most);
    }
    return t;
}

static extern_type_t read_global(reader_t *r, module_t *m) {
    extern_type_t t = {.kind = KIND_GLOBAL};
    t.value = read_valtype(r, m);
    size_t at = r->pos;
    uint8_t mutable = read_u8(r, "mutability");
    if (!r->failed && mutable > 1) {
        reader_fail(r, at, "malformed mutability");
    }
    t.mutable = mutable == 1;
    return t;
}

static extern_type_t read_tag(reader_t *r, module_t *m) {
    extern_type_t t = {.kind = KIND_TAG};
    if (read_u8(r, "tag attribute") != 0) {
        reader_fail(r, r->pos - 1, "malformed tag attribute");
    }
    t.func = function_type(r, m);
    return t;
}

/* Makes room for `more` items. Counts are bounded by the section's size before this. */
static void space_grow(module_t *m, index_space_t *s, uint32_t more) {
    extern_type_t *items = arena_alloc(&m->arena, (size_t)s->count + more, sizeof *items);
    if (s->count > 0) {
        memcpy(items, s->items, s->count * sizeof *items);
    }
    s->items = items;
}

/* Kind and type of an import. */
static void read_descriptor(reader_t *r, module_t *m, import_t *import) {
    size_t at = r->pos;
    uint8_t kind = read_u8(r, "import kind");
    switch (kind) {
    case KIND_FUNC:
        import->type = (extern_type_t){.kind = KIND_FUNC, .func = function_type(r, m)};
        break;
    case KIND_TABLE:
        import->type = read_table(r, m);
        break;
    case KIND_MEMORY:
        import->type = read_memory(r, m);
        break;
    case KIND_GLOBAL:
        import->type = read_global(r, m);
        m->features[FEATURE_MUTABLE_GLOBALS] |= import->type.mutable;
        break;
    case KIND_TAG:
        import->type = read_tag(r, m);
        break;
    default:
        reader_fail(r, at, "malformed import kind 0x%02x", kind);
        break;
    }
    import->descriptor = r->base + at;
    import->descriptor_len = (uint32_t)(r->pos - at);
}

/*
 * The compact forms: a module name, an empty field name and 0x7f, then a vector of fields with
 * their descriptors; or 0x7e, one descriptor, then a vector of fields.
 */
static void read_import_group(reader_t *r, module_t *m, name_t module, uint8_t form,
                              uint32_t capacity) {
    m->features[FEATURE_COMPACT_IMPORTS] = true;
    import_t shared = {.module = module};
    if (form == 0x7e) {
        read_descriptor(r, m, &shared);
    }
    uint32_t n = read_count(r, "imports");
    for (uint32_t i = 0; i < n && !r->failed && m->n_imports < capacity; i++) {
        import_t *import = &m->imports[m->n_imports];
        name_t field = read_name(r, "import name");
        *import = shared;
        import->field = field;
        if (form == 0x7f) {
            read_descriptor(r, m, import);
        }
        m->n_imports++;
    }
}

static void parse_imports(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "imports");
    /* The smallest import is a one-byte name, in a group that shares its descriptor. */
    uint32_t capacity = (uint32_t)reader_left(r) + 1;
    m->imports = arena_alloc(&m->arena, r->failed ? 0 : capacity, sizeof *m->imports);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        /* Writers disagree whether a group counts as one import or as all of its fields. */
        if (m->features[FEATURE_COMPACT_IMPORTS] && r->pos == r->end) {
            break;
        }
        import_t import = {.module = read_name(r, "import module")};
        import.field = read_name(r, "import name");
        uint8_t form = r->pos < r->end ? r->base[r->pos] : 0;
        if (import.field.len == 0 && (form == 0x7f || form == 0x7e)) {
            r->pos++;
            read_import_group(r, m, import.module, form, capacity);
            continue;
        }
        read_descriptor(r, m, &import);
        m->imports[m->n_imports++] = import;
    }
    if (r->failed) {
        return;
    }
    uint32_t counts[N_KINDS] = {0};
    for (uint32_t i = 0; i < m->n_imports; i++) {
        m->imports[i].index = counts[m->imports[i].type.kind]++;
    }
    for (uint32_t k = 0; k < N_KINDS; k++) {
        space_grow(m, &m->space[k], counts[k]);
        m->space[k].n_imported = counts[k];
    }
    m->features[FEATURE_MULTI_MEMORY] |= counts[KIND_MEMORY] > 1;
    for (uint32_t i = 0; i < m->n_imports; i++) {
        index_space_t *s = &m->space[m->imports[i].type.kind];
        s->items[s->count++] = m->imports[i].type;
    }
}

static void parse_functions(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "functions");
    index_space_t *s = &m->space[KIND_FUNC];
    space_grow(m, s, n);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        s->items[s->count++] = (extern_type_t){.kind = KIND_FUNC, .func = function_type(r, m)};
    }
}

static void parse_tables(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "tables");
    index_space_t *s = &m->space[KIND_TABLE];
    space_grow(m, s, n);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        bool has_init = r->pos < r->end && r->base[r->pos] == 0x40;
        if (has_init) { /* 0x40 0x00: an initializer follows the type */
            read_skip(r, 1, "table");
            if (read_u8(r, "table") != 0) {
                reader_fail(r, r->pos - 1, "malformed table");
            }
            m->features[FEATURE_TYPED_REFS] = true;
        }
        s->items[s->count] = read_table(r, m);
        if (has_init) {
            scan_constant(r, m);
        }
        s->count++;
    }
    m->features[FEATURE_REF_TYPES] |= s->count > 1;
}

static void parse_memories(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "memories");
    index_space_t *s = &m->space[KIND_MEMORY];
    space_grow(m, s, n);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        s->items[s->count] = read_memory(r, m);
        s->count++;
    }
    m->features[FEATURE_MULTI_MEMORY] |= s->count > 1;
}

static void parse_globals(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "globals");
    index_space_t *s = &m->space[KIND_GLOBAL];
    space_grow(m, s, n);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        s->items[s->count] = read_global(r, m);
        s->count++;
        scan_constant(r, m);
    }
}

static void parse_tags(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "tags");
    index_space_t *s = &m->space[KIND_TAG];
    space_grow(m, s, n);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        s->items[s->count] = read_tag(r, m);
        s->count++;
    }
}

static void parse_exports(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "exports");
    m->exports = arena_alloc(&m->arena, n, sizeof *m->exports);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        export_t *e = &m->exports[i];
        e->name = read_name(r, "export name");
        size_t at = r->pos;
        uint8_t kind = read_u8(r, "export kind");
        if (!r->failed && kind >= N_KINDS) {
            reader_fail(r, at, "malformed export kind 0x%02x", kind);
            return;
        }
        at = r->pos;
        e->kind = (extern_kind_t)kind;
        e->index = read_u32(r, "export index");
        if (!r->failed && e->index >= m->space[kind].count) {
            reader_fail(r, at, "export of unknown index %u", e->index);
            return;
        }
        if (!r->failed && kind == KIND_GLOBAL) {
            m->features[FEATURE_MUTABLE_GLOBALS] |= m->space[kind].items[e->index].mutable;
        }
        m->n_exports = i + 1;
    }
}

static void parse_start(reader_t *r, module_t *m) {
    size_t at = r->pos;
    m->start = read_u32(r, "start function");
    const index_space_t *s = &m->space[KIND_FUNC];
    if (!r->failed && m->start >= s->count) {
        reader_fail(r, at, "unknown start function %u", m->start);
        return;
    }
    m->has_start = true;
}

static void elem_function_indices(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "elements");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        size_t at = r->pos;
        uint32_t index = read_u32(r, "function index");
        if (!r->failed && index >= m->space[KIND_FUNC].count) {
            reader_fail(r, at, "unknown function %u", index);
        }
    }
}

static void elem_expressions(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "elements");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        scan_constant(r, m);
    }
}

static void parse_elems(reader_t *r, module_t *m) {
    uint32_t n = read_count(r, "elem segments");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        size_t at = r->pos;
        uint32_t flags = read_u32(r, "elem segment");
        if (!r->failed && flags > 7) {
            reader_fail(r, at, "malformed elem segment flags %u", flags);
            return;
        }
        bool passive = flags & 1, explicit_index = flags & 2, expressions = flags & 4;
        m->features[FEATURE_BULK_MEMORY] |= flags != 0;
        if (!passive) {
            at = r->pos;
            uint32_t table = explicit_index ? read_u32(r, "table") : 0;
            if (!r->failed && table >= m->space[KIND_TABLE].count) {
                reader_fail(r, at, "unknown table %u", table);
                return;
            }
            scan_constant(r, m);
        }
        if (passive || explicit_index) { /* an elemkind or a type follows */
            if (expressions) {
                read_reftype(r, m);
            } else if (read_u8(r, "elem kind") != 0) {
                reader_fail(r, r->pos - 1, "malformed elem kind");
            }
        }
        if (expressions) {
            elem_expressions(r, m);
        } else {
            elem_function_indices(r, m);
        }
        m->n_elems = i + 1;
    }
}

static void parse_data_count(reader_t *r, module_t *m) {
    m->data_count = read_u32(r, "data count");
    m->has_data_count = true;
    m->features[FEATURE_BULK_MEMORY] = true;
}

static void parse_code(reader_t *r, module_t *m, uint32_t *n_bodies) {
    const index_space_t *s = &m->space[KIND_FUNC];
    size_t at = r->pos;
    uint32_t n = read_count(r, "function bodies");
    if (!r->failed && n != s->count - s->n_imported) {
        reader_fail(r, at, "%u functions declared, but %u bodies", s->count - s->n_imported, n);
        return;
    }
    *n_bodies = n;
    m->code_size = reader_left(r);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        uint32_t size = read_u32(r, "body size");
        reader_t body = read_part(r, size, "function body");
        scan_body(&body, m);
        r->failed |= body.failed;
        if (size > m->largest_body) {
            m->largest_body = size;
            m->largest_body_index = s->n_imported + i;
        }
    }
}

/* The offset of a segment, in a 32-bit memory. */
static void read_offset(reader_t *r, module_t *m, data_segment_t *d) {
    reader_t number = *r;
    scan_constant(r, m);
    if (!r->failed && read_u8(&number, "offset") == SCAN_I32_CONST) {
        d->offset = (uint32_t)read_s32(&number, "offset");
        d->has_constant_offset = number.pos + 1 == r->pos; /* and the `end` */
    }
}

static void parse_data(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t n = read_count(r, "data segments");
    if (!r->failed && m->has_data_count && n != m->data_count) {
        reader_fail(r, at, "data count is %u, but there are %u data segments", m->data_count, n);
    }
    m->datas = arena_alloc(&m->arena, r->failed ? 0 : n, sizeof *m->datas);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        data_segment_t *d = &m->datas[i];
        at = r->pos;
        uint32_t flags = read_u32(r, "data segment");
        if (!r->failed && flags > 2) {
            reader_fail(r, at, "malformed data segment flags %u", flags);
            return;
        }
        if (flags != 1) {
            at = r->pos;
            d->memory = flags == 2 ? read_u32(r, "memory") : 0;
            if (!r->failed && d->memory >= m->space[KIND_MEMORY].count) {
                reader_fail(r, at, "unknown memory %u", d->memory);
                return;
            }
            read_offset(r, m, d);
        }
        d->is_passive = flags == 1;
        m->features[FEATURE_BULK_MEMORY] |= d->is_passive;
        d->len = read_count(r, "data");
        d->bytes = r->base + r->pos;
        read_skip(r, d->len, "data");
        m->data_size += d->len;
        m->n_datas = i + 1;
    }
}

static void parse_section(reader_t *r, module_t *m, uint8_t id, uint32_t *n_bodies) {
    switch (id) {
    case SECTION_TYPE:
        parse_types(r, m);
        break;
    case SECTION_IMPORT:
        parse_imports(r, m);
        break;
    case SECTION_FUNCTION:
        parse_functions(r, m);
        break;
    case SECTION_TABLE:
        parse_tables(r, m);
        break;
    case SECTION_MEMORY:
        parse_memories(r, m);
        break;
    case SECTION_TAG:
        parse_tags(r, m);
        break;
    case SECTION_GLOBAL:
        parse_globals(r, m);
        break;
    case SECTION_EXPORT:
        parse_exports(r, m);
        break;
    case SECTION_START:
        parse_start(r, m);
        break;
    case SECTION_ELEM:
        parse_elems(r, m);
        break;
    case SECTION_DATA_COUNT:
        parse_data_count(r, m);
        break;
    case SECTION_CODE:
        parse_code(r, m, n_bodies);
        break;
    default:
        parse_data(r, m);
        break;
    }
    if (!r->failed && r->pos != r->end) {
        reader_fail(r, r->pos, "section %u is longer than its contents", id);
    }
}

static void parse_sections(reader_t *r, module_t *m) {
    uint8_t last_rank = 0;
    uint32_t n_bodies = 0;
    reader_t name_section = {.failed = true};
    while (!r->failed && r->pos < r->end) {
        size_t at = r->pos;
        uint8_t id = read_u8(r, "section");
        uint32_t size = read_u32(r, "section size");
        reader_t section = read_part(r, size, "section");
        if (r->failed) {
            return;
        }
        if (id == SECTION_CUSTOM) {
            name_t name = read_name(&section, "custom section name");
            r->failed |= section.failed;
            if (!section.failed && name.len == 4 && memcmp(name.ptr, "name", 4) == 0) {
                name_section = section;
            }
            continue;
        }
        if (id >= N_SECTIONS) {
            reader_fail(r, at, "malformed section id %u", id);
            return;
        }
        if (section_rank[id] <= last_rank) {
            reader_fail(r, at, "section %u is out of order or there twice", id);
            return;
        }
        last_rank = section_rank[id];
        parse_section(&section, m, id, &n_bodies);
        r->failed |= section.failed;
    }
    const index_space_t *funcs = &m->space[KIND_FUNC];
    if (!r->failed && n_bodies != funcs->count - funcs->n_imported) {
        reader_fail(r, r->pos, "%u functions declared, but %u bodies",
                    funcs->count - funcs->n_imported, n_bodies);
    }
    if (!r->failed && m->has_data_count && m->data_count != m->n_datas) {
        reader_fail(r, r->pos, "data count is %u, but there are %u data segments", m->data_count,
                    m->n_datas);
    }
    if (m->space[KIND_TAG].count > 0 && !m->features[FEATURE_EXCEPTIONS_LEGACY]) {
        m->features[FEATURE_EXCEPTIONS] = true;
    }
    if (!r->failed && !name_section.failed) {
        parse_names(&name_section, m);
    }
}

/* Blanks and line comments, then an opening parenthesis. */
static bool looks_like_text(const uint8_t *bytes, size_t len) {
    size_t i = 0;
    while (i < len && bytes[i] != '(') {
        if (len - i >= 2 && bytes[i] == ';' && bytes[i + 1] == ';') {
            const uint8_t *end = memchr(bytes + i, '\n', len - i);
            i = end != NULL ? (size_t)(end - bytes) + 1 : len;
        } else if (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\n' || bytes[i] == '\r') {
            i++;
        } else {
            return false;
        }
    }
    return i < len;
}

status_t module_parse(const uint8_t *bytes, size_t len, module_t *out, parse_error_t *error) {
    reader_t r = {.base = bytes, .end = len, .error = error};
    module_t m = {0};
    if (len < 4 || memcmp(bytes, "\0asm", 4) != 0) {
        if (looks_like_text(bytes, len)) {
            reader_fail(&r, 0, "this is WebAssembly text; translate it with wat2wasm first");
        } else {
            reader_fail(&r, 0, "not a WebAssembly module: magic header not detected");
        }
        return ERR_CORRUPT;
    }
    r.pos = 4;
    uint32_t version = read_u32_fixed(&r, "version");
    if (!r.failed && (version & 0xffff0000u) == 0x00010000u) {
        reader_fail(&r, 4, "this is a component (component model); only core modules can be cast");
        return ERR_UNSUPPORTED;
    }
    if (!r.failed && version != 1) {
        reader_fail(&r, 4, "unknown binary version %u", version);
    }
    parse_sections(&r, &m);
    if (r.failed) {
        module_free(&m);
        return ERR_CORRUPT;
    }
    *out = m;
    return STATUS_OK;
}

void module_free(module_t *m) {
    arena_free(&m->arena);
    *m = (module_t){0};
}
