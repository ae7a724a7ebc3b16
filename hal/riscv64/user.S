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
    sd      s0, RUN_S(sp)
    sd      s1, RUN_S+8(sp)
    sd      s2, RUN_S+16(sp)
    sd      s3, RUN_S+24(sp)
    sd      s4, RUN_S+32(sp)
    sd      s5, RUN_S+40(sp)
    sd      s6, RUN_S+48(sp)
    sd      s7, RUN_S+56(sp)
    sd      s8, RUN_S+64(sp)
    sd      s9, RUN_S+72(sp)
    sd      s10, RUN_S+80(sp)
    sd      s11, RUN_S+88(sp)
    fsd     fs0, RUN_FS(sp)
    fsd     fs1, RUN_FS+8(sp)
    fsd     fs2, RUN_FS+16(sp)
    fsd     fs3, RUN_FS+24(sp)
    fsd     fs4, RUN_FS+32(sp)
    fsd     fs5, RUN_FS+40(sp)
    fsd     fs6, RUN_FS+48(sp)
    fsd     fs7, RUN_FS+56(sp)
    fsd     fs8, RUN_FS+64(sp)
    fsd     fs9, RUN_FS+72(sp)
    fsd     fs10, RUN_FS+80(sp)
    fsd     fs11, RUN_FS+88(sp)
    li      t0, SPP | SIE
    csrc    sstatus, t0
    csrr    t0, sscratch
    ld      t1, HB_KERNEL_SP(t0)
    ld      t2, HB_SP(t0)
    ld      t3, HB_RA(t0)
    ld      t4, HB_PC(t0)
    ld      t5, HB_FP(t0)
    sd      t1, RUN_OUTER(sp)
    sd      t2, RUN_OUTER+8(sp)
    sd      t3, RUN_OUTER+16(sp)
    sd      t4, RUN_OUTER+24(sp)
    sd      t5, RUN_OUTER+32(sp)
    sd      sp, HB_KERNEL_SP(t0)
    sd      zero, HB_PC(t0)
    csrw    sepc, a0
    mv      a0, a1
    mv      sp, a2
    mv      ra, a3
    /* Nothing of the kernel's goes along. */
    li      t0, 0
    li      t1, 0
    li      t2, 0
    li      t3, 0
    li      t4, 0
    li      t5, 0
    li      t6, 0
    li      a1, 0
    li      a2, 0
    li      a3, 0
    li      a4, 0
    li      a5, 0
    li      a6, 0
    li      a7, 0
    li      s0, 0
    li      s1, 0
    li      s2, 0
    li      s3, 0
    li      s4, 0
    li      s5, 0
    li      s6, 0
    li      s7, 0
    li      s8, 0
    li      s9, 0
    li      s10, 0
    li      s11, 0
    sret

/* Call number 0: sp is the frame of hal_user_run, s0 the hart's block, a0 the result. */
user_return:
    ld      t1, RUN_OUTER(sp)
    ld      t2, RUN_OUTER+8(sp)
    ld      t3, RUN_OUTER+16(sp)
    ld      t4, RUN_OUTER+24(sp)
    ld      t5, RUN_OUTER+32(sp)
    sd      t1, HB_KERNEL_SP(s0)
    sd      t2, HB_SP(s0)
    sd      t3, HB_RA(s0)
    sd      t4, HB_PC(s0)
    sd      t5, HB_FP(s0)
    ld      t1, HB_INTERRUPTS(s0)
    csrs    sstatus, t1
    ld      ra, RUN_RA(sp)
    ld      s0, RUN_S(sp)
    ld      s1, RUN_S+8(sp)
    ld      s2, RUN_S+16(sp)
    ld      s3, RUN_S+24(sp)
    ld      s4, RUN_S+32(sp)
    ld      s5, RUN_S+40(sp)
    ld      s6, RUN_S+48(sp)
    ld      s7, RUN_S+56(sp)
    ld      s8, RUN_S+64(sp)
    ld      s9, RUN_S+72(sp)
    ld      s10, RUN_S+80(sp)
    ld      s11, RUN_S+88(sp)
    fld     fs0, RUN_FS(sp)
    fld     fs1, RUN_FS+8(sp)
    fld     fs2, RUN_FS+16(sp)
    fld     fs3, RUN_FS+24(sp)
    fld     fs4, RUN_FS+32(sp)
    fld     fs5, RUN_FS+40(sp)
    fld     fs6, RUN_FS+48(sp)
    fld     fs7, RUN_FS+56(sp)
    fld     fs8, RUN_FS+64(sp)
    fld     fs9, RUN_FS+72(sp)
    fld     fs10, RUN_FS+80(sp)
    fld     fs11, RUN_FS+88(sp)
    addi    sp, sp, RUN_SIZE
    ret
