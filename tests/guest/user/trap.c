/* SPDX-License-Identifier: MIT */
/* Traps as translated code comes to them. */
#include "tests/guest/user/user.h"

uint64_t user_raise(uint64_t kind) {
    wasm_rt_trap((wasm_rt_trap_t)kind);
}

static const char type_a[32] = "a", type_b[32] = "b";

uint64_t user_indirect(uint64_t index) {
    static wasm_rt_funcref_table_t table;
    if (table.data == NULL) {
        wasm_rt_allocate_funcref_table(&table, 2, 2);
        table.data[1] = (wasm_rt_funcref_t){
            .func_type = type_b, .func = (wasm_rt_function_ptr_t)(void (*)(void))user_add_one};
    }
    wasm_rt_trap_call_indirect(&table, index, type_a);
}

uint64_t user_depth;
static volatile bool stop;

__attribute__((noinline)) static unsigned recurse(void) {
    volatile unsigned local = 1;
    user_depth++;
    return stop ? 0 : recurse() + local;
}

uint64_t user_recurse(uint64_t unused) {
    (void)unused;
    user_depth = 0;
    return recurse();
}

/* Only the far end of the frame is touched. */
__attribute__((noinline)) static unsigned recurse_large(void) {
    volatile uint8_t local[200u << 10];
    local[0] = 1;
    user_depth++;
    return stop ? 0 : recurse_large() + local[0];
}

uint64_t user_recurse_large(uint64_t unused) {
    (void)unused;
    user_depth = 0;
    return recurse_large();
}

__attribute__((noinline)) static unsigned recurse_into_kernel(uint64_t handle) {
    volatile uint8_t local[64];
    local[0] = user_memory_grow(handle, 65535);
    return stop ? 0 : recurse_into_kernel(handle) + local[0];
}

uint64_t user_recurse_into_kernel(uint64_t handle) {
    return recurse_into_kernel(handle);
}

uint64_t user_clobber(uint64_t at) {
    __asm__ volatile("li s2, -1\nli s3, -1\nli s4, -1\nli s5, -1\nli s6, -1\nli s7, -1\n"
                     "li s8, -1\nli s9, -1\nli s10, -1\nli s11, -1\n"
                     "fmv.d.x fs0, s2\nfmv.d.x fs1, s2\nfmv.d.x fs11, s2\n"
                     "lbu zero, 0(%0)" ::"r"(at)
                     : "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "fs0", "fs1",
                       "fs11", "memory");
    return 0;
}
