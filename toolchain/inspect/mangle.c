/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/mangle.h"

static bool is_alnum(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_upper_hex(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static void mangle(text_t *t, name_t name, bool double_underscores) {
    /* How much of "0x" the bytes just before this one spell; an escape starts anew. */
    enum { NOTHING, ZERO, ZERO_X } prefix = NOTHING;
    bool after_underscore = false;
    for (uint32_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool escape;
        if (prefix == ZERO_X && is_upper_hex(c)) {
            escape = true;
        } else if (c == '_') {
            escape = i == 0 || i + 1 == name.len || after_underscore;
        } else {
            escape = !is_alnum(c);
        }
        if (escape) {
            text_addf(t, "0x%02X", c);
            prefix = NOTHING;
            after_underscore = false;
            continue;
        }
        /* A zero right after another does not start a prefix anew: wasm2c's automaton. */
        prefix = prefix == NOTHING && c == '0' ? ZERO
                 : prefix == ZERO && c == 'x'  ? ZERO_X
                                               : NOTHING;
        after_underscore = c == '_';
        text_add(t, (const char *)&c, 1);
        if (c == '_' && double_underscores) {
            text_puts(t, "_");
        }
    }
}

void mangle_name(text_t *t, name_t name) {
    mangle(t, name, false);
}

void mangle_module(text_t *t, name_t name) {
    mangle(t, name, true);
}

void mangle_symbol(text_t *t, name_t module, name_t field) {
    text_puts(t, "w2c_");
    mangle_module(t, module);
    text_puts(t, "_");
    mangle_name(t, field);
}

char mangle_valtype(valtype_t type) {
    switch (type) {
    case VT_I32:
        return 'i';
    case VT_I64:
        return 'j';
    case VT_F32:
        return 'f';
    case VT_F64:
        return 'd';
    case VT_V128:
        return 'o';
    case VT_FUNCREF:
        return 'r';
    case VT_EXTERNREF:
        return 'e';
    default:
        return 'x';
    }
}
