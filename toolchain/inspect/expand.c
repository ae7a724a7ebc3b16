/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/expand.h"

#include "toolchain/inspect/reader.h"

#define SECTION_IMPORT 2
#define HEADER_SIZE 8 /* magic and version */

static void add_u32(text_t *t, uint32_t v) {
    do {
        char byte = (char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        text_add(t, &byte, 1);
        v >>= 7;
    } while (v > 0);
}

static void add_name(text_t *t, name_t name) {
    add_u32(t, name.len);
    text_add(t, name.ptr, name.len);
}

bool module_needs_expansion(const module_t *m) {
    return m->features[FEATURE_COMPACT_IMPORTS];
}

void module_expand(const module_t *m, const uint8_t *bytes, size_t len, text_t *out) {
    parse_error_t error;
    reader_t r = {.base = bytes, .pos = HEADER_SIZE, .end = len, .error = &error};
    text_add(out, (const char *)bytes, HEADER_SIZE);
    while (r.pos < r.end && !r.failed) {
        size_t at = r.pos;
        uint8_t id = read_u8(&r, "section");
        uint32_t size = read_u32(&r, "section size");
        read_skip(&r, size, "section");
        if (id != SECTION_IMPORT) {
            text_add(out, (const char *)bytes + at, r.pos - at);
            continue;
        }
        text_t imports = {0};
        add_u32(&imports, m->n_imports);
        for (uint32_t i = 0; i < m->n_imports; i++) {
            add_name(&imports, m->imports[i].module);
            add_name(&imports, m->imports[i].field);
            text_add(&imports, (const char *)m->imports[i].descriptor,
                     m->imports[i].descriptor_len);
        }
        text_add(out, "\x02", 1);
        add_u32(out, (uint32_t)imports.len);
        text_add(out, imports.data, imports.len);
        text_free(&imports);
    }
}
