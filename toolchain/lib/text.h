/* SPDX-License-Identifier: MIT */
/*
 * A growing text, and the escapes that generated C, JSON and messages need.
 *
 * Host side only. When the host has no memory left the tool ends with a message and exit code 1:
 * there is nothing a build step could do better.
 */
#ifndef INGOT_TOOLCHAIN_TEXT_H
#define INGOT_TOOLCHAIN_TEXT_H

#include <stdarg.h>
#include <stddef.h>

typedef struct text {
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t len, cap;
} text_t;

/* malloc and realloc that do not return NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);

void text_add(text_t *t, const char *s, size_t len);
void text_puts(text_t *t, const char *s);
__attribute__((format(printf, 2, 3))) void text_addf(text_t *t, const char *format, ...);

/* A double-quoted JSON string; bytes that are not UTF-8 become U+FFFD. */
void text_json(text_t *t, const char *s, size_t len);
/* A double-quoted C string literal; a NUL byte is spelled as the four characters \\00. */
void text_c_string(text_t *t, const char *s, size_t len);
/* For people: what a terminal obeys, backslashes, and bytes that are not UTF-8 are escaped as \XX,
 * the rest is as it is. */
void text_printable(text_t *t, const char *s, size_t len);

/* The contents, never NULL. */
const char *text_str(const text_t *t);
void text_free(text_t *t);

#endif
