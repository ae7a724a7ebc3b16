/* SPDX-License-Identifier: MIT */
/*
 * The first page tables, made with the MMU off, and the step into the kernel.
 *
 * They map the image at its link address, W^X, and all of it for the kernel: what is for user level
 * becomes so in the tables that replace these as soon as the kernel has frames. And they map one
 * gigabyte of the direct map around the image and around the device tree. Code here runs at the
 * physical address: nothing but PC-relative references, which is what the medany code model gives.
 */
#include "hal/boot.h"
#include "hal/riscv64/csr.h"
#include "hal/riscv64/layout.h"
#include "hal/riscv64/pte.h"

#define GIGAPAGE (UINT64_C(1) << 30)
#define MEGAPAGE (UINT64_C(1) << 21)
#define SLOTS 512u

static uint64_t early_root[SLOTS] __attribute__((aligned(4096)));
static uint64_t early_level1[SLOTS] __attribute__((aligned(4096)));
static uint64_t image_phys;

static uint64_t leaf(uint64_t phys, uint64_t bits) {
    return (phys >> PAGE_SHIFT) << PTE_PPN_SHIFT | bits | PTE_V | PTE_A | PTE_D;
}

static uint64_t table(const uint64_t *t) {
    return ((uintptr_t)t >> PAGE_SHIFT) << PTE_PPN_SHIFT | PTE_V;
}

static uint64_t slot(uint64_t va, unsigned shift) {
    return (va >> shift) & (SLOTS - 1);
}

static void direct_gigapage(uint64_t phys) {
    if (phys < HAL_DIRECT_MAP_SIZE) {
        early_root[slot(HAL_DIRECT_MAP_BASE + phys, 30)] =
            leaf(align_down(phys, GIGAPAGE), PTE_R | PTE_W);
    }
}

/* Called by entry.S with the MMU off. Answers the satp value. */
uint64_t early_map(uint64_t fdt_phys) {
    uint64_t phys = (uintptr_t)__image_start;
    uint64_t text_end = (uintptr_t)__text_end, fixed_end = (uintptr_t)__user_text_end;
    uint64_t end = (uintptr_t)__image_mem_end;

    /* Tables for the image follow it in memory, one for every two megabytes; what a large leaf maps
     * needs none. */
    uint64_t *pool = (uint64_t *)(uintptr_t)__early_tables;
    early_root[slot(HAL_KERNEL_BASE, 30)] = table(early_level1);
    uint64_t va = HAL_KERNEL_BASE;
    for (uint64_t p = phys, step; p < end; p += step, va += step) {
        uint64_t *entry = &early_level1[slot(va, 21)];
        uint64_t border = p < text_end ? text_end : p < fixed_end ? fixed_end : end;
        uint64_t bits = p < text_end ? PTE_R | PTE_X : p < fixed_end ? PTE_R : PTE_R | PTE_W;
        if (is_aligned(p | va, MEGAPAGE) && border - p >= MEGAPAGE) {
            *entry = leaf(p, bits);
            step = MEGAPAGE;
            continue;
        }
        step = PAGE_SIZE;
        if (*entry == 0) {
            *entry = table(pool);
            pool += SLOTS;
        }
        uint64_t *level0 = (uint64_t *)(uintptr_t)((*entry >> PTE_PPN_SHIFT) << PAGE_SHIFT);
        level0[slot(va, 12)] = leaf(p, bits);
    }
    direct_gigapage(phys);
    direct_gigapage(end);
    direct_gigapage(fdt_phys);
    direct_gigapage(fdt_phys + MEGAPAGE); /* a tree may straddle the border */
    return SATP_MODE_SV39 | (uintptr_t)early_root >> PAGE_SHIFT;
}

status_t hal_early_direct_map(prange_t range) {
    uint64_t end;
    if (__builtin_add_overflow(range.start.raw, range.len, &end) || end > HAL_DIRECT_MAP_SIZE) {
        return ERR_RANGE;
    }
    for (uint64_t p = align_down(range.start.raw, GIGAPAGE); p < end; p += GIGAPAGE) {
        direct_gigapage(p);
    }
    __asm__ volatile("sfence.vma" ::: "memory");
    return STATUS_OK;
}

paddr_t hal_virt_to_phys(const void *p) {
    uint64_t va = (uintptr_t)p;
    if (va >= HAL_KERNEL_BASE) {
        return PADDR(va - HAL_KERNEL_BASE + image_phys);
    }
    return PADDR(va - HAL_DIRECT_MAP_BASE);
}

static vrange_t range(const char *start, const char *end) {
    return (vrange_t){VADDR((uintptr_t)start), (uint64_t)(end - start)};
}

/* Called by entry.S in the upper half, on the boot stack. */
_Noreturn void early_main(uint64_t hart, uint64_t fdt, uint64_t phys, uint64_t instret) {
    image_phys = phys;
    const hal_boot_info_t info = {
        .boot_hart = hart,
        .entry_instructions = instret,
        .fdt = PADDR(fdt),
        .kernel_phys = PADDR(phys),
        .text = range(__image_start, __text_end),
        .pages = range(__text_end, __pages_end),
        .rodata = range(__pages_end, __rodata_end),
        .user_text = range(__rodata_end, __user_text_end),
        .data = range(__user_text_end, __user_data_start),
        .user_data = range(__user_data_start, __user_data_end),
        .bss = range(__user_data_end, __bss_end),
        .stacks = {range(__boot_stack, __boot_stack_top), range(__trap_stack, __trap_stack_top),
                   range(__double_stack, __double_stack_top)},
        .image = (uint64_t)(__image_mem_end - __image_start),
    };
    kernel_main(&info);
}
