/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/run.h"

#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/wasm/trap.h"

static void call_void(void *fn) {
    (*(void (**)(void))fn)();
}

static void call_or_exit(void (*fn)(void), const wasm_instance_t *starting) {
    wasm_call_or_exit(call_void, &fn, starting);
}

void wasm_instantiate_all(void) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        LOG(LOG_INFO, wasm, "instantiating `%s`", instance->name);
        call_or_exit(instance->instantiate, instance);
        /* A reactor's constructors run before the start function of whoever imports from it. */
        if (instance->initialize_export != NULL) {
            LOG(LOG_INFO, wasm, "calling _initialize of `%s`", instance->name);
            call_or_exit(instance->initialize_export, NULL);
        }
    }
}

const wasm_instance_t *wasm_instance_of(const void *object) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        if ((uintptr_t)object - (uintptr_t)instance->state < instance->state_size) {
            return instance;
        }
    }
    return NULL;
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
