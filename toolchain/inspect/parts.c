/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/parts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"
#include "toolchain/lib/text.h"

enum { COLUMNS = 6 };

static bool role_of(const char *word, part_role_t *out) {
    static const char *const roles[] = {[PART_LINKED] = "linked",
                                        [PART_SIMD] = "simd",
                                        [PART_FIRMWARE] = "firmware",
                                        [PART_TOOL] = "tool"};
    for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(word, roles[i]) == 0) {
            *out = (part_role_t)i;
            return true;
        }
    }
    return false;
}

/* sha256:HEX in two; false when the length is wrong for the name. */
static bool split_checksum(char *text, part_t *p) {
    char *colon = strchr(text, ':');
    if (colon == NULL) {
        return strcmp(text, "-") == 0;
    }
    *colon = 0;
    p->algorithm = strcmp(text, "sha256") == 0   ? "SHA256"
                   : strcmp(text, "sha512") == 0 ? "SHA512"
                                                 : NULL;
    p->checksum = colon + 1;
    size_t digits = strspn(p->checksum, "0123456789abcdef");
    return p->algorithm != NULL && p->checksum[digits] == 0 &&
           digits == (p->algorithm[3] == '2' ? 64 : 128);
}

static status_t add_line(parts_t *parts, const char *path, unsigned number, const char *line,
                         size_t len) {
    char *columns[COLUMNS];
    unsigned n = 0;
    char *at = arena_strndup(&parts->arena, line, len);
    if (len == 0 || line[0] == '#') {
        return STATUS_OK;
    }
    for (; at != NULL && n < COLUMNS; n++) {
        columns[n] = at;
        at = strchr(at, '\t');
        if (at != NULL) {
            *at++ = 0;
        }
    }
    if (n != COLUMNS || at != NULL) {
        fprintf(stderr, "error: %s:%u: expected %u columns with a tab between\n", path, number,
                COLUMNS);
        return ERR_INVALID;
    }
    part_t p = {.name = columns[0], .version = columns[1], .license = columns[2]};
    if (!role_of(columns[3], &p.role) || !split_checksum(columns[4], &p)) {
        fprintf(stderr, "error: %s:%u: bad role or checksum\n", path, number);
        return ERR_INVALID;
    }
    p.archive = strcmp(columns[5], "-") != 0 ? columns[5] : NULL;
    parts->items = xrealloc(parts->items, (parts->n + 1) * sizeof *parts->items);
    parts->items[parts->n++] = p;
    return STATUS_OK;
}

status_t parts_add_table(parts_t *parts, const char *path) {
    uint8_t *data;
    size_t len;
    status_t s = file_read(path, &data, &len);
    if (s != STATUS_OK) {
        return s;
    }
    unsigned number = 0;
    for (const char *at = (const char *)data; *at != 0 && s == STATUS_OK;) {
        size_t line = strcspn(at, "\n");
        s = add_line(parts, path, ++number, at, line);
        at += line + (at[line] == '\n');
    }
    free(data);
    return s;
}

void parts_free(parts_t *parts) {
    arena_free(&parts->arena);
    free(parts->items);
    *parts = (parts_t){0};
}
