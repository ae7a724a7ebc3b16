/* SPDX-License-Identifier: MIT */
/*
 * Functions that the image's own C code offers to modules: the kernel's (kernel/wasi/functions.def,
 * compiled in) and those of a user's host table.
 *
 * A host table is text, one function a line; '#' starts a comment:
 *
 *     NAMESPACE FIELD SYMBOL PARAMS RESULTS
 *
 * PARAMS and RESULTS are one letter per value, or '-' for none: i i32, I i64, f f32, F f64,
 * v v128, r funcref, e externref. At most one result. The C prototype of
 * "sensor read sensor_read iI i" is `uint32_t sensor_read(wasm_caller_t *, uint32_t, uint64_t);`.
 */
#ifndef INGOT_TOOLCHAIN_HOST_H
#define INGOT_TOOLCHAIN_HOST_H

#include "toolchain/inspect/types.h"

typedef struct host_func {
    name_t module, field;
    const char *symbol;
    functype_t type;
    bool user; /* from a host table */
} host_func_t;

typedef struct host {
    arena_t arena;
    host_func_t *funcs;
    uint32_t n_funcs;
} host_t;

/* The kernel's functions. */
void host_init(host_t *host);
/* Adds those of a table; tells errors on stderr with file and line. */
status_t host_add_table(host_t *host, const char *path);
void host_free(host_t *host);

const host_func_t *host_find(const host_t *host, name_t module, name_t field);
bool host_has_namespace(const host_t *host, name_t module);

#endif
