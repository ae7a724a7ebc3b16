/* SPDX-License-Identifier: MIT */
/*
 * What a module's DWARF says of its functions: where each is declared, and the source line of its
 * instructions. Addresses are offsets within the code section's contents (WebAssembly tool
 * conventions, "DWARF for WebAssembly").
 *
 * Debug information is not checked by anyone on its way here, and a wrong line is worse than none:
 * what does not fit the code (functions that were dropped or moved by a tool that left it as it
 * was) is not kept.
 */
#ifndef INGOT_TOOLCHAIN_SOURCES_H
#define INGOT_TOOLCHAIN_SOURCES_H

#include "toolchain/inspect/module.h"

/* Both are printable text in one line (text_printable). */
typedef struct source_file {
    const char *path; /* where a debugger finds it: below DW_AT_comp_dir unless absolute */
    const char *name; /* the same for people: without DW_AT_comp_dir */
} source_file_t;

typedef struct source_line {
    uint32_t offset; /* of the code from here on; of a declaration: of the function's body */
    uint32_t file;   /* in sources_t.files; meaningless when `line` is 0 */
    uint32_t line;   /* 0: not known */
} source_line_t;

/* The body of one of the module's own functions, in offsets as above. */
typedef struct source_body {
    uint32_t start, end; /* `start`: that of its locals */
    source_line_t declared;
    uint32_t first_line, n_lines; /* of sources_t.lines */
} source_body_t;

typedef struct sources {
    arena_t arena;
    source_file_t *files;
    uint32_t n_files;
    source_body_t *bodies; /* one for each function that is not imported */
    uint32_t n_bodies;
    source_line_t *lines; /* by offset, one for each */
    uint32_t n_lines;
    size_t code; /* the code section's contents, from the module's start */
} sources_t;

/* False, with nothing to free, for a module without usable debug information. `bytes` are those
 * that `m` was parsed from. */
bool sources_read(const module_t *m, const uint8_t *bytes, size_t len, sources_t *out);
/* Only the places of the bodies. */
void sources_read_bodies(const module_t *m, const uint8_t *bytes, size_t len, sources_t *out);
void sources_free(sources_t *s);

#endif
