/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/rust.h"

#include <ctype.h>
#include <string.h>

#define HASH_LEN 17u /* "h" and sixteen digits */

typedef struct part {
    const char *p;
    size_t n;
} part_t;

/* A decimal length and that many characters. */
static bool next_part(const char **at, part_t *out) {
    size_t n = 0;
    const char *p = *at;
    if (!isdigit((unsigned char)*p)) {
        return false;
    }
    for (; isdigit((unsigned char)*p) && n < 1000000; p++) {
        n = n * 10 + (size_t)(*p - '0');
    }
    if (strlen(p) < n) {
        return false;
    }
    *out = (part_t){p, n};
    *at = p + n;
    return true;
}

static bool is_hash(part_t part) {
    size_t digits = 0;
    while (digits + 1 < part.n && isxdigit((unsigned char)part.p[digits + 1])) {
        digits++;
    }
    return part.n == HASH_LEN && part.p[0] == 'h' && digits + 1 == HASH_LEN;
}

/* "$LT$" and the like at `p`: how long, and what it stands for; 0 when it is none. */
static size_t escape(const char *p, size_t n, char *out) {
    static const struct {
        const char *code;
        char character;
    } escapes[] = {{"$SP$", '@'},  {"$BP$", '*'},  {"$RF$", '&'},  {"$LT$", '<'},  {"$GT$", '>'},
                   {"$LP$", '('},  {"$RP$", ')'},  {"$C$", ','},   {"$u20$", ' '}, {"$u27$", '\''},
                   {"$u5b$", '['}, {"$u5d$", ']'}, {"$u7b$", '{'}, {"$u7d$", '}'}, {"$u3b$", ';'},
                   {"$u2b$", '+'}, {"$u22$", '"'}, {"$u3d$", '='}, {"$u7e$", '~'}};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        size_t len = strlen(escapes[i].code);
        if (len <= n && memcmp(p, escapes[i].code, len) == 0) {
            *out = escapes[i].character;
            return len;
        }
    }
    return 0;
}

static void add_part(text_t *out, part_t part) {
    /* An identifier may not start with '$': an underscore was put before it. */
    size_t i = part.n >= 2 && memcmp(part.p, "_$", 2) == 0 ? 1 : 0;
    while (i < part.n) {
        char c;
        size_t len = escape(part.p + i, part.n - i, &c);
        if (len > 0) {
            text_add(out, &c, 1);
            i += len;
        } else if (part.n - i >= 2 && memcmp(part.p + i, "..", 2) == 0) {
            text_puts(out, "::");
            i += 2;
        } else {
            text_add(out, part.p + i++, 1);
        }
    }
}

bool rust_demangle(const char *name, text_t *out) {
    if (strncmp(name, "_ZN", 3) != 0) {
        return false;
    }
    const char *at = name + 3;
    part_t part, last = {0};
    size_t n = 0;
    while (next_part(&at, &part)) {
        last = part;
        n++;
    }
    if (n < 2 || strcmp(at, "E") != 0 || !is_hash(last)) {
        return false;
    }
    at = name + 3;
    for (size_t i = 0; i + 1 < n && next_part(&at, &part); i++) {
        text_puts(out, i > 0 ? "::" : "");
        add_part(out, part);
    }
    return true;
}
