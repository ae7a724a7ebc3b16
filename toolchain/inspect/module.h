/* SPDX-License-Identifier: MIT */
/*
 * What the inspector knows of a WebAssembly binary module.
 *
 * The parser checks structure (sections, counts, indices, UTF-8, opcodes and their immediates); it
 * does not type-check function bodies, which wasm2c's validator does. All pointers are into the
 * module's arena or into the bytes it was parsed from, which must outlive it.
 * Source: WebAssembly core specification 3.0, section 5; proposals threads, custom-page-sizes,
 * wide-arithmetic and legacy exception handling.
 */
#ifndef INGOT_TOOLCHAIN_MODULE_H
#define INGOT_TOOLCHAIN_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"
#include "toolchain/lib/arena.h"

typedef struct name {
    const char *ptr; /* not NUL-terminated; may hold any byte */
    uint32_t len;
} name_t;

/* A value type: its binary code. Typed references, whose heap type is not kept, are VT_REF_OTHER.
 */
typedef uint8_t valtype_t;
#define VT_I32 0x7f
#define VT_I64 0x7e
#define VT_F32 0x7d
#define VT_F64 0x7c
#define VT_V128 0x7b
#define VT_FUNCREF 0x70
#define VT_EXTERNREF 0x6f
#define VT_EXNREF 0x69
#define VT_REF_OTHER 0x64

typedef struct functype {
    const valtype_t *params, *results;
    uint32_t n_params, n_results;
    bool is_func; /* false: a struct or array of the GC proposal */
} functype_t;

#define DEFAULT_PAGE_SIZE 65536u /* of memories, in bytes */

typedef struct limits {
    uint64_t min, max; /* max is meaningful with has_max */
    bool has_max, shared, is64;
} limits_t;

typedef enum extern_kind {
    KIND_FUNC,
    KIND_TABLE,
    KIND_MEMORY,
    KIND_GLOBAL,
    KIND_TAG,
    N_KINDS,
} extern_kind_t;

typedef struct extern_type {
    extern_kind_t kind;
    const functype_t *func; /* KIND_FUNC, KIND_TAG */
    limits_t limits;        /* KIND_TABLE (elements), KIND_MEMORY (pages) */
    uint32_t page_size;     /* KIND_MEMORY, bytes */
    valtype_t value;        /* KIND_TABLE (element), KIND_GLOBAL */
    bool mutable;           /* KIND_GLOBAL */
} extern_type_t;

typedef struct import {
    name_t module, field;
    extern_type_t type;
    uint32_t index;            /* in the index space of its kind */
    const uint8_t *descriptor; /* the bytes of kind and type, for expand.h */
    uint32_t descriptor_len;
} import_t;

typedef struct export {
    name_t name;
    extern_kind_t kind;
    uint32_t index;
}
export_t;

/* Everything of one kind, imports first, in index order. */
typedef struct index_space {
    extern_type_t *items;
    uint32_t count, n_imported;
} index_space_t;

typedef struct data_segment {
    bool is_passive;
    bool has_constant_offset; /* the offset is one i32.const, nothing that is computed */
    uint32_t memory, len;
    uint64_t offset; /* bytes; below 2^32 */
    const uint8_t *bytes;
} data_segment_t;

typedef enum feature {
    FEATURE_SIGN_EXT,
    FEATURE_SAT_FLOAT,
    FEATURE_MULTI_VALUE,
    FEATURE_BULK_MEMORY,
    FEATURE_REF_TYPES,
    FEATURE_MUTABLE_GLOBALS,
    FEATURE_SIMD,
    FEATURE_TAIL_CALL,
    FEATURE_EXCEPTIONS_LEGACY,
    FEATURE_EXCEPTIONS,
    FEATURE_MULTI_MEMORY,
    FEATURE_MEMORY64,
    FEATURE_EXTENDED_CONST,
    FEATURE_CUSTOM_PAGE_SIZES,
    FEATURE_COMPACT_IMPORTS,
    FEATURE_CONST_GLOBALS,
    FEATURE_ATOMICS,
    FEATURE_ATOMIC_WAIT,
    FEATURE_SHARED_MEMORY,
    FEATURE_TYPED_REFS,
    FEATURE_GC,
    FEATURE_RELAXED_SIMD,
    FEATURE_WIDE_ARITHMETIC,
    N_FEATURES,
} feature_t;

typedef struct module {
    arena_t arena;
    functype_t *types;
    uint32_t n_types;
    import_t *imports;
    uint32_t n_imports;
    export_t *exports;
    uint32_t n_exports;
    index_space_t space[N_KINDS];
    bool has_start;
    uint32_t start;
    uint32_t n_elems, n_datas;
    data_segment_t *datas;
    bool has_data_count;
    uint32_t data_count;
    bool features[N_FEATURES];
    bool grows_memory, grows_table; /* has instructions that do */

    /* Sizes in bytes, for splitting the work. */
    uint64_t code_size, data_size;
    uint32_t largest_body, largest_body_index;

    /* The `name` section; NULL when absent. A NULL ptr inside: that function has no name. */
    name_t module_name;
    name_t *func_names; /* space[KIND_FUNC].count of them */
    bool bad_names;     /* the section broke its own rules and was ignored */
} module_t;

/* Where, and what, is wrong. */
typedef struct parse_error {
    size_t offset;
    char message[192];
} parse_error_t;

/*
 * ERR_CORRUPT for what is not a module, ERR_UNSUPPORTED for a component; `error` is filled and
 * `out` untouched. Memory used is at most a constant times `len`.
 */
status_t module_parse(const uint8_t *bytes, size_t len, module_t *out, parse_error_t *error);
void module_free(module_t *m);

/* "tail calls" and the like: for people. The word for --json and manifests is feature_id(). */
const char *feature_text(feature_t f);
const char *feature_id(feature_t f);
/* Why images cannot have it; NULL when they can. */
const char *feature_refusal(feature_t f);

#endif
