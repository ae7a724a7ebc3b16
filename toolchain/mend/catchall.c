/* SPDX-License-Identifier: MIT */
/*
 * Legacy exceptions: a catch_all after a catch. wasm2c writes
 *
 *     if (wasm_rt_exception_tag() == &TAG) {
 *       ...
 *     } else FIRST STATEMENT OF CATCH_ALL
 *     FURTHER STATEMENTS
 *   }
 *
 * without braces around the catch_all's body: all but its first statement would run after a catch
 * as well, and an empty body is no C at all.
 */
#include "toolchain/mend/parts.h"

static const char tag_test[] = "if (wasm_rt_exception_tag() == ";

static size_t indent_of(slice_t line) {
    return line.n - slice_trim(line).n;
}

/* The next line that closes a block of this indentation; n when there is none. */
static size_t find_close(const slice_t *lines, size_t n, size_t from, size_t indent) {
    for (size_t i = from; i < n; i++) {
        if (indent_of(lines[i]) == indent && slice_starts(slice_trim(lines[i]), "}")) {
            return i;
        }
    }
    return n;
}

/* " else { wasm_rt_throw(); }": nothing caught it. */
static bool throws_on(const slice_t *lines, size_t n, size_t i, slice_t rest) {
    if (!slice_equals(rest, "{") || i + 2 >= n ||
        find_close(lines, n, i + 1, indent_of(lines[i])) != i + 2) {
        return false;
    }
    slice_t next = slice_trim(lines[i + 1]);
    return slice_equals(next, "wasm_rt_throw();") ||
           (slice_starts(next, "goto ") && slice_ends(next, "_catch;"));
}

static slice_t braced(arena_t *a, slice_t line, slice_t rest, size_t indent, bool empty) {
    text_t t = {0};
    text_add(&t, line.p, line.n - rest.n);
    text_puts(&t, "{\n");
    text_addf(&t, "%*s", (int)indent, "");
    if (empty) {
        text_addf(&t, "}\n%*s}", (int)indent - 2, "");
    } else {
        text_add(&t, rest.p, rest.n);
    }
    slice_t result = arena_slice(a, &t);
    text_free(&t);
    return result;
}

status_t mend_catch_all(arena_t *a, slice_t *lines, size_t n, mend_error_t *error) {
    static const char otherwise[] = "} else ";
    for (size_t i = 0; i < n; i++) {
        if (!slice_contains(lines[i], tag_test)) {
            continue;
        }
        size_t indent = indent_of(lines[i]), at = find_close(lines, n, i + 1, indent);
        slice_t close = at < n ? slice_trim(lines[at]) : slice_of("");
        if (!slice_starts(close, otherwise) || indent < 2) {
            return mend_fail(error, "catch of an unknown form: %.*s",
                             (int)(lines[i].n < 120 ? lines[i].n : 120), lines[i].p);
        }
        slice_t rest = {close.p + sizeof otherwise - 1, close.n - (sizeof otherwise - 1)};
        if (slice_starts(rest, tag_test) || throws_on(lines, n, at, rest)) {
            continue;
        }
        bool empty = slice_equals(rest, "}");
        size_t end = empty ? at : find_close(lines, n, at + 1, indent - 2);
        if (end == n) {
            return mend_fail(error, "catch_all without an end: %.*s",
                             (int)(lines[at].n < 120 ? lines[at].n : 120), lines[at].p);
        }
        lines[at] = braced(a, lines[at], rest, indent, empty);
        if (!empty) {
            text_t t = {0};
            text_addf(&t, "%*s}\n", (int)indent, "");
            text_add(&t, lines[end].p, lines[end].n);
            lines[end] = arena_slice(a, &t);
            text_free(&t);
        }
    }
    return STATUS_OK;
}
