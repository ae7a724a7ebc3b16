/* SPDX-License-Identifier: MIT */
/*
 * The image's table of functions, for backtraces: what ingot-symbols (toolchain/symbols) writes
 * after linking, and kernel/debug/symbols.c reads. It holds, for every function, its place, its
 * name, how its frame looks at each instruction, and which functions were inlined into it where.
 *
 * Little-endian. "varint" is unsigned LEB128. Offsets are from the table's start unless said
 * otherwise; code offsets are from the image's start, in bytes; lengths of code are in units of two
 * bytes, the least instruction. Layout: the header, then
 *
 *   blocks      one symtab_block_t for each 64 functions
 *   name_blocks one u32 for each 64 names: offset of the first one's text within `names`
 *   types       one symtab_type_t for each function type that call_indirect compares
 *   literals    one byte for each of the first n_literals tokens: what it stands for
 *   pairs       two bytes for each later token: the two earlier tokens that it stands for
 *   rules       frame rules, shared by functions (below)
 *   functions   for each function, in order of address:
 *                 varint 0, varint gap   only if it does not begin where the one before ends, nor
 *                   the block
 *                 varint len * 2 + (1 if there are inlined calls); no function is empty
 *                 varint offset of its rules within `rules`
 *                 if there are: varint bytes that follow, and for each inlined call, outer ones
 *                 before those within:
 *                   varint start   from the start of the one before, or the function
 *                   varint len
 *                   varint name
 *   names       for each name: varint number of tokens, the tokens. Function n has name n; names
 *               of functions that exist only inlined, the texts of types, and names of source files
 *               follow.
 *   lines       where lines are told (below)
 *
 * A name begins with SYMTAB_WASM, SYMTAB_HOST, or the first character of a C identifier.
 *
 * Frame rules of a function: rows until a step of 0. A row holds from its address to the next's;
 * before the first, the frame is empty and the return address in its register.
 *   varint step    from the row before, or the function's start, plus one
 *   varint cfa     (size of the frame / 8) * 2, plus 1 when counted from s0 instead of sp
 *   varint ra      the return address is at CFA - 8 * ra; 0: in its register
 *   varint s0      the caller's s0 is at CFA - 8 * s0; 0: in its register
 *
 * Lines: offsets in them are from the end of the second array.
 *   one u32 for each 64 functions: offset of the first one's entry; SYMTAB_NO_LINES: of none of
 * them is any place known one u32 for each 64 names that are not files': offset of the first one's
 * declaration, or that for each function: varint bytes that follow, 0 when no place is known; for
 * each of its inlined calls the place of that call, which is in the next outer one; then its rows
 *   for each name: the place where the function is declared
 * A place:
 *   varint file    from 1, whose name is first_file; 0: not known, and no line follows
 *   varint line
 * Rows, of which each holds from its address to the next's; before the first, no line is known.
 * They are right for instructions that call or access memory, and for no others. varint step from
 * the row before, or the function's start varint what    0: no line is known; else w + 1, where bit
 * 0 of w says that the file is another, and the rest is the difference d to the line of the last
 * row that knew one, or of the function's declaration (line 0 of no file, if it has none), as 2 *
 * d, or -2 * d - 1 when negative varint file    if it is another one
 */
#ifndef INGOT_KERNEL_DEBUG_SYMTAB_H
#define INGOT_KERNEL_DEBUG_SYMTAB_H

#include <stdint.h>

#define SYMTAB_MAGIC 0x31545349u /* "IST1" */
#define SYMTAB_BLOCK 64u
#define SYMTAB_NO_LINES UINT32_MAX
#define SYMTAB_WASM '\1' /* a wasm function: "MODULE!NAME" follows */
#define SYMTAB_HOST '\2' /* an import that the kernel provides: "MODULE::FIELD" follows */

typedef struct symtab_header {
    uint32_t magic, size; /* of the whole table, in bytes */
    uint32_t n_functions, n_names, n_types, n_literals, n_pairs;
    uint32_t rules, functions, names; /* offsets */
    uint32_t lines, first_file;       /* offset; name of the first source file; 0: no lines */
} symtab_header_t;

typedef struct symtab_block {
    uint32_t start;    /* code offset of its first function */
    uint32_t function; /* offset of that one's entry within `functions` */
} symtab_block_t;

typedef struct symtab_type {
    uint32_t offset; /* of its identity (wasm_rt_func_type_t) from the image's start */
    uint32_t text;   /* the name that says what it is: "(i32, i64) -> (f64)" */
} symtab_type_t;

#endif
