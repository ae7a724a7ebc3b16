/* SPDX-License-Identifier: MIT */
/*
 * Running an image: instantiate its modules in order, then call _start or the invoked export.
 * Spec: WebAssembly core 2.0, section 4.5.4; WASI application ABI (commands and reactors).
 */
#ifndef INGOT_KERNEL_WASM_RUN_H
#define INGOT_KERNEL_WASM_RUN_H

#include "kernel/wasm/module.h"
#include "kernel/wasm/trap.h"

/* Never returns: ends the machine with the code of the exit contract (kernel/core/exit.h). */
_Noreturn void wasm_run_image(void);

/* Instantiates one; false when that traps. */
bool wasm_instantiate(const wasm_instance_t *instance, wasm_trap_t *trap);

/* The instance that is being instantiated, or NULL. */
const wasm_instance_t *wasm_starting(void);

/* Instantiates every module of the image, and calls `_initialize` of each that has it right after;
 * a trap ends the machine, naming the module. */
void wasm_instantiate_all(void);

/* The export of `instance` with this name, or NULL. */
const wasm_export_func_t *wasm_find_export(const wasm_instance_t *instance, const char *name);

#endif
