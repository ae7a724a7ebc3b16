/* SPDX-License-Identifier: MIT */
/*
 * The runtime ABI of wasm2c's output: what translated C may use. All of it runs at user level
 * (kernel/user/), and asks the kernel for what only that can do.
 *
 * Names and layouts are those that wabt 1.0.39's (and 1.0.42's) generated code expects; everything
 * behind them is ours. Memories are demand-zero Mmaps of 8 GiB reservation: an access beyond
 * `size` faults, and the fault becomes the trap WASM_RT_TRAP_OOB, so 32-bit accesses carry no
 * check. Spec: WebAssembly core 2.0, section 4.2 (runtime structure) and 4.4 (instructions).
 */
#ifndef INGOT_WASM_RT_H
#define INGOT_WASM_RT_H

#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define wasm_rt_memcpy __builtin_memcpy

/* Freestanding code has no builtins by their plain names; these are one instruction each. */
#undef isnan
#undef signbit
#define isnan(x) __builtin_isnan(x)
#define signbit(x) __builtin_signbit(x)
#define fabs __builtin_fabs
#define fabsf __builtin_fabsf
#define sqrt __builtin_sqrt
#define sqrtf __builtin_sqrtf

/* Bounds of 32-bit memories with 64 KiB pages are held by the MMU. */
#define WASM_RT_MEMCHECK_GUARD_PAGES 1
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
/* Modules with atomics ask. */
#define WASM_RT_C11_AVAILABLE 1
/* Stack exhaustion is found by the guard region below the stack. */
#define WASM_RT_STACK_DEPTH_COUNT 0

typedef enum wasm_rt_trap {
    WASM_RT_TRAP_NONE,
    WASM_RT_TRAP_OOB,
    WASM_RT_TRAP_INT_OVERFLOW,
    WASM_RT_TRAP_DIV_BY_ZERO,
    WASM_RT_TRAP_INVALID_CONVERSION,
    WASM_RT_TRAP_UNREACHABLE,
    WASM_RT_TRAP_CALL_INDIRECT, /* 1.0.39 does not say which of the three below; mend does */
    WASM_RT_TRAP_UNCAUGHT_EXCEPTION,
    WASM_RT_TRAP_UNALIGNED,
    WASM_RT_TRAP_EXHAUSTION,
    WASM_RT_TRAP_NULL_REFERENCE,
    WASM_RT_TRAP_NULL_REF = WASM_RT_TRAP_NULL_REFERENCE, /* as generated code spells it */
    /* Ours: kinds that the specification tells apart and wasm2c does not. */
    WASM_RT_TRAP_TABLE_OOB,
    WASM_RT_TRAP_UNDEFINED_ELEMENT,
    WASM_RT_TRAP_UNINITIALIZED_ELEMENT,
    WASM_RT_TRAP_INDIRECT_TYPE,
    WASM_RT_TRAP_UNKNOWN_IMPORT,
    WASM_RT_TRAP_HOST,    /* a host function's own */
    WASM_RT_TRAP_TIMEOUT, /* no trap of wasm: the module's time is up */
    WASM_RT_TRAP_KINDS,
} wasm_rt_trap_t;

typedef enum {
    WASM_RT_I32,
    WASM_RT_I64,
    WASM_RT_F32,
    WASM_RT_F64,
    WASM_RT_V128,
    WASM_RT_FUNCREF,
    WASM_RT_EXTERNREF,
    WASM_RT_EXNREF,
} wasm_rt_type_t;

typedef void (*wasm_rt_function_ptr_t)(void);

typedef struct wasm_rt_tailcallee_t {
    void (*fn)(void **instance_ptr, void *tail_call_stack, struct wasm_rt_tailcallee_t *next);
} wasm_rt_tailcallee_t;

/* 32 bytes: the SHA-256 of the function type. Equal types have equal bytes. */
typedef const char *wasm_rt_func_type_t;

typedef struct {
    wasm_rt_func_type_t func_type; /* NULL: the null reference */
    wasm_rt_function_ptr_t func;
    wasm_rt_tailcallee_t func_tailcallee;
    void *module_instance;
} wasm_rt_funcref_t;

typedef void *wasm_rt_externref_t;

/* Identified by address, so that equal signatures stay different tags. */
typedef const void *wasm_rt_tag_t;

#define WASM_EXN_MAX_SIZE 256

typedef struct {
    wasm_rt_tag_t tag; /* NULL: the null reference */
    uint32_t size;
    uint8_t data[WASM_EXN_MAX_SIZE];
} wasm_rt_exnref_t;

#define wasm_rt_funcref_null_value ((wasm_rt_funcref_t){NULL, NULL, {NULL}, NULL})
#define wasm_rt_externref_null_value ((wasm_rt_externref_t)NULL)
#define wasm_rt_exnref_null_value ((wasm_rt_exnref_t){NULL, 0, {0}})

