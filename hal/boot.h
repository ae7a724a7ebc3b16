/* SPDX-License-Identifier: MIT */
/*
 * What the machine's entry code hands to the kernel, and the fixed layout of the upper half.
 */
#ifndef INGOT_HAL_BOOT_H
#define INGOT_HAL_BOOT_H

#include "hal/addr.h"
#include "hal/status.h"

/* The stack of the start, that of traps, and that of traps within the trap path. */
#define HAL_BOOT_STACKS 3u

typedef struct hal_boot_info {
    uint64_t boot_hart;
    uint64_t entry_instructions; /* retired since power-on when the firmware jumped here */
    paddr_t fdt;                 /* physical address of the flattened device tree, unchecked */
    paddr_t kernel_phys;         /* where the image was loaded; the image is position-independent */
    vrange_t text;               /* RX */
    vrange_t pages;              /* what image-backed regions start with; where it was linked */
    vrange_t rodata;             /* R */
    vrange_t user_text;          /* RX at user level: text and constants of modules, and symbols */
    vrange_t data;               /* RW */
    vrange_t user_data;          /* RW at user level: data and bss */
    vrange_t bss;                /* RW: bss, first page tables */
    vrange_t stacks[HAL_BOOT_STACKS]; /* RW; the page in front of each is to stay unmapped */
    uint64_t image;                   /* bytes of all that from text.start on, and of kernel_phys */
} hal_boot_info_t;

/* Provided by the kernel: called once, on the boot stack, with the MMU on. */
_Noreturn void kernel_main(const hal_boot_info_t *info);

/* The direct map: all RAM the kernel uses is at hal_phys_to_virt(phys), RW and never executable.
 * Valid for physical addresses below HAL_DIRECT_MAP_SIZE. */
#define HAL_DIRECT_MAP_BASE UINT64_C(0xffffffc000000000)
#define HAL_DIRECT_MAP_SIZE (UINT64_C(192) << 30)

/* Where the kernel image is linked. The last 2 GiB stay empty: they are what 32-bit addresses above
 * 2 GiB become when they are extended by their sign. */
#define HAL_KERNEL_BASE UINT64_C(0xffffffff00000000)

#ifdef __riscv
static inline void *hal_phys_to_virt(paddr_t p) {
    return (void *)(HAL_DIRECT_MAP_BASE + p.raw);
}
#else
void *hal_phys_to_virt(paddr_t p); /* the simulated HAL of the host tests */
#endif

/* Zeroes frames of the direct map: faster than memset. */
void hal_clear_pages(paddr_t first, uint64_t pages);

/* The physical address of a byte in the kernel image or in the direct map. */
paddr_t hal_virt_to_phys(const void *p);

/* Makes [range) reachable through the first (boot) direct map; only before the final tables. */
status_t hal_early_direct_map(prange_t range);

#endif
