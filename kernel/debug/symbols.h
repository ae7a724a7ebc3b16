/* SPDX-License-Identifier: MIT */
/*
 * Looking up code addresses in the image's table of functions (symtab.h). Never allocates, and
 * needs little stack: traps are told with it. In an image that was built without the table every
 * lookup fails. The table lies with the modules' constants: whoever calls these has let the kernel
 * reach user pages (hal_user_access).
 */
#ifndef INGOT_KERNEL_DEBUG_SYMBOLS_H
#define INGOT_KERNEL_DEBUG_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/unwind.h"

/* Calls that were inlined within one another at one instruction; deeper ones are not told. */
#define SYMBOLS_MAX_INLINED 16u

typedef struct symbol {
    uint64_t start, len; /* of the function, in bytes */
    uint32_t name;       /* of the function itself */
    const uint8_t *rules, *inlined, *inlined_end;
} symbol_t;

/* One of the functions that an instruction belongs to. */
typedef struct symbol_frame {
    uint32_t name;
    uint32_t
        call; /* which of the function's inlined calls it is; nothing for the function itself */
} symbol_frame_t;

/* What kind of function a name is of. */
typedef enum symbol_kind {
    SYMBOL_KERNEL,
    SYMBOL_WASM, /* printed as MODULE!NAME */
    SYMBOL_HOST, /* an import that the kernel provides: MODULE::FIELD */
} symbol_kind_t;

/* The function that holds `pc`. */
bool symbols_find(uint64_t pc, symbol_t *out);

/* The frame of the function at `pc`. */
hal_frame_rule_t symbols_rule(const symbol_t *symbol, uint64_t pc);

/* The functions that `pc` belongs to, the innermost inlined call first and the function itself
 * last; answers how many. */
unsigned symbols_chain(const symbol_t *symbol, uint64_t pc,
                       symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1]);

/* The text of the function type whose identity is at `type`: "(i32) -> (i64)". */
bool symbols_type(const void *type, uint32_t *name);

symbol_kind_t symbols_kind(uint32_t name);
/* Writes the name without a prefix, piece by piece. */
void symbols_write(uint32_t name, void (*write)(const char *text, size_t len));

/* For lines.c: the table, or NULL; and the number at *p, which is passed over. */
struct symtab_header;
const struct symtab_header *symbols_table(void);
uint64_t symbols_varint(const uint8_t **p);

#endif
