/* SPDX-License-Identifier: MIT */
/*
 * Entry from the firmware: one hart, supervisor level, MMU off, a0 = hart id, a1 = device tree.
 * The image starts with the header that the RISC-V Linux boot protocol defines, which makes the
 * flat binary bootable by `-kernel`, U-Boot's booti and FIT.
 * Source: Linux Documentation/arch/riscv/boot-image-header.rst; SBI specification 2.0, chapter 2.
 */
#include "hal/riscv64/trapframe.h"

    .section .head, "ax"
    .option norelax                 /* alignments here must survive the linker */
    .globl _start
_start:
    .option push
    .option norvc
    j       real_start              /* code0 */
    nop                             /* code1 */
    .option pop
    .dword  0x200000                /* text_offset: load address above the start of RAM */
    .dword  __image_mem_size        /* image_size: with everything that must stay free behind it */
    .dword  0                       /* flags: little endian */
    .word   2                       /* version 0.2 */
    .word   0
    .dword  0
    .ascii  "RISCV\0\0\0"           /* magic */
    .ascii  "RSC\x05"               /* magic2 */
    .word   0

    .balign 4
real_start:
    csrw    sie, zero
    csrw    sip, zero
    li      t0, 1 << 13             /* sstatus.FS = Initial; the rest off */
    csrw    sstatus, t0
    fscsr   zero
    rdinstret s3
    mv      s0, a0
    mv      s1, a1

#ifdef __riscv_zba
    /* The C below is made of these extensions. A hart without them would stop without a word. */
    lla     t0, lacks_extensions
    csrw    stvec, t0
    sh1add  t1, t0, t0
    andn    t1, t0, t0
    bset    t1, t0, t0
#endif

    /* User data, bss, and the first page tables behind it; both ends are page-aligned. */
    lla     t0, __user_data_start
    lla     t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    sd      zero, 8(t0)
    sd      zero, 16(t0)
    sd      zero, 24(t0)
    addi    t0, t0, 32
    j       1b
2:
    /* Data gets its first values, which follow rodata: the kernel's, then the modules'. All borders
     * are 8-byte aligned. */
    lla     t2, __data_load
    lla     t0, __data_start
    lla     t1, __data_end
    jal     t4, fill
    lla     t0, __user_data_start
    lla     t1, __user_data_filled
    jal     t4, fill

    /* The hart's block. */
    lla     t0, __hart_block
    lla     t1, __trap_stack_top
1:  sd      zero, 0(t0)
    addi    t0, t0, 8
    bltu    t0, t1, 1b

    lla     sp, __boot_stack_top
    mv      a0, s1
    call    early_map               /* builds the first page tables; answers satp in a0 */

    /* Continue in the upper half: the fetch after the satp write faults into stvec. */
    lla     t0, link_base
    ld      t0, 0(t0)
    lla     t1, _start
    sub     t2, t0, t1              /* virtual minus physical */
    lla     t3, upper_half
    add     t3, t3, t2
    csrw    stvec, t3
    add     sp, sp, t2
    sfence.vma
    csrw    satp, a0
    sfence.vma
    .balign 4
upper_half:
    lla     t0, trap_entry
    csrw    stvec, t0
    lla     t0, __hart_block
    csrw    sscratch, t0
    mv      s2, t1                  /* physical start of the image */
    mv      a0, s0
    mv      a1, s1
    mv      a2, s2
    mv      a3, s3
    li      s0, 0                   /* the outermost frame */
    call    early_main
    unimp

/* Copies from t2 on to [t0, t1). */
fill:
    bgeu    t0, t1, 1f
    ld      t3, 0(t2)
    sd      t3, 0(t0)
    addi    t2, t2, 8
    addi    t0, t0, 8
    j       fill
1:  jr      t4

#ifdef __riscv_zba
    .balign 4
lacks_extensions:
    lla     s0, lacks_text
1:  lbu     a0, 0(s0)
    beqz    a0, 2f
    li      a7, 1                   /* legacy putchar: every firmware has it, and it takes a register */
    ecall
    addi    s0, s0, 1
    j       1b
2:  li      a0, 0                   /* shutdown */
    li      a1, 1                   /* for a failure */
    li      a6, 0
    li      a7, 0x53525354          /* SRST */
    ecall
3:  wfi
    j       3b
lacks_text:
    .asciz  "ingot: fatal: this hart lacks Zba, Zbb or Zbs; build the image with --isa base\n"
#endif

    .balign 8
link_base:
    .dword  __image_start           /* where the image is linked */
