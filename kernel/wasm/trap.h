/* SPDX-License-Identifier: MIT */
/*
 * Traps: how a call into wasm ends early, exactly where the specification says, with nothing else
 * changed. Explicit traps (division, unreachable, ...) come from wasm_rt_trap; page faults in a
 * linear memory's tail or in the stack's guard become traps in the fault handler.
 * Spec: WebAssembly core 2.0, section 4.4 and the appendix's list of traps.
 */
#ifndef INGOT_KERNEL_WASM_TRAP_H
#define INGOT_KERNEL_WASM_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/addr.h"
#include "kernel/wasm/wasm-rt.h"

typedef struct wasm_trap {
    wasm_rt_trap_t kind;
    uint64_t pc;      /* where it happened: in translated code, or in the runtime called by it */
    bool has_address; /* for WASM_RT_TRAP_OOB: the four below are known */
    const wasm_rt_memory_t *memory; /* NULL: a data segment */
    bool carry;                     /* the address is 2^64 more than `offset` */
    uint64_t offset, size; /* the first address outside of what has that size, in bytes; for
                            * WASM_RT_TRAP_TIMEOUT the milliseconds that were given */
    const char *import_module, *import_field; /* for WASM_RT_TRAP_UNKNOWN_IMPORT */
    const char *message;                      /* for WASM_RT_TRAP_HOST */
    /* For the traps of call_indirect: `expected` is not NULL. */
    uint64_t index, table_size;
    wasm_rt_func_type_t expected, found; /* `found` for WASM_RT_TRAP_INDIRECT_TYPE only */
} wasm_trap_t;

/*
 * Calls fn(arg). True when it returned; false when it trapped, with *trap filled. Calls nest; an
 * exception that nobody inside catches is the trap WASM_RT_TRAP_UNCAUGHT_EXCEPTION.
 */
bool wasm_call_protected(void (*fn)(void *), void *arg, wasm_trap_t *trap);

/* The words of the specification's testsuite, as wasmtime prints them. */
const char *wasm_trap_text(wasm_rt_trap_t kind);

/*
 * Calls fn(arg); a trap is told on stderr (a line that names it, its details, the backtrace) and
 * ends the machine. `starting` is the instance that the call instantiates, else NULL.
 */
struct wasm_instance;
void wasm_call_or_exit(void (*fn)(void *), void *arg, const struct wasm_instance *starting);

/* Registers the page-fault handler with the HAL. */
void wasm_fault_init(void);

#endif
