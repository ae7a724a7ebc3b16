/* SPDX-License-Identifier: MIT */
/*
 * Trap entry. sscratch holds the hart's block, at the top of the trap stack, and 0 while a trap is
 * handled, so that a fault inside the trap path is noticed and ends on a third stack.
 */
#include "hal/riscv64/trapframe.h"

    .globl __hart_block_size        /* for kernel.ld */
    .set __hart_block_size, HB_SIZE

    .section .text.trap_entry, "ax"
    .option norelax                 /* stvec needs the alignment */
    .globl trap_entry
    .balign 4
trap_entry:
    csrrw   sp, sscratch, sp
    beqz    sp, nested
    sd      t1, HB_T1(sp)
    csrr    t1, scause
    addi    t1, t1, -8              /* environment call from user level */
    beqz    t1, trap_user_call
    ld      t1, HB_T1(sp)
    addi    sp, sp, -TF_SIZE
    sd      t0, TF_T0(sp)
    csrrw   t0, sscratch, zero      /* the interrupted sp */
    sd      ra, TF_RA(sp)
    sd      t0, TF_SP(sp)
    sd      s0, TF_FP(sp)
    sd      gp, TF_GP(sp)
    sd      t1, TF_T0+8(sp)
    sd      t2, TF_T0+16(sp)
    sd      t3, TF_T0+24(sp)
    sd      t4, TF_T0+32(sp)
    sd      t5, TF_T0+40(sp)
    sd      t6, TF_T0+48(sp)
    sd      a0, TF_A0(sp)
    sd      a1, TF_A0+8(sp)
    sd      a2, TF_A0+16(sp)
    sd      a3, TF_A0+24(sp)
    sd      a4, TF_A0+32(sp)
    sd      a5, TF_A0+40(sp)
    sd      a6, TF_A0+48(sp)
    sd      a7, TF_A0+56(sp)
    csrr    t0, sepc
    csrr    t1, sstatus
    csrr    t2, scause
    csrr    t3, stval
    sd      t0, TF_PC(sp)
    sd      t1, TF_STATUS(sp)
    sd      t2, TF_CAUSE(sp)
    sd      t3, TF_VALUE(sp)
    frcsr   t0
    sd      t0, TF_FCSR(sp)
    fsd     ft0, TF_FT0(sp)
    fsd     ft1, TF_FT0+8(sp)
    fsd     ft2, TF_FT0+16(sp)
    fsd     ft3, TF_FT0+24(sp)
    fsd     ft4, TF_FT0+32(sp)
    fsd     ft5, TF_FT0+40(sp)
    fsd     ft6, TF_FT0+48(sp)
    fsd     ft7, TF_FT0+56(sp)
    fsd     ft8, TF_FT0+64(sp)
    fsd     ft9, TF_FT0+72(sp)
    fsd     ft10, TF_FT0+80(sp)
    fsd     ft11, TF_FT0+88(sp)
    fsd     fa0, TF_FA0(sp)
    fsd     fa1, TF_FA0+8(sp)
    fsd     fa2, TF_FA0+16(sp)
    fsd     fa3, TF_FA0+24(sp)
    fsd     fa4, TF_FA0+32(sp)
    fsd     fa5, TF_FA0+40(sp)
    fsd     fa6, TF_FA0+48(sp)
    fsd     fa7, TF_FA0+56(sp)
    mv      a0, sp
    call    trap_dispatch

    fld     ft0, TF_FT0(sp)
    fld     ft1, TF_FT0+8(sp)
    fld     ft2, TF_FT0+16(sp)
    fld     ft3, TF_FT0+24(sp)
    fld     ft4, TF_FT0+32(sp)
    fld     ft5, TF_FT0+40(sp)
    fld     ft6, TF_FT0+48(sp)
    fld     ft7, TF_FT0+56(sp)
    fld     ft8, TF_FT0+64(sp)
    fld     ft9, TF_FT0+72(sp)
    fld     ft10, TF_FT0+80(sp)
    fld     ft11, TF_FT0+88(sp)
    fld     fa0, TF_FA0(sp)
    fld     fa1, TF_FA0+8(sp)
    fld     fa2, TF_FA0+16(sp)
    fld     fa3, TF_FA0+24(sp)
    fld     fa4, TF_FA0+32(sp)
    fld     fa5, TF_FA0+40(sp)
    fld     fa6, TF_FA0+48(sp)
    fld     fa7, TF_FA0+56(sp)
    ld      t0, TF_FCSR(sp)
    fscsr   t0
    ld      t0, TF_PC(sp)
    csrw    sepc, t0
    ld      t1, TF_STATUS(sp)
    csrw    sstatus, t1
    addi    t1, sp, TF_SIZE         /* the trap stack is free again */
    csrw    sscratch, t1
    ld      ra, TF_RA(sp)
    ld      s0, TF_FP(sp)
    ld      gp, TF_GP(sp)
    ld      t0, TF_T0(sp)
    ld      t1, TF_T0+8(sp)
    ld      t2, TF_T0+16(sp)
    ld      t3, TF_T0+24(sp)
    ld      t4, TF_T0+32(sp)
    ld      t5, TF_T0+40(sp)
    ld      t6, TF_T0+48(sp)
    ld      a0, TF_A0(sp)
    ld      a1, TF_A0+8(sp)
    ld      a2, TF_A0+16(sp)
    ld      a3, TF_A0+24(sp)
    ld      a4, TF_A0+32(sp)
    ld      a5, TF_A0+40(sp)
    ld      a6, TF_A0+48(sp)
    ld      a7, TF_A0+56(sp)
    ld      sp, TF_SP(sp)
    sret

/* A trap inside the trap path: report it from a stack that is surely there. */
nested:
    csrrw   sp, sscratch, zero      /* back: sp of the handler */
    mv      t1, sp
    lla     sp, __double_stack_top
    addi    sp, sp, -TF_SIZE
    sd      ra, TF_RA(sp)
    sd      t1, TF_SP(sp)
    sd      s0, TF_FP(sp)
    csrr    t0, sepc
    csrr    t1, sstatus
    csrr    t2, scause
    csrr    t3, stval
    sd      t0, TF_PC(sp)
    sd      t1, TF_STATUS(sp)
    sd      t2, TF_CAUSE(sp)
    sd      t3, TF_VALUE(sp)
    mv      a0, sp
    li      a1, 1
    call    hal_unhandled_trap
    unimp
