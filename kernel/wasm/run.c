/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/run.h"

#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/wasm/unwind.h"

static const wasm_instance_t *starting;

const wasm_instance_t *wasm_starting(void) {
    return starting;
}

/* A trap ends the machine. */
static void call_or_exit(void (*fn)(void *), const wasm_instance_t *instance) {
    static backtrace_t backtrace;
    wasm_trap_t trap;
    if (!wasm_call_traced(fn, NULL, NULL, &trap, &backtrace)) {
        wasm_exit_with_trap(&trap, &backtrace, instance);
    }
}

bool wasm_instantiate(const wasm_instance_t *instance, wasm_trap_t *trap) {
    starting = instance;
    bool done = wasm_call_protected(instance->instantiate, NULL, trap);
    starting = NULL;
    return done;
}

void wasm_instantiate_all(void) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        LOG(LOG_INFO, wasm, "instantiating `%s`", instance->name);
        starting = instance;
        call_or_exit(instance->instantiate, instance);
        starting = NULL;
        /* A reactor's constructors run before the start function of whoever imports from it. */
        if (instance->initialize_export != NULL) {
            LOG(LOG_INFO, wasm, "calling _initialize of `%s`", instance->name);
            call_or_exit(instance->initialize_export, NULL);
        }
    }
}

const wasm_export_func_t *wasm_find_export(const wasm_instance_t *instance, const char *name) {
    for (uint32_t i = 0; i < instance->n_exports; i++) {
        if (strcmp(instance->exports[i].name, name) == 0) {
            return &instance->exports[i];
        }
    }
    return NULL;
}

_Noreturn void wasm_run_image(void) {
    wasm_instantiate_all();
    const wasm_instance_t *main = wasm_image.instances[wasm_image.main];
    const char *invoke = bootargs_option("invoke");
    invoke = invoke != NULL ? invoke : wasm_image.invoke;
    if (invoke != NULL) {
        if (wasm_image.invoke_call == NULL) {
            refuse("this image was built without callable exports; build it with --invoke");
        }
        wasm_image.invoke_call(invoke);
    }
    if (main->start_export == NULL) {
        /* A module without _start did its work when it was instantiated, as in wasmtime. */
        machine_exit(0);
    }
    LOG(LOG_INFO, wasm, "calling _start of `%s`", main->name);
    call_or_exit(main->start_export, NULL);
    machine_exit(0);
}
