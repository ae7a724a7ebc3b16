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

#define TRAP_STACK_SIZE 16384

#endif
