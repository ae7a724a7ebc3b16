/* SPDX-License-Identifier: MIT */
/* Traps that translated code finds by its own checks. */
#include "kernel/user/user.h"

_Noreturn USER_CALLER void wasm_rt_trap(wasm_rt_trap_t code __attribute__((unused))) {
    USER_CALL(USER_CALL_TRAP);
}

_Noreturn USER_CALLER void user_trap_indirect(wasm_rt_trap_t code __attribute__((unused)),
                                              uint64_t index __attribute__((unused)),
                                              uint64_t size __attribute__((unused)),
                                              wasm_rt_func_type_t expected __attribute__((unused)),
                                              wasm_rt_func_type_t found __attribute__((unused))) {
    USER_CALL(USER_CALL_TRAP_INDIRECT);
}

_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected) {
    wasm_rt_trap_t kind = index >= table->size              ? WASM_RT_TRAP_UNDEFINED_ELEMENT
                          : table->data[index].func == NULL ? WASM_RT_TRAP_UNINITIALIZED_ELEMENT
                                                            : WASM_RT_TRAP_INDIRECT_TYPE;
    bool found = kind == WASM_RT_TRAP_INDIRECT_TYPE;
    user_trap_indirect(kind, index, table->size, expected,
                       found ? table->data[index].func_type : NULL);
}

_Noreturn USER_CALLER void user_trap_range(uint64_t handle __attribute__((unused)),
                                           uint64_t address __attribute__((unused)),
                                           bool carry __attribute__((unused))) {
    USER_CALL(USER_CALL_TRAP_RANGE);
}

_Noreturn void wasm_rt_trap_range(const wasm_rt_memory_t *memory, uint64_t address) {
    user_trap_range(memory->handle, address, false);
}

_Noreturn void wasm_rt_trap_address(const wasm_rt_memory_t *memory, uint64_t sum) {
    user_trap_range(memory->handle, sum, true);
}

_Noreturn USER_CALLER void wasm_rt_trap_segment(uint64_t offset __attribute__((unused)),
                                                uint64_t size __attribute__((unused))) {
    USER_CALL(USER_CALL_TRAP_SEGMENT);
}
