/* SPDX-License-Identifier: MIT */
/* What the linked image's debug information says: inlined calls, and lines of original sources. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_DEBUG_H
#define INGOT_TOOLCHAIN_SYMBOLS_DEBUG_H

#include "toolchain/symbols/elf.h"
#include "toolchain/symbols/names.h"

/* A piece of code that came from an inlined call. */
typedef struct inlined {
    uint64_t low, high;
    unsigned depth;      /* of its entry: what is within has a larger one */
    const char *name;    /* of a wasm function or host call; NULL: of any other */
    place_t declared;    /* with a name: where the function is */
    place_t call;        /* where the call was written */
    place_t caller;      /* with a name: where the next outer one that has a name was */
    uint32_t name_index; /* table.c's */
} inlined_t;

/* From `address` on. */
typedef struct code_line {
    uint64_t address;
    size_t order; /* in the debug information: of two at one address the later is right */
    place_t place;
} code_line_t;

typedef struct debug {
    inlined_t *inlined; /* by address, outer ones before those within */
    size_t n_inlined;
    code_line_t *lines; /* by address */
    size_t n_lines;
} debug_t;

void debug_read(const elf_t *elf, const names_t *names, debug_t *out);
void debug_free(debug_t *d);

/*
 * Answers for rising addresses where code is: in the source of the innermost function that has a
 * name, so that what was inlined into it counts as the line that called it.
 */
typedef struct debug_cursor {
    const debug_t *debug;
    size_t next_inlined, next_line;
    const inlined_t **within; /* outermost first */
    size_t n_within, room;
} debug_cursor_t;

place_t debug_place(debug_cursor_t *c, uint64_t address);
void debug_end(debug_cursor_t *c);

#endif
