/* SPDX-License-Identifier: MIT */
/*
 * Data segments. wasm2c writes one statement for each, and modules with a hundred thousand segments
 * exist: megabytes of code that runs once, in a function that takes the compiler minutes. Many
 * statements in a row become a loop over a table, which does the same in the same order. Segments
 * that are mapped instead (toolchain/inspect/initial.h) are left as empty ones at the start of the
 * memory: no statement.
 *
 *     LOAD_DATA(instance->MEMORY, OFFSETu, NAME, LENGTH);
 */
#include <string.h>

#include "toolchain/mend/parts.h"

#define LEAST 16u /* statements in a row that are worth a loop */

static const char load[] = "  LOAD_DATA(instance->";

/* The memory's name, and the rest behind it: "OFFSETu, NAME, LENGTH". */
static bool read_statement(slice_t line, slice_t *memory, slice_t *rest) {
    if (!slice_starts(line, load) || !slice_ends(line, ");")) {
        return false;
    }
    const char *start = line.p + sizeof load - 1, *end = line.p + line.n - 2;
    const char *comma = memchr(start, ',', (size_t)(end - start));
    if (comma == NULL || end - comma < 3 || comma[2] < '0' || comma[2] > '9') {
        return false; /* an offset that is not a constant */
    }
    *memory = (slice_t){start, (size_t)(comma - start)};
    *rest = (slice_t){comma + 2, (size_t)(end - comma - 2)};
    return true;
}

/* Nothing, where it is in bounds whatever the memory's size. */
static bool does_nothing(slice_t line) {
    slice_t memory, rest;
    return read_statement(line, &memory, &rest) && slice_equals(rest, "0u, NULL, 0");
}

/* How many statements for the same memory start at line i. */
static size_t run_length(const slice_t *lines, size_t n, size_t i) {
    slice_t memory, other, rest;
    size_t len = 0;
    while (i + len < n && !does_nothing(lines[i + len]) &&
           read_statement(lines[i + len], len == 0 ? &memory : &other, &rest) &&
           (len == 0 || (other.n == memory.n && memcmp(other.p, memory.p, memory.n) == 0))) {
        len++;
    }
    return len;
}

static void write_loop(text_t *out, const slice_t *lines, size_t len) {
    slice_t memory, rest;
    text_puts(out,
              "  {\n    static const struct { u64 at; const u8 *from; u64 len; } table[] = {\n");
    for (size_t i = 0; i < len; i++) {
        read_statement(lines[i], &memory, &rest);
        text_addf(out, "      {%.*s},\n", (int)rest.n, rest.p);
    }
    text_addf(out,
              "    };\n    for (size_t k = 0; k < %zu; k++) {\n"
              "      LOAD_DATA(instance->%.*s, table[k].at, table[k].from, table[k].len);\n"
              "    }\n  }\n",
              len, (int)memory.n, memory.p);
}

void mend_data(mend_file_t *file) {
    if (strstr(text_str(&file->text), load) == NULL) {
        return;
    }
    arena_t arena = {0};
    size_t n;
    const slice_t *lines = split_lines(&arena, &file->text, &n);
    text_t out = {0};
    for (size_t i = 0; i < n;) {
        if (does_nothing(lines[i])) {
            i++;
            continue;
        }
        size_t len = run_length(lines, n, i);
        if (len >= LEAST) {
            write_loop(&out, &lines[i], len);
            i += len;
        } else {
            text_add(&out, lines[i].p, lines[i].n);
            text_puts(&out, "\n");
            i++;
        }
    }
    text_free(&file->text);
    file->text = out;
    arena_free(&arena);
}
