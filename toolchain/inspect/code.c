/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/code.h"

#define MAX_LOCALS 50000u /* the JS API's limit, which every engine applies */

static void use(module_t *m, feature_t f) {
    m->features[f] = true;
}

valtype_t read_heaptype(reader_t *r, module_t *m) {
    size_t at = r->pos;
    int64_t h = read_s33(r, "heap type");
    if (h >= 0) {
        if (!r->failed && h >= m->n_types) {
            reader_fail(r, at, "unknown type %lld", (long long)h);
        }
        use(m, FEATURE_TYPED_REFS);
        return VT_REF_OTHER;
    }
    switch (h & 0x7f) {
    case VT_FUNCREF:
    case VT_EXTERNREF:
        use(m, FEATURE_REF_TYPES);
        return (valtype_t)(h & 0x7f);
    case VT_EXNREF:
        use(m, FEATURE_EXCEPTIONS);
        return VT_EXNREF;
    case 0x6a: /* array */
    case 0x6b: /* struct */
    case 0x6c: /* i31 */
    case 0x6d: /* eq */
    case 0x6e: /* any */
    case 0x71: /* none */
    case 0x72: /* noextern */
    case 0x73: /* nofunc */
    case 0x74: /* noexn */
        use(m, FEATURE_GC);
        return VT_REF_OTHER;
    default:
        reader_fail(r, at, "malformed heap type");
        return VT_REF_OTHER;
    }
}

valtype_t read_valtype(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint8_t code = read_u8(r, "value type");
    switch (code) {
    case VT_I32:
    case VT_I64:
    case VT_F32:
    case VT_F64:
        return code;
    case VT_V128:
        use(m, FEATURE_SIMD);
        return code;
    case 0x63: /* (ref null ht) */
    case 0x64: /* (ref ht) */
        read_heaptype(r, m);
        use(m, FEATURE_TYPED_REFS);
        return VT_REF_OTHER;
    default:
        if (code >= 0x69 && code <= 0x74) {
            r->pos = at;
            return read_heaptype(r, m);
        }
        reader_fail(r, at, "malformed value type 0x%02x", code);
        return VT_I32;
    }
}

static void check_index(reader_t *r, size_t at, uint32_t index, uint32_t count, const char *what) {
    if (!r->failed && index >= count) {
        reader_fail(r, at, "unknown %s %u", what, index);
    }
}

static void index_of(reader_t *r, uint32_t count, const char *what) {
    size_t at = r->pos;
    check_index(r, at, read_u32(r, what), count, what);
}

static void kind_index(reader_t *r, module_t *m, extern_kind_t kind) {
    static const char *const what[] = {"function", "table", "memory", "global", "tag"};
    size_t at = r->pos;
    uint32_t index = read_u32(r, what[kind]);
    check_index(r, at, index, m->space[kind].count, what[kind]);
    if (kind == KIND_MEMORY && index > 0) {
        use(m, FEATURE_MULTI_MEMORY);
    }
}

static void type_index(reader_t *r, module_t *m) {
    index_of(r, m->n_types, "type");
}

static void block_type(reader_t *r, module_t *m) {
    if (r->pos < r->end && r->base[r->pos] == 0x40) {
        r->pos++;
        return;
    }
    if (r->pos < r->end && r->base[r->pos] >= 0x60 && r->base[r->pos] < 0x80) {
        read_valtype(r, m);
        return;
    }
    size_t at = r->pos;
    int64_t index = read_s33(r, "block type");
    if (!r->failed && (index < 0 || index >= m->n_types)) {
        reader_fail(r, at, "unknown type in a block type");
        return;
    }
    use(m, FEATURE_MULTI_VALUE);
}

/* Alignment, with bit 6 telling that a memory index follows, and a 64-bit offset. */
static void memarg(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t align = read_u32(r, "alignment");
    if (!r->failed && align >= 128) {
        reader_fail(r, at, "malformed memop flags");
        return;
    }
    if (align & 0x40) {
        use(m, FEATURE_MULTI_MEMORY);
        kind_index(r, m, KIND_MEMORY);
    } else if (!r->failed && m->space[KIND_MEMORY].count == 0) {
        reader_fail(r, at, "unknown memory 0");
    }
    read_u64(r, "memory offset");
}

