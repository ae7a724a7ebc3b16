/* SPDX-License-Identifier: MIT */
/* Into user level and back (hal/user.h). Registers that C does not keep over a call are not kept. */
#include "hal/riscv64/trapframe.h"

#define SIE (1 << 1)
#define SPP (1 << 8)

#define RUN_S 0    /* s0..s11: 12 */
#define RUN_FS 96  /* fs0..fs11: 12 */
#define RUN_RA 192
#define RUN_OUTER 200 /* HB_KERNEL_SP .. HB_FP of the run around this one: 5 */
#define RUN_SIZE 240

    .section .text.user_call, "ax"
    .globl trap_user_call
    .globl hal_user_run

/*
 * A call, from trap_entry: t0 is its number, sp the hart's block, sscratch the user's sp. Interrupts
 * are off until the block is in sscratch again, and from when sepc is written.
 */
trap_user_call:
    sd      ra, HB_RA(sp)
    sd      s0, HB_FP(sp)
    csrr    t1, sepc
    sd      t1, HB_PC(sp)
    mv      s0, sp
    csrrw   t1, sscratch, sp
    sd      t1, HB_SP(s0)
    ld      sp, HB_KERNEL_SP(s0)
    beqz    t0, user_return
    ld      t1, HB_INTERRUPTS(s0)
    csrs    sstatus, t1
    ld      t1, HB_COUNT(s0)
    bltu    t0, t1, 1f
    li      t0, 0
1:  ld      t1, HB_CALLS(s0)
    slli    t0, t0, 3
    add     t1, t1, t0
    ld      t1, 0(t1)
    jalr    t1
    li      t1, SPP | SIE
    csrc    sstatus, t1
    ld      t1, HB_PC(s0)
    addi    t1, t1, 4               /* ecall has no short form */
    csrw    sepc, t1
    sd      zero, HB_PC(s0)
    ld      ra, HB_RA(s0)
    ld      sp, HB_SP(s0)
    ld      s0, HB_FP(s0)
    sret

/* a0: pc, a1: its argument, a2: sp, a3: where it returns to. */
hal_user_run:
    addi    sp, sp, -RUN_SIZE
    sd      ra, RUN_RA(sp)
    each    sd, RUN_S, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    each    fsd, RUN_FS, fs0, fs1, fs2, fs3, fs4, fs5, fs6, fs7, fs8, fs9, fs10, fs11
    li      t0, SPP | SIE
    csrc    sstatus, t0
    csrr    t0, sscratch
    ld      t1, HB_KERNEL_SP(t0)
    ld      t2, HB_SP(t0)
    ld      t3, HB_RA(t0)
    ld      t4, HB_PC(t0)
    ld      t5, HB_FP(t0)
    each    sd, RUN_OUTER, t1, t2, t3, t4, t5
    sd      sp, HB_KERNEL_SP(t0)
    sd      zero, HB_PC(t0)
    csrw    sepc, a0
    mv      a0, a1
    mv      sp, a2
    mv      ra, a3
    /* Nothing of the kernel's goes along. */
    .irp register, t0, t1, t2, t3, t4, t5, t6, a1, a2, a3, a4, a5, a6, a7, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    li      \register, 0
    .endr
    sret

/* Call number 0: sp is the frame of hal_user_run, s0 the hart's block, a0 the result. */
user_return:
    each    ld, RUN_OUTER, t1, t2, t3, t4, t5
    sd      t1, HB_KERNEL_SP(s0)
    sd      t2, HB_SP(s0)
    sd      t3, HB_RA(s0)
    sd      t4, HB_PC(s0)
    sd      t5, HB_FP(s0)
    ld      t1, HB_INTERRUPTS(s0)
    csrs    sstatus, t1
    ld      ra, RUN_RA(sp)
    each    ld, RUN_S, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    each    fld, RUN_FS, fs0, fs1, fs2, fs3, fs4, fs5, fs6, fs7, fs8, fs9, fs10, fs11
    addi    sp, sp, RUN_SIZE
    ret
