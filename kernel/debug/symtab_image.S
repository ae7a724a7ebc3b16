/* SPDX-License-Identifier: MIT */
/* The table of functions that ingot-symbols made of the image's first link (kernel/debug/symtab.h). */
    .section ingot_symtab, "a"
    .balign 4
    .incbin INGOT_SYMTAB_FILE
