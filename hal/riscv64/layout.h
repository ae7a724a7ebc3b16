/* SPDX-License-Identifier: MIT */
/* Symbols of kernel.ld: the borders of the image, page-aligned. */
#ifndef INGOT_HAL_RISCV64_LAYOUT_H
#define INGOT_HAL_RISCV64_LAYOUT_H

extern char __image_start[], __text_end[], __pages_end[], __rodata_end[];
extern char __user_text_end[], __user_data_start[], __user_data_end[], __image_mem_end[];
extern char __bss_end[], __early_tables[], __hart_block[];
extern char __boot_stack[], __boot_stack_top[], __trap_stack[], __trap_stack_top[];
extern char __double_stack[], __double_stack_top[];

#endif
