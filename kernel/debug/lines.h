/* SPDX-License-Identifier: MIT */
/*
 * Source lines in the table of functions (symtab.h). Images whose modules tell lines have this
 * reader: the glue names it (kernel_lines). Others carry neither lines nor reader.
 */
#ifndef INGOT_KERNEL_DEBUG_LINES_H
#define INGOT_KERNEL_DEBUG_LINES_H

#include "kernel/debug/symbols.h"

typedef struct lines_place {
    uint32_t file; /* a name */
    uint32_t line; /* 0: not known */
} lines_place_t;

typedef struct lines_reader {
    /* Where each of the n frames of `pc` is, as far as it is known; the others are left alone. The
     * instruction must be one that calls or faults. */
    void (*find)(const symbol_t *symbol, uint64_t pc, const symbol_frame_t *frames, unsigned n,
                 lines_place_t *places);
    /* " at FILE:LINE"; where that is not known, ", declared at FILE:LINE" of the function `name`.
     */
    void (*write)(uint32_t name, lines_place_t place, void (*write)(const char *text, size_t len));
} lines_reader_t;

extern const lines_reader_t lines_reader;

/* The image's, or NULL. */
extern const lines_reader_t *const kernel_lines;

#endif
