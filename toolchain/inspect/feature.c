/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/module.h"

static const struct {
    const char *id, *text, *refusal;
} features[N_FEATURES] = {
    [FEATURE_SIGN_EXT] = {"sign-ext", "sign extension", NULL},
    [FEATURE_SAT_FLOAT] = {"sat-float", "saturating float-to-int", NULL},
    [FEATURE_MULTI_VALUE] = {"multi-value", "multiple values", NULL},
    [FEATURE_BULK_MEMORY] = {"bulk-memory", "bulk memory", NULL},
    [FEATURE_REF_TYPES] = {"reference-types", "reference types", NULL},
    [FEATURE_MUTABLE_GLOBALS] = {"mutable-globals", "imported or exported mutable globals", NULL},
    [FEATURE_SIMD] = {"simd", "SIMD", NULL},
    [FEATURE_TAIL_CALL] = {"tail-call", "tail calls", NULL},
    [FEATURE_EXCEPTIONS_LEGACY] = {"exceptions-legacy", "exceptions (legacy try/catch)", NULL},
    [FEATURE_EXCEPTIONS] = {"exceptions", "exceptions", NULL},
    [FEATURE_MULTI_MEMORY] = {"multi-memory", "multiple memories", NULL},
    [FEATURE_MEMORY64] = {"memory64", "64-bit memories or tables", NULL},
    [FEATURE_EXTENDED_CONST] = {"extended-const", "extended constant expressions", NULL},
    [FEATURE_CUSTOM_PAGE_SIZES] = {"custom-page-sizes", "custom page sizes", NULL},
    [FEATURE_COMPACT_IMPORTS] = {"compact-imports", "compact import section", NULL},
    [FEATURE_CONST_GLOBALS] = {"const-globals", "constant expressions that read its own globals",
                               NULL},
    [FEATURE_ATOMICS] = {"atomics", "atomics", NULL},
    [FEATURE_ATOMIC_WAIT] = {"atomic-wait", "threads (atomic wait and notify)",
                             "wasm2c cannot translate it"},
    [FEATURE_SHARED_MEMORY] = {"shared-memory", "shared memory", NULL},
    [FEATURE_TYPED_REFS] = {"function-references", "typed function references",
                            "wasm2c cannot translate it"},
    [FEATURE_GC] = {"gc", "garbage collection", "wasm2c cannot translate it"},
    [FEATURE_RELAXED_SIMD] = {"relaxed-simd", "relaxed SIMD", "wasm2c cannot translate it"},
    [FEATURE_WIDE_ARITHMETIC] = {"wide-arithmetic", "wide arithmetic",
                                 "wasm2c cannot translate it"},
};

const char *feature_text(feature_t f) {
    return features[f].text;
}

const char *feature_id(feature_t f) {
    return features[f].id;
}

const char *feature_refusal(feature_t f) {
    return features[f].refusal;
}
