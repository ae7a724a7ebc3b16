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
    each    sd, TF_T0+8, t1, t2, t3, t4, t5, t6
    each    sd, TF_A0, a0, a1, a2, a3, a4, a5, a6, a7
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
    each    fsd, TF_FT0, ft0, ft1, ft2, ft3, ft4, ft5, ft6, ft7, ft8, ft9, ft10, ft11
    each    fsd, TF_FA0, fa0, fa1, fa2, fa3, fa4, fa5, fa6, fa7
    mv      a0, sp
    call    trap_dispatch

    each    fld, TF_FT0, ft0, ft1, ft2, ft3, ft4, ft5, ft6, ft7, ft8, ft9, ft10, ft11
    each    fld, TF_FA0, fa0, fa1, fa2, fa3, fa4, fa5, fa6, fa7
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
    each    ld, TF_T0, t0, t1, t2, t3, t4, t5, t6
    each    ld, TF_A0, a0, a1, a2, a3, a4, a5, a6, a7
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
