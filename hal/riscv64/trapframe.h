/* SPDX-License-Identifier: MIT */
/*
 * The saved state of an interrupted context, shared by trap.S and trap.c.
 *
 * Only the registers that a C function may change are saved on the way in: the callee-saved ones
 * live on in the handler. s0 is kept because a walk over frame pointers starts from it. The same
 * holds for floating point: ft* and fa*.
 */
#ifndef INGOT_HAL_RISCV64_TRAPFRAME_H
#define INGOT_HAL_RISCV64_TRAPFRAME_H

#define TF_PC 0
#define TF_RA 8
#define TF_SP 16
#define TF_FP 24
#define TF_T0 32 /* t0..t6: 7 */
#define TF_A0 88 /* a0..a7: 8 */
#define TF_STATUS 152
#define TF_CAUSE 160
#define TF_VALUE 168
#define TF_FCSR 176
#define TF_FT0 184 /* ft0..ft11: 12 */
#define TF_FA0 280 /* fa0..fa7: 8 */
#define TF_GP 344
#define TF_SIZE 352

/*
 * The hart's block, at the top of its trap stack: where sscratch points to while no trap is
 * handled. HB_SP to HB_FP are of the user code whose call is running; HB_PC is 0 when none is.
 */
#define HB_T1 0        /* the interrupted t1, at the start of a trap */
#define HB_KERNEL_SP 8 /* the frame of the innermost hal_user_run */
#define HB_SP 16
#define HB_RA 24
#define HB_PC 32
#define HB_FP 40
#define HB_CALLS 48 /* hal_user_set_calls */
#define HB_COUNT 56
#define HB_INTERRUPTS 64 /* sstatus.SIE when the kernel takes interrupts, else 0 */
#define HB_SIZE 80

#ifdef __ASSEMBLER__
/* The same instruction for one register after the other, at one word after the other: `each sd, 8,
 * s0, s1` is sd s0, 8(sp); sd s1, 16(sp). */
.macro each instruction, at, registers:vararg
    .set each_at, \at
    .irp register, \registers
    \instruction \register, each_at(sp)
    .set each_at, each_at + 8
    .endr
.endm
#endif

#endif