static void gc_op(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t op = read_u32(r, "GC opcode");
    use(m, FEATURE_GC);
    if (op <= 1 || op == 6 || op == 7 || (op >= 11 && op <= 14) || op == 16) {
        type_index(r, m);
    } else if ((op >= 2 && op <= 5) || (op >= 8 && op <= 10) || (op >= 17 && op <= 19)) {
        type_index(r, m);
        read_u32(r, "GC immediate");
    } else if (op >= 20 && op <= 23) {
        read_heaptype(r, m);
    } else if (op == 24 || op == 25) {
        read_u8(r, "cast flags");
        read_u32(r, "label");
        read_heaptype(r, m);
        read_heaptype(r, m);
    } else if (op != 15 && op > 30) {
        reader_fail(r, at, "unknown opcode 0xfb 0x%02x", op);
    }
}

static void data_index(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t index = read_u32(r, "data segment");
    if (!r->failed && !m->has_data_count) {
        reader_fail(r, at, "data count section required");
    }
    check_index(r, at, index, m->data_count, "data segment");
}

static void misc_op(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t op = read_u32(r, "opcode");
    if (op <= 7) {
        use(m, FEATURE_SAT_FLOAT);
        return;
    }
    if (op <= 17) {
        use(m, op <= 14 ? FEATURE_BULK_MEMORY : FEATURE_REF_TYPES);
    }
    switch (op) {
    case 8: /* memory.init */
        data_index(r, m);
        kind_index(r, m, KIND_MEMORY);
        break;
    case 9: /* data.drop */
        data_index(r, m);
        break;
    case 10: /* memory.copy */
        kind_index(r, m, KIND_MEMORY);
        kind_index(r, m, KIND_MEMORY);
        break;
    case 11: /* memory.fill */
        kind_index(r, m, KIND_MEMORY);
        break;
    case 12: /* table.init */
        index_of(r, m->n_elems, "elem segment");
        kind_index(r, m, KIND_TABLE);
        break;
    case 13: /* elem.drop */
        index_of(r, m->n_elems, "elem segment");
        break;
    case 14: /* table.copy */
        kind_index(r, m, KIND_TABLE);
        kind_index(r, m, KIND_TABLE);
        break;
    case 15: /* table.grow */
        m->grows_table = true;
        kind_index(r, m, KIND_TABLE);
        break;
    case 16: /* table.size, fill */
    case 17:
        kind_index(r, m, KIND_TABLE);
        break;
    case 19: /* i64.add128, sub128, mul_wide_s, mul_wide_u */
    case 20:
    case 21:
    case 22:
        use(m, FEATURE_WIDE_ARITHMETIC);
        break;
    default:
        reader_fail(r, at, "unknown opcode 0xfc 0x%02x", op);
    }
}

static void simd_op(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t op = read_u32(r, "SIMD opcode");
    use(m, op >= 0x100 ? FEATURE_RELAXED_SIMD : FEATURE_SIMD);
    if (op <= 11 || op == 92 || op == 93) { /* loads and stores */
        memarg(r, m);
    } else if (op == 12 || op == 13) { /* const, shuffle */
        read_skip(r, 16, "16 immediate bytes");
    } else if (op >= 21 && op <= 34) { /* lanes */
        read_u8(r, "lane");
    } else if (op >= 84 && op <= 91) { /* load and store lane */
        memarg(r, m);
        read_u8(r, "lane");
    } else if (op > 0x113) {
        reader_fail(r, at, "unknown opcode 0xfd 0x%02x", op);
    }
}

static void atomic_op(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint32_t op = read_u32(r, "atomic opcode");
    use(m, op <= 2 ? FEATURE_ATOMIC_WAIT : FEATURE_ATOMICS);
    if (op == 3) {
        if (read_u8(r, "fence") != 0) {
            reader_fail(r, at, "zero byte expected");
        }
    } else if (op <= 2 || (op >= 0x10 && op <= 0x4e)) {
        memarg(r, m);
    } else {
        reader_fail(r, at, "unknown opcode 0xfe 0x%02x", op);
    }
}

