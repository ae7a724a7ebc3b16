/* SPDX-License-Identifier: MIT */
/*
 * The border between generated glue and the kernel.
 *
 * The inspector (toolchain/) writes two glue C files per image. One is the kernel's: it defines
 * `wasm_image`, the table of everything the kernel needs to know about the modules that were cast
 * into this image, in instantiation order. The other is linked to the modules and runs at user
 * level. The two meet in calls (kernel/user/call.h): every import that the kernel provides is one,
 * with a signature checked at build time. Functions and data of user level are addresses to the
 * kernel, marked USER here, which it hands to kernel/wasm/user.h.
 *
 * Source: WebAssembly core specification 2.0, section 4.5.4 (instantiation).
 */
#ifndef INGOT_KERNEL_WASM_MODULE_H
#define INGOT_KERNEL_WASM_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/user.h"
#include "kernel/user/user.h"
#include "kernel/wasm/memory.h"
#include "kernel/wasm/value.h"

struct wasm_instance;
struct wasm_initial; /* kernel/wasm/initial.h */

#define USER

/*
 * A function export that --invoke (and the conformance driver) can call, by wasm_call_export.
 * `call` reads `n_params` values and writes `n_results`; it traps as the function does.
 */
typedef struct wasm_export_func {
    const char
        *name; /* the wasm name, UTF-8, may hold any byte but NUL (escaped \00 by the glue) */
    const wasm_rt_type_t *params;
    const wasm_rt_type_t *results;
    uint8_t n_params, n_results;
    USER void (*call)(void *instance, const wasm_value_t *params, wasm_value_t *results);
} wasm_export_func_t;

/*
 * What a host function sees of the module that calls it. One per (importing module); wrappers pass
 * its address. Guest memory is reached only through kernel/wasm/guest.h.
 */
typedef struct wasm_caller {
    const struct wasm_instance *instance;
    wasm_memory_t *memory; /* the memory exported as "memory"; NULL when the module has none, or it
                            * has not been made yet */
} wasm_caller_t;

/* One module instance of the image. All pointers are to static data of the glue. */
typedef struct wasm_instance {
    const char *name; /* as given at build: file stem or --preload NAME= */
    USER void *state; /* the w2c_NAME struct */
    size_t state_size;
    USER void (*instantiate)(void *unused); /* wires imports, runs start; may trap */
    wasm_caller_t *caller;
    /* The memory that is exported as "memory": the memory_index-th that memory_of defines. */
    const struct wasm_instance *memory_of;
    uint32_t memory_index;
    bool low_memory;                    /* its only memory lies at address 0, as its code expects */
    const struct wasm_initial *initial; /* what its memories start with; NULL: data is copied */
    const wasm_export_func_t *exports;  /* sorted by name (byte order) */
    uint32_t n_exports;
    USER void (*start_export)(void *unused);      /* "_start", NULL when absent */
    USER void (*initialize_export)(void *unused); /* "_initialize", NULL when absent */
} wasm_instance_t;

/* What the kernel must know of kernel/user/. */
typedef struct wasm_user {
    const hal_user_function_t *calls; /* by number: kernel/user/call.h, then the imports */
    uint64_t n_calls;
    USER void (*back)(void);
    USER uint64_t *stack_guard;
    USER WASM_RT_UNWIND_TARGET **unwind_target; /* NULL where no module has exceptions */
    /* NULL where no export can be called by name. */
    USER user_invocation_t *invocation;
    USER void (*invoke)(void *unused);
} wasm_user_t;

typedef struct wasm_image {
    /* What runs once the kernel is up: wasm_run_image for an app, the driver of a test image
     * otherwise. Does not return. */
    void (*run)(void);
    wasm_user_t user;
    const wasm_instance_t *const *instances; /* in instantiation order */
    uint32_t n_instances;
    uint32_t main; /* index of the module that is run */
    /* Defaults baked in at build time; used when the boot arguments give none. NUL-terminated. */
    const char *const *args; /* args[0] is argv[0]; n_args >= 1 */
    uint32_t n_args;
    const char *const *env; /* "NAME=VALUE" */
    uint32_t n_env;
    const char *invoke; /* called instead of _start (kernel/wasm/invoke.h), or NULL */
    /* wasm_invoke when exports can be called by name (--invoke, or no _start), else NULL: so that
     * the parsing and printing of values is not in an image that never does it. */
    void (*invoke_call)(const char *); /* does not return */
    const char *boot_args;             /* extra boot arguments (ingot.*), or NULL */
    /* Services that the image was made with on request, NULL at the end: naming them here is what
     * links them. A boot argument of the same name is refused where they are not. */
    const struct service *const *services;
} wasm_image_t;

extern const wasm_image_t wasm_image;

/* Called where an import is that nothing provides (-W unknown-imports-trap=y). */
_Noreturn void wasm_unknown_import(const char *module, const char *field);

#endif
