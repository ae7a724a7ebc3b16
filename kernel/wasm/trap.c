/* SPDX-License-Identifier: MIT */
/* Leaving wasm early: the chain of protected calls, and the words for each trap. */
#include "kernel/wasm/trap.h"

#include <stdio.h>
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/unwind.h"

/* Innermost protected call. One hart runs wasm; the HAL's index is the seam for more. */
static protected_call_t *innermost;

uint64_t wasm_stack_floor;

protected_call_t *wasm_innermost_call(void) {
    return innermost;
}

bool wasm_call_protected(void (*fn)(void *), void *arg, wasm_trap_t *trap) {
    protected_call_t call = {.outer = innermost, .target = wasm_rt_get_unwind_target()};
    call.stack = hal_stack_pointer();
    if (setjmp(call.env) != 0) {
        innermost = call.outer;
        wasm_rt_set_unwind_target(call.target);
        *trap = call.trap;
        return false;
    }
    innermost = &call;
    wasm_rt_set_unwind_target(NULL);
    fn(arg);
    innermost = call.outer;
    wasm_rt_set_unwind_target(call.target);
    return true;
}

_Noreturn void wasm_unwind(const wasm_trap_t *trap) {
    if (innermost == NULL) {
        panic("wasm trap \"%s\" outside of any call into wasm", wasm_trap_text(trap->kind));
    }
    innermost->trap = *trap;
    longjmp(innermost->env, 1);
}

static _Noreturn void trap_here(wasm_trap_t trap, uint64_t pc) {
    trap.pc = pc;
    trap.fp = hal_frame_pointer();
    wasm_unwind(&trap);
}

_Noreturn void wasm_rt_trap(wasm_rt_trap_t code) {
    trap_here((wasm_trap_t){.kind = code}, (uintptr_t)__builtin_return_address(0));
}

_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected) {
    (void)expected;
    wasm_rt_trap_t kind = index >= table->size              ? WASM_RT_TRAP_UNDEFINED_ELEMENT
                          : table->data[index].func == NULL ? WASM_RT_TRAP_UNINITIALIZED_ELEMENT
                                                            : WASM_RT_TRAP_INDIRECT_TYPE;
    trap_here((wasm_trap_t){.kind = kind}, (uintptr_t)__builtin_return_address(0));
}

_Noreturn void wasm_rt_trap_null_entry(void) {
    trap_here((wasm_trap_t){.kind = WASM_RT_TRAP_UNINITIALIZED_ELEMENT},
              (uintptr_t)__builtin_return_address(0));
}

_Noreturn void wasm_rt_trap_other_type(void) {
    trap_here((wasm_trap_t){.kind = WASM_RT_TRAP_INDIRECT_TYPE},
              (uintptr_t)__builtin_return_address(0));
}

_Noreturn void wasm_unknown_import(const char *module, const char *field) {
    trap_here((wasm_trap_t){.kind = WASM_RT_TRAP_UNKNOWN_IMPORT,
                            .import_module = module,
                            .import_field = field},
              (uintptr_t)__builtin_return_address(0));
}

const char *wasm_trap_text(wasm_rt_trap_t kind) {
    static const char *const texts[WASM_RT_TRAP_KINDS] = {
        [WASM_RT_TRAP_NONE] = "no trap",
        [WASM_RT_TRAP_OOB] = "out of bounds memory access",
        [WASM_RT_TRAP_INT_OVERFLOW] = "integer overflow",
        [WASM_RT_TRAP_DIV_BY_ZERO] = "integer divide by zero",
        [WASM_RT_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
        [WASM_RT_TRAP_UNREACHABLE] = "wasm `unreachable` instruction executed",
        [WASM_RT_TRAP_CALL_INDIRECT] = "invalid indirect call",
        [WASM_RT_TRAP_UNCAUGHT_EXCEPTION] = "uncaught exception",
        [WASM_RT_TRAP_UNALIGNED] = "unaligned atomic",
        [WASM_RT_TRAP_EXHAUSTION] = "call stack exhausted",
        [WASM_RT_TRAP_NULL_REFERENCE] = "null reference",
        [WASM_RT_TRAP_TABLE_OOB] = "out of bounds table access",
        [WASM_RT_TRAP_UNDEFINED_ELEMENT] = "undefined element: out of bounds table access",
        [WASM_RT_TRAP_UNINITIALIZED_ELEMENT] = "uninitialized element",
        [WASM_RT_TRAP_INDIRECT_TYPE] = "indirect call type mismatch",
        [WASM_RT_TRAP_UNKNOWN_IMPORT] = "unknown import called",
        [WASM_RT_TRAP_HOST] = "host function",
    };
    return (unsigned)kind < WASM_RT_TRAP_KINDS ? texts[kind] : "unknown trap";
}

static void say(const char *text) {
    stream_stderr->write(stream_stderr, text, strlen(text));
}

void wasm_trap_report(const wasm_trap_t *trap, const char *module) {
    say("ingot: wasm trap: ");
    say(wasm_trap_text(trap->kind));
    if (trap->kind == WASM_RT_TRAP_UNKNOWN_IMPORT) {
        say(": ");
        say(trap->import_module);
        say("::");
        say(trap->import_field);
    } else if (trap->kind == WASM_RT_TRAP_HOST) {
        say(": ");
        say(trap->message);
    }
    if (module != NULL) {
        say(" (in module `");
        say(module);
        say("`)");
    }
    say("\n");
}
