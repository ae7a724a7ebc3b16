/* SPDX-License-Identifier: MIT */
/* The module's side of linear memories: what the kernel answered, where translated code looks. */
#include "kernel/user/user.h"

USER_CALLER user_pages_t user_memory_new(uint64_t pages __attribute__((unused)),
                                         uint64_t max_pages __attribute__((unused)),
                                         bool is64 __attribute__((unused)),
                                         uint32_t page_size __attribute__((unused))) {
    USER_CALL(USER_CALL_MEMORY_NEW);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
                             bool is64, uint32_t page_size) {
    user_pages_t made = user_memory_new(initial_pages, max_pages, is64, page_size);
    uint64_t size = initial_pages * page_size;
    *memory = (wasm_rt_memory_t){
        .data = made.data,
        .data_end = (uint8_t *)made.data + size,
        .page_size = page_size,
        .pages = initial_pages,
        .max_pages = max_pages,
        .size = size,
        .is64 = is64,
        .handle = made.handle,
    };
}

USER_CALLER bool user_memory_grow(uint64_t handle __attribute__((unused)),
                                  uint64_t pages __attribute__((unused))) {
    USER_CALL(USER_CALL_MEMORY_GROW);
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages) {
    uint64_t old = memory->pages;
    if (pages != 0 && !user_memory_grow(memory->handle, pages)) {
        return memory->is64 ? UINT64_MAX : UINT32_MAX;
    }
    memory->pages += pages;
    memory->size += pages * memory->page_size;
    memory->data_end = memory->data + memory->size;
    return old;
}

/* Instances live until power-off: their memories are not given back. */
void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
    (void)memory;
}
