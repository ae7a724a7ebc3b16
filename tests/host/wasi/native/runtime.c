/* SPDX-License-Identifier: MIT */
/*
 * kernel/wasm/wasm-rt.h on the host: enough of the runtime to run one translated module as a
 * process. Memories are reserved with 8 GiB, so that an access out of bounds is a SIGSEGV; every
 * trap ends the process with 134.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/core/exit.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/stack.h"
#include "kernel/wasm/trap.h"

#define RESERVED (UINT64_C(8) << 30)

uint64_t wasm_stack_ready; /* the process has its own stack: it is */

void wasm_stack_prepare(void) {}

_Noreturn void wasm_rt_trap(wasm_rt_trap_t code) {
    fprintf(stderr, "wasm trap %d\n", (int)code);
    exit(EXIT_CODE_TRAP);
}

_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected) {
    (void)table, (void)index, (void)expected;
    wasm_rt_trap(WASM_RT_TRAP_CALL_INDIRECT);
}

_Noreturn void wasm_rt_trap_range(const wasm_rt_memory_t *memory, uint64_t address) {
    (void)memory, (void)address;
    wasm_rt_trap(WASM_RT_TRAP_OOB);
}

_Noreturn void wasm_rt_trap_address(const wasm_rt_memory_t *memory, uint64_t sum) {
    wasm_rt_trap_range(memory, sum);
}

_Noreturn void wasm_rt_trap_segment(uint64_t offset, uint64_t size) {
    (void)offset, (void)size;
    wasm_rt_trap(WASM_RT_TRAP_OOB);
}

_Noreturn void wasm_unknown_import(const char *module, const char *field) {
    fprintf(stderr, "unknown import %s.%s\n", module, field);
    wasm_rt_trap(WASM_RT_TRAP_UNKNOWN_IMPORT);
}

static void on_fault(int signal) {
    static const char text[] = "wasm trap: out of bounds memory access\n";
    (void)signal;
    (void)!write(2, text, sizeof text - 1);
    _exit(EXIT_CODE_TRAP);
}

static void *need(void *p) {
    if (p == NULL || p == MAP_FAILED) {
        perror("native runtime");
        exit(EXIT_CODE_START);
    }
    return p;
}

static void set_size(wasm_rt_memory_t *m, uint64_t pages) {
    m->pages = pages;
    m->size = pages * m->page_size;
    m->data_end = m->data + m->size;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *m, uint64_t initial, uint64_t max, bool is64,
                             uint32_t page_size) {
    signal(SIGSEGV, on_fault);
    m->data =
        need(mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    m->page_size = page_size;
    m->max_pages = max;
    m->is64 = is64;
    set_size(m, initial);
    mprotect(m->data, m->size, PROT_READ | PROT_WRITE);
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *m, uint64_t pages) {
    uint64_t old = m->pages;
    if (pages > m->max_pages - old ||
        mprotect(m->data, (old + pages) * m->page_size, PROT_READ | PROT_WRITE) != 0) {
        return UINT64_MAX;
    }
    set_size(m, old + pages);
    return old;
}

void wasm_rt_free_memory(wasm_rt_memory_t *m) {
    munmap(m->data, RESERVED);
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *t, uint32_t n, uint32_t max) {
    t->data = need(calloc(n > 0 ? n : 1, sizeof *t->data));
    t->size = n;
    t->max_size = max;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *t) {
    free(t->data);
}
