/* SPDX-License-Identifier: MIT */
/*
 * Links a baked tree into the image. Assembled only for images that have one, with
 * -DINGOT_BAKED_FILE="\"path\""; see kernel/fs/baked.h.
 */
    .section .rodata.ingot_baked_image, "a"
    .globl ingot_baked_image
    .type ingot_baked_image, %object
    .balign 8
ingot_baked_image:
    .quad 1f
    .quad 2f - 1f
    .size ingot_baked_image, . - ingot_baked_image

    .section .rodata.ingot_baked_blob, "a"
    .balign 16
1:
    .incbin INGOT_BAKED_FILE
2:
