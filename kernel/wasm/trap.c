/* SPDX-License-Identifier: MIT */
/* Leaving wasm early: the chain of protected calls. */
#include "kernel/wasm/trap.h"

#include "hal/cpu.h"
#include "kernel/core/log.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/unwind.h"

/* Innermost protected call. One hart runs wasm; the HAL's index is the seam for more. */
static protected_call_t *innermost;

protected_call_t *wasm_innermost_call(void) {
    return innermost;
}

bool wasm_call_traced(void (*fn)(void *), void *arg, wasm_trap_t *trap, backtrace_t *backtrace) {
    protected_call_t call = {
        .outer = innermost, .target = wasm_rt_get_unwind_target(), .backtrace = backtrace};
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

bool wasm_call_protected(void (*fn)(void *), void *arg, wasm_trap_t *trap) {
    return wasm_call_traced(fn, arg, trap, NULL);
}

_Noreturn void wasm_unwind(const wasm_trap_t *trap) {
    if (innermost == NULL) {
        panic("wasm trap \"%s\" outside of any call into wasm", wasm_trap_text(trap->kind));
    }
    innermost->trap = *trap;
    longjmp(innermost->env, 1);
}

_Noreturn void wasm_raise(const wasm_trap_t *trap) {
    if (innermost != NULL && innermost->backtrace != NULL) {
        hal_frame_t here;
        hal_frame_here(&here);
        backtrace_take(innermost->backtrace, &here);
    }
    wasm_unwind(trap);
}

_Noreturn void wasm_rt_trap(wasm_rt_trap_t code) {
    wasm_raise(&(wasm_trap_t){.kind = code, .pc = (uintptr_t)__builtin_return_address(0)});
}

_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected) {
    wasm_rt_trap_t kind = index >= table->size              ? WASM_RT_TRAP_UNDEFINED_ELEMENT
                          : table->data[index].func == NULL ? WASM_RT_TRAP_UNINITIALIZED_ELEMENT
                                                            : WASM_RT_TRAP_INDIRECT_TYPE;
    wasm_trap_t trap = {.kind = kind,
                        .pc = (uintptr_t)__builtin_return_address(0),
                        .index = index,
                        .table_size = table->size,
                        .expected = expected};
    if (kind == WASM_RT_TRAP_INDIRECT_TYPE) {
        trap.found = table->data[index].func_type;
    }
    wasm_raise(&trap);
}

/* What starts at `offset` is outside, or reaches there. */
static _Noreturn void raise_oob(const wasm_rt_memory_t *memory, uint64_t offset, uint64_t size,
                                bool carry, void *pc) {
    wasm_raise(&(wasm_trap_t){.kind = WASM_RT_TRAP_OOB,
                              .pc = (uintptr_t)pc,
                              .has_address = true,
                              .memory = memory,
                              .carry = carry,
                              .offset = offset < size && !carry ? size : offset,
                              .size = size});
}

_Noreturn void wasm_rt_trap_range(const wasm_rt_memory_t *memory, uint64_t address) {
    raise_oob(memory, address, memory->size, false, __builtin_return_address(0));
}

_Noreturn void wasm_rt_trap_address(const wasm_rt_memory_t *memory, uint64_t sum) {
    raise_oob(memory, sum, memory->size, true, __builtin_return_address(0));
}

_Noreturn void wasm_rt_trap_segment(uint64_t offset, uint64_t size) {
    raise_oob(NULL, offset, size, false, __builtin_return_address(0));
}

_Noreturn void wasm_unknown_import(const char *module, const char *field) {
    wasm_raise(&(wasm_trap_t){.kind = WASM_RT_TRAP_UNKNOWN_IMPORT,
                              .pc = (uintptr_t)__builtin_return_address(0),
                              .import_module = module,
                              .import_field = field});
}
