/* SPDX-License-Identifier: MIT */
/* Symbols of kernel.ld: the borders of the image, page-aligned. */
#ifndef INGOT_HAL_RISCV64_LAYOUT_H
#define INGOT_HAL_RISCV64_LAYOUT_H

#include <stdint.h>

extern char __image_start[], __text_end[], __pages_end[], __rodata_end[];
extern char __user_text_end[], __user_data_start[], __user_data_end[], __image_mem_end[];
extern char __bss_end[], __early_tables[], __hart_block[];
extern char __boot_stack[], __boot_stack_top[], __trap_stack[], __trap_stack_top[];
extern char __double_stack[], __double_stack_top[];

/* A word of the hart's block (trapframe.h). By address, not by sscratch, which is 0 in a trap
 * handler.
 */
static inline uint64_t *hart_word(unsigned offset) {
    return (uint64_t *)(uintptr_t)(__hart_block + offset);
}

#endif
