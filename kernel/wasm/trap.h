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
#include "kernel/wasm/memory.h"
#include "kernel/wasm/value.h"

typedef struct wasm_trap {
    wasm_rt_trap_t kind;
    uint64_t pc;      /* where it happened: in translated code, or in the runtime called by it */
    bool has_address; /* for WASM_RT_TRAP_OOB: the four below are known */
    const wasm_memory_t *memory; /* NULL: a data segment */
    bool carry;                  /* the address is 2^64 more than `offset` */
    uint64_t offset, size;       /* the first address outside of what has that size, in bytes; for
                                  * WASM_RT_TRAP_TIMEOUT the milliseconds that were given */
    const char *import_module, *import_field; /* for WASM_RT_TRAP_UNKNOWN_IMPORT */
    const char *message;                      /* for WASM_RT_TRAP_HOST */
    /* For the traps of call_indirect: `expected` is not NULL. */
    uint64_t index, table_size;
    wasm_rt_func_type_t expected, found; /* `found` for WASM_RT_TRAP_INDIRECT_TYPE only */
} wasm_trap_t;

/*
 * Calls fn(arg), a function of user level. True when it returned; false when it trapped, with *trap
 * filled. An exception that nobody inside catches is the trap WASM_RT_TRAP_UNCAUGHT_EXCEPTION.
 */
bool wasm_call_protected(void (*fn)(void *), void *arg, wasm_trap_t *trap);

/* The same of an export, with its numbers of values. */
struct wasm_instance;
struct wasm_export_func;
bool wasm_call_export(const struct wasm_instance *instance, const struct wasm_export_func *func,
                      const wasm_value_t *params, wasm_value_t *results, wasm_trap_t *trap);

/* The words of the specification's testsuite, as wasmtime prints them. */
const char *wasm_trap_text(wasm_rt_trap_t kind);

/*
 * Ends the machine for a trap that wasm_call_traced (kernel/wasm/unwind.h) answered: tells it on
 * stderr (a line that names it, its details, the backtrace). `starting` is the instance that was
 * instantiated, else NULL.
 */
struct backtrace;
_Noreturn void wasm_exit_with_trap(const wasm_trap_t *trap, const struct backtrace *backtrace,
                                   const struct wasm_instance *starting);

/* Registers the page-fault handler with the HAL. */
void wasm_fault_init(void);

#endif
