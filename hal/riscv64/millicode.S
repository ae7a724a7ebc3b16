/* SPDX-License-Identifier: MIT */
/*
 * What functions compiled with -msave-restore call to save registers and to leave: shorter than the
 * same in each of them. __riscv_save_N saves ra and s0 to sN-1 and returns to t0; __riscv_restore_N
 * is jumped to, takes them back and returns to ra. ra is topmost, and sp stays aligned to 16 bytes.
 * Source: RISC-V toolchain conventions, "Conventions for save and restore routines".
 */

/* Makes room for all; t1 is how much of it this one gives back. */
.macro save names:vararg
    .irp    n, \names
    .globl  __riscv_save_\n
__riscv_save_\n:
    .endr
    addi    sp, sp, -112
.endm

    .section .text.__riscv_save, "ax"
    save    12
    li      t1, 0
    sd      s11, 8(sp)
    j       1f
    save    11, 10
    li      t1, 16
1:  sd      s10, 16(sp)
    sd      s9, 24(sp)
    j       1f
    save    9, 8
    li      t1, 32
1:  sd      s8, 32(sp)
    sd      s7, 40(sp)
    j       1f
    save    7, 6
    li      t1, 48
1:  sd      s6, 48(sp)
    sd      s5, 56(sp)
    j       1f
    save    5, 4
    li      t1, 64
1:  sd      s4, 64(sp)
    sd      s3, 72(sp)
    j       1f
    save    3, 2
    li      t1, 80
1:  sd      s2, 80(sp)
    sd      s1, 88(sp)
    j       1f
    save    1, 0
    li      t1, 96
1:  sd      s0, 96(sp)
    sd      ra, 104(sp)
    add     sp, sp, t1
    jr      t0

.macro restore names:vararg
    .irp    n, \names
    .globl  __riscv_restore_\n
__riscv_restore_\n:
    .endr
.endm

    .section .text.__riscv_restore, "ax"
    restore 12
    ld      s11, 8(sp)
    addi    sp, sp, 16
    restore 11, 10
    ld      s10, 0(sp)
    ld      s9, 8(sp)
    addi    sp, sp, 16
    restore 9, 8
    ld      s8, 0(sp)
    ld      s7, 8(sp)
    addi    sp, sp, 16
    restore 7, 6
    ld      s6, 0(sp)
    ld      s5, 8(sp)
    addi    sp, sp, 16
    restore 5, 4
    ld      s4, 0(sp)
    ld      s3, 8(sp)
    addi    sp, sp, 16
    restore 3, 2
    ld      s2, 0(sp)
    ld      s1, 8(sp)
    addi    sp, sp, 16
    restore 1, 0
    ld      s0, 0(sp)
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret
