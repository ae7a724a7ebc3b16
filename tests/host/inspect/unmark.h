/* SPDX-License-Identifier: MIT */
/* What marks must not change: the code of a marked module, without them, is that of the original.
 */
#ifndef INGOT_TEST_UNMARK_H
#define INGOT_TEST_UNMARK_H

#include <string.h>

#include "toolchain/inspect/code.h"
#include "toolchain/inspect/mark.h"

/* True when each body of `b` is that of `a` but for marks with values from `first` on, of which
 * there are `n` in all, one after the other. Of `b` only code and bodies are looked at. */
static inline bool unmarks_to(const module_t *m, const uint8_t *a, const sources_t *sa,
                              const uint8_t *b, const sources_t *sb, uint32_t first, uint32_t n) {
    uint32_t next = first;
    module_t scratch = *m;
    for (uint32_t i = 0; i < sa->n_bodies && i < sb->n_bodies; i++) {
        parse_error_t error;
        const uint8_t *original = a + sa->code + sa->bodies[i].start;
        const uint8_t *end = a + sa->code + sa->bodies[i].end;
        reader_t r = {.base = b,
                      .pos = sb->code + sb->bodies[i].start,
                      .end = sb->code + sb->bodies[i].end,
                      .error = &error};
        size_t at = r.pos;
        uint32_t depth = 1;
        scan_locals(&r, &scratch);
        while (!r.failed) {
            size_t len = r.pos - at;
            if (len > (size_t)(end - original) || memcmp(original, b + at, len) != 0) {
                return false;
            }
            original += len;
            if (depth == 0) {
                break;
            }
            at = r.pos;
            uint8_t op = scan_step(&r, &scratch, &depth);
            reader_t operand = {.base = b, .pos = at + 1, .end = r.end, .error = &error};
            if (op == SCAN_I32_CONST && (uint32_t)read_s32(&operand, "") == next &&
                next - first < n && r.pos < r.end && b[r.pos] == 0x1a) {
                next++;
                scan_step(&r, &scratch, &depth); /* its drop */
                at = r.pos;
            }
        }
        if (r.failed || original != end || r.pos != r.end) {
            return false;
        }
    }
    return sa->n_bodies == sb->n_bodies && next - first == n;
}

#endif
