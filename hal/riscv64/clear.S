/* SPDX-License-Identifier: MIT */
/* hal_clear_pages (hal/boot.h): a fault clears a page, and a boot dozens. */

    .section .text.hal_clear_pages, "ax"
    .globl  hal_clear_pages
hal_clear_pages:
    li      a5, -64                 /* HAL_DIRECT_MAP_BASE */
    slli    a5, a5, 32
    add     a0, a0, a5
    slli    a1, a1, 12
    add     a1, a1, a0
    li      a5, 0                   /* stores of it have a short form */
    beq     a0, a1, 2f
1:  sd      a5, 0(a0)
    sd      a5, 8(a0)
    sd      a5, 16(a0)
    sd      a5, 24(a0)
    sd      a5, 32(a0)
    sd      a5, 40(a0)
    sd      a5, 48(a0)
    sd      a5, 56(a0)
    sd      a5, 64(a0)
    sd      a5, 72(a0)
    sd      a5, 80(a0)
    sd      a5, 88(a0)
    sd      a5, 96(a0)
    sd      a5, 104(a0)
    sd      a5, 112(a0)
    sd      a5, 120(a0)
    addi    a0, a0, 128
    bne     a0, a1, 1b
2:  ret