static void branch_table(reader_t *r) {
    uint32_t n = read_count(r, "branch table");
    for (uint32_t i = 0; i <= n && !r->failed; i++) {
        read_u32(r, "label");
    }
}

static void try_table(reader_t *r, module_t *m) {
    use(m, FEATURE_EXCEPTIONS);
    block_type(r, m);
    uint32_t n = read_count(r, "catch clauses");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        size_t at = r->pos;
        uint8_t kind = read_u8(r, "catch clause");
        if (kind > 3) {
            reader_fail(r, at, "malformed catch clause 0x%02x", kind);
        }
        if (kind <= 1) {
            kind_index(r, m, KIND_TAG);
        }
        read_u32(r, "label");
    }
}

static void select_types(reader_t *r, module_t *m) {
    use(m, FEATURE_REF_TYPES);
    uint32_t n = read_count(r, "select types");
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        read_valtype(r, m);
    }
}

/* One instruction after its opcode byte. *depth counts open blocks. */
static void instruction(reader_t *r, module_t *m, size_t at, uint8_t op, uint32_t *depth) {
    switch (op) {
    case 0x02: /* block, loop, if */
    case 0x03:
    case 0x04:
        block_type(r, m);
        ++*depth;
        return;
    case 0x06: /* try */
        use(m, FEATURE_EXCEPTIONS_LEGACY);
        block_type(r, m);
        ++*depth;
        return;
    case 0x1f:
        try_table(r, m);
        ++*depth;
        return;
    case 0x0b: /* end */
        --*depth;
        return;
    case 0x18: /* delegate closes its try */
        use(m, FEATURE_EXCEPTIONS_LEGACY);
        read_u32(r, "label");
        --*depth;
        return;
    case 0x07: /* catch */
        use(m, FEATURE_EXCEPTIONS_LEGACY);
        kind_index(r, m, KIND_TAG);
        return;
    case 0x09: /* rethrow */
        use(m, FEATURE_EXCEPTIONS_LEGACY);
        read_u32(r, "label");
        return;
    case 0x19: /* catch_all */
        use(m, FEATURE_EXCEPTIONS_LEGACY);
        return;
    case 0x08: /* throw: of both versions */
        kind_index(r, m, KIND_TAG);
        return;
    case 0x0a: /* throw_ref */
        use(m, FEATURE_EXCEPTIONS);
        return;
    case 0x0c: /* br, br_if */
    case 0x0d:
        read_u32(r, "label");
        return;
    case 0x0e:
        branch_table(r);
        return;
    case 0x10: /* call */
        kind_index(r, m, KIND_FUNC);
        return;
    case 0x11: /* call_indirect */
        type_index(r, m);
        kind_index(r, m, KIND_TABLE);
        return;
    case 0x12: /* return_call */
        use(m, FEATURE_TAIL_CALL);
        kind_index(r, m, KIND_FUNC);
        return;
    case 0x13: /* return_call_indirect */
        use(m, FEATURE_TAIL_CALL);
        type_index(r, m);
        kind_index(r, m, KIND_TABLE);
        return;
    case 0x14: /* call_ref, return_call_ref */
    case 0x15:
        use(m, FEATURE_TYPED_REFS);
        type_index(r, m);
        return;
    case 0x1c:
        select_types(r, m);
        return;
    case 0x20: /* local.get, set, tee */
    case 0x21:
    case 0x22:
        read_u32(r, "local");
        return;
    case 0x23: /* global.get, set */
    case 0x24:
        kind_index(r, m, KIND_GLOBAL);
        return;
    case 0x25: /* table.get, set */
    case 0x26:
        use(m, FEATURE_REF_TYPES);
        kind_index(r, m, KIND_TABLE);
        return;
    case 0x3f: /* memory.size, grow */
    case 0x40:
        m->grows_memory |= op == 0x40;
        kind_index(r, m, KIND_MEMORY);
        return;
    case 0x41:
        read_s32(r, "i32.const");
        return;
    case 0x42:
        read_s64(r, "i64.const");
        return;
    case 0x43:
        read_skip(r, 4, "f32.const");
        return;
    case 0x44:
        read_skip(r, 8, "f64.const");
        return;
    case 0xd0: /* ref.null */
        read_heaptype(r, m);
        return;
    case 0xd1: /* ref.is_null */
        use(m, FEATURE_REF_TYPES);
        return;
    case 0xd2: /* ref.func */
        use(m, FEATURE_REF_TYPES);
        kind_index(r, m, KIND_FUNC);
        return;
    case 0xd3: /* ref.eq */
        use(m, FEATURE_GC);
        return;
    case 0xd4: /* ref.as_non_null */
        use(m, FEATURE_TYPED_REFS);
        return;
    case 0xd5: /* br_on_null, br_on_non_null */
    case 0xd6:
        use(m, FEATURE_TYPED_REFS);
        read_u32(r, "label");
        return;
    case 0xfb:
        gc_op(r, m);
        return;
    case 0xfc:
        misc_op(r, m);
        return;
    case 0xfd:
        simd_op(r, m);
        return;
    case 0xfe:
        atomic_op(r, m);
        return;
    default:
        break;
    }
    bool no_immediate = op <= 0x01 || op == 0x05 || op == 0x0f || op == 0x1a || op == 0x1b ||
                        (op >= 0x45 && op <= 0xbf);
    if (op >= 0x28 && op <= 0x3e) {
        memarg(r, m);
    } else if (op >= 0xc0 && op <= 0xc4) {
        use(m, FEATURE_SIGN_EXT);
    } else if (!no_immediate) {
        reader_fail(r, at, "illegal opcode 0x%02x", op);
    }
}

