/* SPDX-License-Identifier: MIT */
/* Tables as translated code makes and grows them. */
#include "tests/guest/user/user.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return __LINE__;                                                                       \
        }                                                                                          \
    } while (0)

uint64_t user_tables_grow(uint64_t unused) {
    static wasm_rt_funcref_table_t t;
    const wasm_rt_funcref_t entry = {
        .func_type = "type", .func = (wasm_rt_function_ptr_t)(void (*)(void))user_tables_grow};
    (void)unused;
    wasm_rt_allocate_funcref_table(&t, 2, 5);
    MUST(t.size == 2 && t.max_size == 5);
    MUST(t.data[0].func == NULL && t.data[1].func_type == NULL);
    MUST(wasm_rt_grow_funcref_table(&t, 0, entry) == 2);
    MUST(wasm_rt_grow_funcref_table(&t, 3, entry) == 2);
    MUST(t.data[1].func == NULL && t.data[2].func == entry.func && t.data[4].func == entry.func);
    MUST(wasm_rt_grow_funcref_table(&t, 1, entry) == UINT32_MAX);
    MUST(wasm_rt_grow_funcref_table(&t, UINT32_MAX, entry) == UINT32_MAX);
    MUST(t.size == 5);
    static wasm_rt_externref_table_t none;
    wasm_rt_allocate_externref_table(&none, 0, 0);
    MUST(none.size == 0 && wasm_rt_grow_externref_table(&none, 1, NULL) == UINT32_MAX);
    return 0;
}
