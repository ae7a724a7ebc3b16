/* SPDX-License-Identifier: MIT */
/* Leaving user level early: the chain of protected calls, and the traps that modules call for. */
#include "kernel/wasm/trap.h"

#include "hal/cpu.h"
#include "kernel/core/log.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/unwind.h"
#include "kernel/wasm/user.h"

/* Innermost protected call. One hart runs wasm; the HAL's index is the seam for more. */
static protected_call_t *innermost;

protected_call_t *wasm_innermost_call(void) {
    return innermost;
}

/* Exceptions do not cross the border. */
static void enter_border(protected_call_t *call) {
    if (wasm_image.user.unwind_target != NULL) {
        WASM_RT_UNWIND_TARGET *none = NULL;
        user_read(&call->target, wasm_image.user.unwind_target, sizeof none);
        user_write(wasm_image.user.unwind_target, &none, sizeof none);
    }
    innermost = call;
}

static void leave_border(const protected_call_t *call) {
    if (wasm_image.user.unwind_target != NULL) {
        user_write(wasm_image.user.unwind_target, &call->target, sizeof call->target);
    }
    innermost = call->outer;
}

bool wasm_call_traced(void (*fn)(void *), void *arg, uint64_t *answer, wasm_trap_t *trap,
                      backtrace_t *backtrace) {
    protected_call_t call = {.outer = innermost, .backtrace = backtrace};
    call.stack = hal_stack_pointer();
    hal_user_save(&call.user);
    if (setjmp(call.env) != 0) {
        hal_user_restore(&call.user);
        leave_border(&call);
        *trap = call.trap;
        return false;
    }
    enter_border(&call);
    uint64_t a = wasm_user_run(fn, arg);
    if (answer != NULL) {
        *answer = a;
    }
    leave_border(&call);
    return true;
}

bool wasm_call_protected(void (*fn)(void *), void *arg, wasm_trap_t *trap) {
    return wasm_call_traced(fn, arg, NULL, trap, NULL);
}

bool wasm_call_export_traced(const wasm_instance_t *instance, const wasm_export_func_t *func,
                             const wasm_value_t *params, wasm_value_t *results, wasm_trap_t *trap,
                             backtrace_t *backtrace) {
    const wasm_user_t *user = &wasm_image.user;
    const struct { void *call, *state; } head = {(void *)(uintptr_t)func->call, instance->state};
    if (func->n_params > USER_MAX_VALUES || func->n_results > USER_MAX_VALUES) {
        panic("`%s` has more than %u parameters or results", func->name, USER_MAX_VALUES);
    }
    user_write(user->invocation, &head, sizeof head);
    user_write(user->invocation->params, params, func->n_params * sizeof *params);
    if (!wasm_call_traced(user->invoke, NULL, NULL, trap, backtrace)) {
        return false;
    }
    user_read(results, user->invocation->results, func->n_results * sizeof *results);
    return true;
}

bool wasm_call_export(const wasm_instance_t *instance, const wasm_export_func_t *func,
                      const wasm_value_t *params, wasm_value_t *results, wasm_trap_t *trap) {
    return wasm_call_export_traced(instance, func, params, results, trap, NULL);
}

_Noreturn void wasm_unwind(const wasm_trap_t *trap) {
    if (innermost == NULL) {
        panic("wasm trap \"%s\" outside of any call into wasm", wasm_trap_text(trap->kind));
    }
    innermost->trap = *trap;
    longjmp(innermost->env, 1);
}

_Noreturn void wasm_raise(wasm_trap_t *trap) {
    hal_frame_t caller;
    if (hal_user_frame(&caller)) {
        trap->pc = caller.link;
    }
    if (innermost != NULL && innermost->backtrace != NULL) {
        hal_frame_t here;
        hal_frame_here(&here);
        backtrace_take(innermost->backtrace, &here);
    }
    wasm_unwind(trap);
}

/* ---- Calls ---- */

/* Those that translated code raises; what others tell, it cannot know. */
_Noreturn void call_trap(wasm_rt_trap_t kind) {
    if (kind <= WASM_RT_TRAP_NONE || kind >= WASM_RT_TRAP_UNDEFINED_ELEMENT) {
        call_unknown();
    }
    wasm_raise(&(wasm_trap_t){.kind = kind});
}

_Noreturn void call_trap_indirect(wasm_rt_trap_t kind, uint64_t index, uint64_t size,
                                  wasm_rt_func_type_t expected, wasm_rt_func_type_t found) {
    if (kind < WASM_RT_TRAP_UNDEFINED_ELEMENT || kind > WASM_RT_TRAP_INDIRECT_TYPE) {
        call_unknown();
    }
    wasm_raise(&(wasm_trap_t){
        .kind = kind, .index = index, .table_size = size, .expected = expected, .found = found});
}

/* What starts at `offset` is outside, or reaches there. */
static _Noreturn void raise_oob(const wasm_memory_t *memory, uint64_t offset, uint64_t size,
                                bool carry) {
    wasm_raise(&(wasm_trap_t){.kind = WASM_RT_TRAP_OOB,
                              .has_address = true,
                              .memory = memory,
                              .carry = carry,
                              .offset = offset < size && !carry ? size : offset,
                              .size = size});
}

_Noreturn void call_trap_range(uint64_t handle, uint64_t address, bool carry) {
    const wasm_memory_t *memory = wasm_memory_find(handle);
    if (memory == NULL) {
        call_unknown();
    }
    raise_oob(memory, address, memory->size, carry);
}

_Noreturn void call_trap_segment(uint64_t offset, uint64_t size) {
    raise_oob(NULL, offset, size, false);
}

_Noreturn void wasm_unknown_import(const char *module, const char *field) {
    wasm_raise(&(wasm_trap_t){
        .kind = WASM_RT_TRAP_UNKNOWN_IMPORT, .import_module = module, .import_field = field});
}
