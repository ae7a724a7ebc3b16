/* SPDX-License-Identifier: MIT */
/*
 * The border between generated glue and the kernel.
 *
 * The inspector (toolchain/) writes one glue C file per image. It defines `wasm_image`, the table
 * of everything the kernel needs to know about the modules that were cast into this image, in
 * instantiation order. Nothing else of the translated code is visible to the kernel; every import
 * that the kernel provides is one generated wrapper with a signature checked at build time.
 *
 * Source: WebAssembly core specification 2.0, section 4.5.4 (instantiation).
 */
#ifndef INGOT_KERNEL_WASM_MODULE_H
#define INGOT_KERNEL_WASM_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/wasm/wasm-rt.h"

/*
 * One value crossing --invoke; `bits` holds i32/f32 in its low half, `hi` only for v128. An
 * externref is its pointer; a funcref or exnref is the address of a wasm_rt_funcref_t or
 * wasm_rt_exnref_t, 0 for null. That of a result is good until the same export is called again.
 */
typedef struct wasm_value {
    wasm_rt_type_t type;
    uint64_t bits;
    uint64_t hi;
} wasm_value_t;

struct wasm_instance;
struct wasm_initial; /* kernel/wasm/initial.h */

/*
 * A function export that --invoke (and the conformance driver) can call. `call` reads `n_params`
 * values and writes `n_results`; it traps as the function does.
 */
typedef struct wasm_export_func {
    const char
        *name; /* the wasm name, UTF-8, may hold any byte but NUL (escaped \00 by the glue) */
    const wasm_rt_type_t *params;
    const wasm_rt_type_t *results;
    uint8_t n_params, n_results;
    void (*call)(void *instance, const wasm_value_t *params, wasm_value_t *results);
} wasm_export_func_t;

/*
 * What a host function sees of the module that calls it. One per (importing module); wrappers pass
 * its address. Guest memory is reached only through kernel/wasm/guest.h.
 */
typedef struct wasm_caller {
    const struct wasm_instance *instance;
    wasm_rt_memory_t *memory; /* the memory exported as "memory"; NULL when the module has none */
} wasm_caller_t;

/* One module instance of the image. All pointers are to static data of the glue. */
typedef struct wasm_instance {
    const char *name; /* as given at build: file stem or --preload NAME= */
    void *state;      /* the w2c_NAME struct */
    size_t state_size;
    void (*instantiate)(void); /* sets caller.memory, wires imports, runs start; may trap */
    wasm_caller_t *caller;
    const struct wasm_initial *initial; /* what its memories start with; NULL: data is copied */
    const wasm_export_func_t *exports;  /* sorted by name (byte order) */
    uint32_t n_exports;
    void (*start_export)(void);      /* "_start", NULL when absent */
    void (*initialize_export)(void); /* "_initialize", NULL when absent */
} wasm_instance_t;

typedef struct wasm_image {
    /* What runs on the module stack once the kernel is up: wasm_run_image for an app, the driver of
     * a test image otherwise. Does not return. */
    void (*run)(void);
    const wasm_instance_t *const *instances; /* in instantiation order */
    uint32_t n_instances;
    uint32_t main; /* index of the module that is run */
    /* Defaults baked in at build time; used when the boot arguments give none. NUL-terminated. */
    const char *const *args; /* args[0] is argv[0]; n_args >= 1 */
    uint32_t n_args;
    const char *const *env; /* "NAME=VALUE" */
    uint32_t n_env;
    const char *invoke;    /* called instead of _start (kernel/wasm/invoke.h), or NULL */
    /* wasm_invoke when exports can be called by name (--invoke, or no _start), else NULL: so that
     * the parsing and printing of values is not in an image that never does it. */
    void (*invoke_call)(const char *); /* does not return */
    const char *boot_args; /* extra boot arguments (ingot.*), or NULL */
    /* Services that the image was made with on request, NULL at the end: naming them here is what
     * links them. A boot argument of the same name is refused where they are not. */
    const struct service *const *services;
} wasm_image_t;

extern const wasm_image_t wasm_image;

/* The instance whose state holds `object` (a memory, a table), or NULL. */
const wasm_instance_t *wasm_instance_of(const void *object);

/* Called by a wrapper for an import that nothing provides (-W unknown-imports-trap=y). */
_Noreturn void wasm_unknown_import(const char *module, const char *field);

#endif
