/* SPDX-License-Identifier: MIT */
/* Source lines: marks of the module that wasm2c read become #line directives (lines.c). */
#ifndef INGOT_TOOLCHAIN_MEND_LINES_H
#define INGOT_TOOLCHAIN_MEND_LINES_H

#include <stdint.h>

#include "toolchain/mend/parts.h"

typedef struct mark {
    uint32_t file, line; /* line 0: not known */
} mark_t;

/* What module-N.lines says. */
typedef struct marks {
    uint32_t first; /* the value of the first; they count up */
    uint32_t n;
    mark_t *marks;
    slice_t *files;
    size_t n_files;
} marks_t;

/* A mark that stood before a line of a function, which is its first line and counts from 0. */
typedef struct mark_place {
    size_t line;
    uint32_t number;
} mark_place_t;

typedef struct marked_function {
    slice_t header; /* its first line */
    size_t n_lines; /* up to its closing brace */
    size_t first_place, n_places;
} marked_function_t;

/* The functions of one file that have marks, in its order. */
typedef struct marked_file {
    const marks_t *marks;
    marked_function_t *functions;
    size_t n_functions, next;
    mark_place_t *places;
    size_t n_places;
} marked_file_t;

/* Everything is the arena's. An empty file has no marks. */
status_t read_marks(arena_t *a, const mend_file_t *file, marks_t *out, mend_error_t *error);

/* Takes the marks out of a file as wasm2c wrote it. On success *out is to be freed. */
status_t take_marks(arena_t *a, const marks_t *marks, mend_file_t *file, marked_file_t *out,
                    mend_error_t *error);
void free_marked(marked_file_t *m);

/* The function that starts with this line, when it is the next that has marks; else NULL. */
const marked_function_t *next_marked(marked_file_t *m, slice_t header);

/* Writes a function: `pieces` are what has become of its lines. */
void write_marked(text_t *out, const marked_file_t *m, const marked_function_t *f,
                  const slice_t *pieces);

#endif