/*
 * A linear memory. `data` never moves; [data, data + size) is accessible, and for 32-bit memories
 * with 64 KiB pages everything up to data + 8 GiB faults. Only `data`..`is64` are the ABI.
 */
typedef struct {
    uint8_t *data;
    uint8_t *data_end;
    uint32_t page_size;
    uint64_t pages, max_pages;
    uint64_t size; /* bytes */
    bool is64;
    uint64_t handle; /* what the kernel knows it by (kernel/user/call.h) */
} wasm_rt_memory_t;

/* Shared memories are refused by the inspector until threads exist; the names must compile. */
typedef wasm_rt_memory_t wasm_rt_shared_memory_t;

typedef struct {
    wasm_rt_funcref_t *data;
    uint32_t max_size;
    uint32_t size; /* elements */
    uint64_t handle;
} wasm_rt_funcref_table_t;

typedef struct {
    wasm_rt_externref_t *data;
    uint32_t max_size;
    uint32_t size; /* elements */
    uint64_t handle;
} wasm_rt_externref_table_t;

typedef struct {
    wasm_rt_exnref_t *data;
    uint32_t max_size;
    uint32_t size; /* elements */
    uint64_t handle;
} wasm_rt_exnref_table_t;

/* Ends the running call into wasm with a trap; never returns. */
_Noreturn void wasm_rt_trap(wasm_rt_trap_t code);

/* Slow path of call_indirect: finds out which of the three traps it is, and traps. */
_Noreturn void wasm_rt_trap_call_indirect(const wasm_rt_funcref_table_t *table, uint64_t index,
                                          wasm_rt_func_type_t expected);

/*
 * Out of bounds, found by a check in the code: what starts at `address` is not all inside
 * `memory`; `sum`, without its carry, is an address above 2^64; what starts at `offset` is not all
 * inside a data segment of `size` bytes.
 */
#define WASM_RT_COLD _Noreturn __attribute__((cold))
WASM_RT_COLD void wasm_rt_trap_range(const wasm_rt_memory_t *memory, uint64_t address);
WASM_RT_COLD void wasm_rt_trap_address(const wasm_rt_memory_t *memory, uint64_t sum);
WASM_RT_COLD void wasm_rt_trap_segment(uint64_t offset, uint64_t size);

static inline bool wasm_rt_is_initialized(void) {
    return true;
}

/*
 * Memories. Units are wasm pages of `page_size` bytes. When physical memory cannot back the
 * initial size the image is refused with the sizes named; grow answers -1 instead.
 */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
                             bool is64, uint32_t page_size);
uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages);
void wasm_rt_free_memory(wasm_rt_memory_t *memory);

/* Tables. Elements start as null; grow answers the old size, or UINT32_MAX. */
void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements,
                                    uint32_t max_elements);
uint32_t wasm_rt_grow_funcref_table(wasm_rt_funcref_table_t *table, uint32_t delta,
                                    wasm_rt_funcref_t init);
void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table);
void wasm_rt_allocate_externref_table(wasm_rt_externref_table_t *table, uint32_t elements,
                                      uint32_t max_elements);
uint32_t wasm_rt_grow_externref_table(wasm_rt_externref_table_t *table, uint32_t delta,
                                      wasm_rt_externref_t init);
void wasm_rt_free_externref_table(wasm_rt_externref_table_t *table);
void wasm_rt_allocate_exnref_table(wasm_rt_exnref_table_t *table, uint32_t elements,
                                   uint32_t max_elements);
uint32_t wasm_rt_grow_exnref_table(wasm_rt_exnref_table_t *table, uint32_t delta,
                                   wasm_rt_exnref_t init);
void wasm_rt_free_exnref_table(wasm_rt_exnref_table_t *table);

/* Exceptions: one active exception per hart; the innermost handler is a chain of jump buffers. */
typedef struct wasm_rt_jmp_buf {
    jmp_buf buffer;
} wasm_rt_jmp_buf;

#define WASM_RT_UNWIND_TARGET wasm_rt_jmp_buf
#define wasm_rt_try(target) setjmp((target).buffer)

void wasm_rt_load_exception(wasm_rt_tag_t tag, uint32_t size, const void *values);
_Noreturn void wasm_rt_throw(void);
WASM_RT_UNWIND_TARGET *wasm_rt_get_unwind_target(void);
void wasm_rt_set_unwind_target(WASM_RT_UNWIND_TARGET *target);
wasm_rt_tag_t wasm_rt_exception_tag(void);
uint32_t wasm_rt_exception_size(void);
void *wasm_rt_exception(void);

#endif
