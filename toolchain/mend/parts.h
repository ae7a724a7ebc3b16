/* SPDX-License-Identifier: MIT */
/* The single rewrites, in the order in which mend() applies them. */
#ifndef INGOT_TOOLCHAIN_MEND_PARTS_H
#define INGOT_TOOLCHAIN_MEND_PARTS_H

#include "toolchain/lib/arena.h"
#include "toolchain/mend/mend.h"

__attribute__((format(printf, 2, 3))) status_t mend_fail(mend_error_t *error, const char *format,
                                                         ...);

/* A piece of text that is not NUL-terminated; lines are without their newline. */
typedef struct slice {
    const char *p;
    size_t n;
} slice_t;

slice_t slice_of(const char *s);
bool slice_starts(slice_t s, const char *prefix);
bool slice_ends(slice_t s, const char *suffix);
bool slice_equals(slice_t s, const char *text);
bool slice_contains(slice_t s, const char *text);
bool slice_same(slice_t a, slice_t b);
slice_t slice_trim(slice_t s);
/* What is left behind the first n. */
slice_t slice_after(slice_t s, size_t n);
/* The letters, digits and underscores at the start. */
slice_t slice_name(slice_t s);
bool is_name(char c);
/* All lines of a text; the array is the arena's. */
slice_t *split_lines(arena_t *a, const text_t *t, size_t *count);
slice_t arena_slice(arena_t *a, const text_t *t);
/* Whether a function that works on an instance starts here; it ends with the next "}". A long list
 * of parameters goes on in lines of its own. */
bool starts_function(const slice_t *lines, size_t n);

/* Replaces `from`, which must occur exactly `times` times in [start, end) of the text. */
status_t replace_exact(text_t *t, const char *what, const char *from, const char *to,
                       unsigned times, mend_error_t *error);

/* The fixed text at the top of NAME.c or NAME-impl.h. */
status_t mend_preamble(mend_file_t *file, mend_error_t *error);

/* Function types and the wrappers behind table entries, over all files of the module. */
status_t mend_func_types(mend_file_t *files, size_t n_files, size_t preamble, mend_error_t *error);
status_t mend_wrappers(mend_file_t *files, size_t n_files, size_t preamble, mend_error_t *error);

/* Calls through tables that never change; after the two above. */
void mend_tables(mend_file_t *files, size_t n_files, size_t preamble);

/* Data segments: many statements in a row become a loop. */
void mend_data(mend_file_t *file);

/* Function bodies: memory accesses, tail calls; and the lines of those that have marks. */
struct marked_file;
status_t mend_bodies(mend_file_t *file, struct marked_file *marked, bool low_memory,
                     mend_error_t *error);

/*
 * One function: addresses that differ by a constant from one that was accessed before. Lines are
 * replaced. Answers how many u64 locals, ingot_at_0 and so on, the function must declare.
 */
unsigned mend_addresses(arena_t *a, slice_t *lines, size_t n, bool low_memory);

/* One function that makes tail calls, or is the tail-callee form of one. Lines are replaced. */
status_t mend_tail_calls(arena_t *a, slice_t *lines, size_t n, mend_error_t *error);

/* One function: gives the body of a catch_all after a catch its braces. Lines are replaced. */
status_t mend_catch_all(arena_t *a, slice_t *lines, size_t n, mend_error_t *error);

#endif
