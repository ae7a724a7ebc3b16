/* SPDX-License-Identifier: MIT */
/* mark_all IN.wasm OUT.wasm OUT.lines: marks a module as if each instruction were a line of its
 * own, so that there is a mark everywhere where one can be. */
#include <stdio.h>
#include <stdlib.h>

#include "toolchain/inspect/code.h"
#include "toolchain/inspect/mark.h"
#include "toolchain/lib/file.h"

static void add_lines(const module_t *m, const uint8_t *bytes, sources_t *s, size_t *room) {
    module_t scratch = *m;
    for (uint32_t i = 0; i < s->n_bodies; i++) {
        source_body_t *b = &s->bodies[i];
        parse_error_t error;
        reader_t r = {
            .base = bytes, .pos = s->code + b->start, .end = s->code + b->end, .error = &error};
        b->first_line = s->n_lines;
        b->declared = (source_line_t){b->start, 0, 100000 + i};
        scan_locals(&r, &scratch);
        for (uint32_t depth = 1; depth > 0 && !r.failed;) {
            if (s->n_lines == *room) {
                *room = 2 * *room + 1024;
                s->lines = xrealloc(s->lines, *room * sizeof *s->lines);
            }
            s->lines[s->n_lines] = (source_line_t){(uint32_t)(r.pos - s->code), 0, s->n_lines + 1};
            s->n_lines++;
            scan_step(&r, &scratch, &depth);
        }
        b->n_lines = s->n_lines - b->first_line;
    }
}

int main(int argc, char **argv) {
    uint8_t *bytes;
    size_t len, room = 0;
    module_t m;
    parse_error_t error;
    if (argc != 4 || file_read(argv[1], &bytes, &len) != STATUS_OK ||
        module_parse(bytes, len, &m, &error) != STATUS_OK) {
        fprintf(stderr, "usage: mark_all IN.wasm OUT.wasm OUT.lines\n");
        return 2;
    }
    sources_t s;
    source_file_t file = {"/src/all.wat", "all.wat"};
    text_t out = {0}, marks = {0};
    sources_read_bodies(&m, bytes, len, &s);
    s.files = xcalloc(1, sizeof file);
    s.files[0] = file;
    s.n_files = 1;
    add_lines(&m, bytes, &s, &room);
    bool marked = module_mark(&m, &s, bytes, len, &out, &marks);
    if (!marked || file_write(argv[2], text_str(&out), out.len) != STATUS_OK ||
        file_write(argv[3], text_str(&marks), marks.len) != STATUS_OK) {
        fprintf(stderr, "error: not marked\n");
        return 1;
    }
    sources_free(&s);
    module_free(&m);
    text_free(&out);
    text_free(&marks);
    free(bytes);
    return 0;
}
