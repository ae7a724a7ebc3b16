/* SPDX-License-Identifier: MIT */
/*
 * The kernel's address space: the one tree of regions that holds the kernel's segments, the direct
 * map, device windows, stacks, the heap, linear memories and tables.
 */
#ifndef INGOT_KERNEL_CORE_VMAP_H
#define INGOT_KERNEL_CORE_VMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/boot.h"
#include "hal/trap.h"
#include "kernel/core/dt.h"
#include "mm/aspace.h"

extern aspace_t kernel_aspace;

/* Below this the kernel has nothing: a null pointer plus a small offset faults. The module's memory
 * may be there (kernel/wasm/memory.c), where only user level reaches it. */
#define VMAP_LOWEST UINT64_C(0x240000000)

/* First step: frames from the device tree's memory without its reservations, the image and the
 * tree. Only the boot direct map is used. */
status_t vmap_init_frames(const hal_boot_info_t *boot, const dt_facts_t *facts);

/* Second step: the final tables with W^X, placement by `seed` (0: first fit). */
status_t vmap_init_tables(const hal_boot_info_t *boot, const dt_facts_t *facts, bool sv48,
                          uint64_t seed);

/* A stack of user level with a guard below it that is larger than any frame. *top is 16-byte
 * aligned. */
status_t vmap_stack_new(uint64_t len, const char *name, uint64_t *top);

/* What a faulting address hit. */
typedef enum vmap_fault {
    VMAP_FAULT_RESOLVED, /* a page was brought in: continue */
    VMAP_FAULT_STACK_GUARD,
    VMAP_FAULT_OTHER,
} vmap_fault_t;
vmap_fault_t vmap_handle_fault(const hal_trap_t *t);

/* The stack (boot, trap or module stack) that holds `v`, or has it in its guard or at its end. */
bool vmap_stack_at(vaddr_t v, vrange_t *out);

/* Whether that is one of user level. */
bool vmap_is_user_stack(vaddr_t v);

/* Says what lies at an address, for panics: "stack `main` +0x10, size 0x8000", the guard of which
 * stack, how far beyond the end of which linear memory. */
void vmap_describe(vaddr_t v,
                   void (*print)(const char *format, ...) __attribute__((format(printf, 1, 2))));

/* Prints every region: range, permissions, kind, what is committed, name (ingot.map). */
void vmap_print(void);

#endif
