/* SPDX-License-Identifier: MIT */
#include "toolchain/lib/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/utf8.h"

static void *checked(void *p) {
    if (p == NULL) {
        fputs("error: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

void *xmalloc(size_t size) {
    return checked(malloc(size > 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size) {
    return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *xrealloc(void *p, size_t size) {
    return checked(realloc(p, size > 0 ? size : 1));
}

static void reserve(text_t *t, size_t more) {
    if (t->cap - t->len > more) {
        return;
    }
    size_t cap = t->cap > 0 ? t->cap : 256;
    while (cap - t->len <= more) {
        cap *= 2;
    }
    t->data = xrealloc(t->data, cap);
    t->cap = cap;
}

void text_add(text_t *t, const char *s, size_t len) {
    reserve(t, len);
    if (len > 0) {
        memcpy(t->data + t->len, s, len);
    }
    t->len += len;
    t->data[t->len] = 0;
}

void text_puts(text_t *t, const char *s) {
    text_add(t, s, strlen(s));
}

void text_addf(text_t *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(t, (size_t)n);
    va_start(args, format);
    vsnprintf(t->data + t->len, (size_t)n + 1, format, args);
    va_end(args);
    t->len += (size_t)n;
}

void text_json(text_t *t, const char *s, size_t len) {
    text_puts(t, "\"");
    for (size_t i = 0; i < len;) {
        size_t n = utf8_sequence((const uint8_t *)s + i, len - i);
        if (n == 0) {
            text_puts(t, "\\ufffd");
            i++;
            continue;
        }
        unsigned char c = (unsigned char)s[i];
        if (n == 1 && (c < 0x20 || c == 0x7f)) {
            text_addf(t, "\\u%04x", c);
        } else if (c == '"' || c == '\\') {
            text_addf(t, "\\%c", c);
        } else {
            text_add(t, s + i, n);
        }
        i += n;
    }
    text_puts(t, "\"");
}

void text_c_string(text_t *t, const char *s, size_t len) {
    text_puts(t, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == 0) {
            text_puts(t, "\\\\00");
        } else if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?') {
            /* Three octal digits end by themselves, unlike \x; '?' because of trigraphs. */
            text_addf(t, "\\%03o", c);
        } else {
            text_add(t, s + i, 1);
        }
    }
    text_puts(t, "\"");
}

/* What moves a terminal's cursor or turns the direction of its text: C1 controls (U+0080..9F), and
 * the marks and overrides of bidirectional text (U+200E, 200F, 202A..202E, 2066..2069). */
static bool is_unseen(const unsigned char *p, size_t n) {
    if (n == 2) {
        return p[0] == 0xc2 && p[1] < 0xa0;
    }
    if (n != 3 || p[0] != 0xe2) {
        return false;
    }
    return (p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae))) ||
           (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

void text_printable(text_t *t, const char *s, size_t len) {
    for (size_t i = 0; i < len;) {
        size_t n = utf8_sequence((const uint8_t *)s + i, len - i);
        unsigned char c = (unsigned char)s[i];
        if (n == 0 || c < 0x20 || c == 0x7f || c == '\\' ||
            is_unseen((const unsigned char *)s + i, n)) {
            /* Every byte of it, so that what follows is not taken for a sequence's middle. */
            for (size_t end = i + (n > 0 ? n : 1); i < end; i++) {
                text_addf(t, "\\%02x", (unsigned char)s[i]);
            }
            continue;
        }
        text_add(t, s + i, n);
        i += n;
    }
}

const char *text_str(const text_t *t) {
    return t->data != NULL ? t->data : "";
}

void text_free(text_t *t) {
    free(t->data);
    *t = (text_t){0};
}
