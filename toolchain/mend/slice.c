/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "toolchain/mend/parts.h"

status_t mend_fail(mend_error_t *error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    return ERR_UNSUPPORTED;
}

slice_t slice_of(const char *s) {
    return (slice_t){s, strlen(s)};
}

bool slice_starts(slice_t s, const char *prefix) {
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool slice_ends(slice_t s, const char *suffix) {
    size_t n = strlen(suffix);
    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

bool slice_equals(slice_t s, const char *text) {
    return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

bool slice_contains(slice_t s, const char *text) {
    return s.n > 0 && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

bool slice_same(slice_t a, slice_t b) {
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

slice_t slice_name(slice_t s) {
    size_t n = 0;
    while (n < s.n && is_name(s.p[n])) {
        n++;
    }
    return (slice_t){s.p, n};
}

slice_t slice_after(slice_t s, size_t n) {
    return (slice_t){s.p + n, s.n - n};
}

slice_t slice_trim(slice_t s) {
    while (s.n > 0 && s.p[0] == ' ') {
        s.p++;
        s.n--;
    }
    return s;
}

slice_t *split_lines(arena_t *a, const text_t *t, size_t *count) {
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        n += t->data[i] == '\n';
    }
    slice_t *lines = arena_alloc(a, n + 1, sizeof *lines);
    size_t start = 0, k = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (t->data[i] == '\n') {
            lines[k++] = (slice_t){t->data + start, i - start};
            start = i + 1;
        }
    }
    if (start < t->len) {
        lines[k++] = (slice_t){t->data + start, t->len - start};
    }
    *count = k;
    return lines;
}

slice_t arena_slice(arena_t *a, const text_t *t) {
    return (slice_t){arena_strndup(a, text_str(t), t->len), t->len};
}

bool starts_function(const slice_t *lines, size_t n) {
    if (lines[0].n == 0 || !is_name(lines[0].p[0]) || !slice_contains(lines[0], "instance")) {
        return false;
    }
    size_t i = 0;
    while (i + 1 < n && slice_ends(lines[i], ", ") && slice_starts(lines[i + 1], "    ")) {
        i++;
    }
    return slice_ends(lines[i], ") {");
}

status_t replace_exact(text_t *t, const char *what, const char *from, const char *to,
                       unsigned times, mend_error_t *error) {
    size_t from_len = strlen(from);
    text_t out = {0};
    unsigned found = 0;
    const char *at = text_str(t), *end = at + t->len;
    for (;;) {
        const char *hit = memmem(at, (size_t)(end - at), from, from_len);
        if (hit == NULL) {
            break;
        }
        text_add(&out, at, (size_t)(hit - at));
        text_puts(&out, to);
        at = hit + from_len;
        found++;
    }
    if (found != times) {
        text_free(&out);
        return mend_fail(error, "%s: the text to be rewritten was found %u times, expected %u",
                         what, found, times);
    }
    text_add(&out, at, (size_t)(end - at));
    text_free(t);
    *t = out;
    return STATUS_OK;
}
