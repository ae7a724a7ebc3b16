/* SPDX-License-Identifier: MIT */
/*
 * Moves the kernel of a single image to where the firmware expects it.
 *
 * The firmware jumps to a fixed offset, two megabytes behind its own start, and keeps its heap in
 * between. A file with the kernel at that place is mostly padding. So a small kernel is put right
 * behind the firmware, and of a large one its last part, so that the rest lies where it belongs and
 * is not moved. This code is put into a gap between two of the firmware's segments, and a jump to it
 * in the place of the firmware's first instruction. Every hart comes here out of reset: the first
 * one copies the kernel and puts the instruction back, the others wait for that; then all start the
 * firmware.
 *
 * Registers a0 to a2 are the firmware's arguments and stay. The gap is never written by the firmware,
 * so that a hart may still be here when another has started it.
 */
    .section .text
    .globl _start
_start:
    lla     t0, lock
    li      t1, 1
    amoswap.w.aqrl t1, t1, (t0)
    lla     t2, parameters
    ld      t3, 0(t2)           /* where the parameters are, from the firmware's start */
    sub     t3, t2, t3          /* the firmware's start */
    bnez    t1, wait

    ld      t4, 8(t2)           /* end of what is to be moved, in the file */
    ld      t5, 16(t2)          /* its end where it belongs, which is above */
    ld      t6, 24(t2)          /* its length, a multiple of 8 */
    add     t4, t4, t3
    add     t5, t5, t3
1:  beqz    t6, 2f
    addi    t4, t4, -8
    addi    t5, t5, -8
    addi    t6, t6, -8
    ld      t1, 0(t4)
    sd      t1, 0(t5)
    j       1b
2:  lw      t1, 32(t2)          /* the firmware's first four bytes */
    sw      t1, 0(t3)
    fence   rw, rw
    li      t1, 1
    sw      t1, 4(t0)

wait:
    lw      t1, 4(t0)
    beqz    t1, wait
    fence   r, rw
    fence.i
    jr      t3

    .balign 8
parameters:                     /* filled in by ingot-pack */
    .dword  0, 0, 0, 0, 0
lock:
    .word   0, 0                /* taken, done */