void scan_locals(reader_t *r, module_t *m) {
    uint32_t groups = read_count(r, "locals");
    uint64_t locals = 0;
    for (uint32_t i = 0; i < groups && !r->failed; i++) {
        size_t at = r->pos;
        locals += read_u32(r, "locals");
        read_valtype(r, m);
        if (!r->failed && locals > MAX_LOCALS) {
            reader_fail(r, at, "too many locals: more than %u", MAX_LOCALS);
        }
    }
}

uint8_t scan_step(reader_t *r, module_t *m, uint32_t *depth) {
    size_t at = r->pos;
    uint8_t op = read_u8(r, "function body without end");
    if (!r->failed) {
        instruction(r, m, at, op, depth);
    }
    return op;
}

void scan_body(reader_t *r, module_t *m) {
    uint32_t depth = 1;
    scan_locals(r, m);
    while (depth > 0 && !r->failed) {
        scan_step(r, m, &depth);
    }
    if (!r->failed && r->pos != r->end) {
        reader_fail(r, r->pos, "function body goes on after its end");
    }
}

uint8_t scan_constant_step(reader_t *r, module_t *m) {
    size_t at = r->pos;
    uint8_t op = read_u8(r, "constant expression without end");
    if (r->failed || op == SCAN_END) {
        return SCAN_END;
    }
    bool arithmetic = (op >= 0x6a && op <= 0x6c) || (op >= 0x7c && op <= 0x7e);
    bool allowed = arithmetic || (op >= 0x41 && op <= 0x44) || op == SCAN_GLOBAL_GET ||
                   op == 0xd0 || op == 0xd2 || op == 0xfb || op == 0xfd;
    if (!allowed) {
        reader_fail(r, at, "opcode 0x%02x in a constant expression", op);
        return SCAN_END;
    }
    if (arithmetic) {
        use(m, FEATURE_EXTENDED_CONST);
    }
    if (op == SCAN_GLOBAL_GET) { /* at first only of imported globals */
        reader_t peek = *r;
        if (read_u32(&peek, "global") >= m->space[KIND_GLOBAL].n_imported && !peek.failed) {
            use(m, FEATURE_CONST_GLOBALS);
        }
    }
    uint32_t depth = 1;
    instruction(r, m, at, op, &depth);
    return op;
}

void scan_constant(reader_t *r, module_t *m) {
    while (scan_constant_step(r, m) != SCAN_END && !r->failed) {
    }
}
