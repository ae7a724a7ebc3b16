/* SPDX-License-Identifier: MIT */
/* Frame rules (kernel/debug/symtab.h) from the call frame information of the linker's output. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_RULES_H
#define INGOT_TOOLCHAIN_SYMBOLS_RULES_H

#include "toolchain/dwarf/cursor.h"
#include "toolchain/lib/text.h"

typedef struct rules {
    uint64_t start; /* address of the function */
    text_t bytes;   /* encoded as the table wants them, the final step of 0 included */
} rules_t;

/*
 * The rules of all functions that .debug_frame describes, by address, mended by what their code
 * says (flow.h). Instructions that the rules cannot express end that function's rows with one that
 * says so (a frame of size 0 counted from s0, where a walk stops). The caller frees the texts and
 * the array.
 */
rules_t *rules_read(cursor_t debug_frame, cursor_t text, uint64_t text_address, uint32_t *n);

#endif
