/* SPDX-License-Identifier: MIT */
#include "kernel/debug/lines.h"

#include <stdio.h>

#include "kernel/debug/symtab.h"

static uint32_t count_blocks(uint32_t n) {
    return (n + SYMTAB_BLOCK - 1) / SYMTAB_BLOCK;
}

static const uint8_t *bytes(const symtab_header_t *h, const uint32_t **function_blocks,
                            const uint32_t **name_blocks) {
    *function_blocks = (const uint32_t *)((const uint8_t *)h + h->lines);
    *name_blocks = *function_blocks + count_blocks(h->n_functions);
    return (const uint8_t *)(*name_blocks + count_blocks(h->first_file));
}

static lines_place_t take_place(const symtab_header_t *h, const uint8_t **p) {
    lines_place_t place = {0};
    uint64_t file = symbols_varint(p);
    if (file != 0) {
        place.file = (uint32_t)(h->first_file + file - 1);
        place.line = (uint32_t)symbols_varint(p);
    }
    return place;
}

static lines_place_t declared(const symtab_header_t *h, uint32_t name) {
    const uint32_t *function_blocks, *name_blocks;
    const uint8_t *p = bytes(h, &function_blocks, &name_blocks);
    if (name_blocks[name / SYMTAB_BLOCK] == SYMTAB_NO_LINES) {
        return (lines_place_t){0};
    }
    p += name_blocks[name / SYMTAB_BLOCK];
    for (uint32_t i = name % SYMTAB_BLOCK; i > 0; i--) {
        take_place(h, &p);
    }
    return take_place(h, &p);
}

/* The entry of a function, empty where nothing is known; *end is behind it. */
static const uint8_t *find_entry(const symtab_header_t *h, uint32_t function, const uint8_t **end) {
    const uint32_t *function_blocks, *name_blocks;
    const uint8_t *p = bytes(h, &function_blocks, &name_blocks);
    if (function_blocks[function / SYMTAB_BLOCK] == SYMTAB_NO_LINES) {
        *end = p;
        return p;
    }
    p += function_blocks[function / SYMTAB_BLOCK];
    for (uint32_t i = function % SYMTAB_BLOCK; i > 0; i--) {
        uint64_t len = symbols_varint(&p);
        p += len;
    }
    uint64_t len = symbols_varint(&p);
    *end = p + len;
    return p;
}

static lines_place_t find_row(const symtab_header_t *h, const symbol_t *symbol, uint64_t pc,
                              const uint8_t *p, const uint8_t *end) {
    lines_place_t last = declared(h, symbol->name);
    bool known = false;
    uint64_t at = symbol->start;
    while (p < end && (at += 2 * symbols_varint(&p)) <= pc) {
        uint64_t what = symbols_varint(&p);
        known = what != 0;
        if (known) {
            uint64_t w = what - 1, d = w >> 1;
            last.line += (uint32_t)((d & 1) != 0 ? ~(d >> 1) : d >> 1);
            if ((w & 1) != 0) {
                last.file = (uint32_t)(h->first_file + symbols_varint(&p) - 1);
            }
        }
    }
    return known ? last : (lines_place_t){0};
}

static void find(const symbol_t *symbol, uint64_t pc, const symbol_frame_t *frames, unsigned n,
                 lines_place_t *places) {
    const symtab_header_t *h = symbols_table();
    if (h == NULL || h->lines == 0 || n == 0) {
        return;
    }
    const uint8_t *end, *p = find_entry(h, symbol->name, &end);
    uint32_t call = 0;
    if (p == end) {
        return;
    }
    for (const uint8_t *q = symbol->inlined; q < symbol->inlined_end; call++) {
        lines_place_t place = take_place(h, &p);
        symbols_varint(&q);
        symbols_varint(&q);
        symbols_varint(&q);
        /* The next outer one is where this was called. */
        for (unsigned i = 0; i + 1 < n; i++) {
            if (frames[i].call == call) {
                places[i + 1] = place;
            }
        }
    }
    places[0] = find_row(h, symbol, pc, p, end);
}

static void write_place(uint32_t name, lines_place_t place,
                        void (*write)(const char *text, size_t len)) {
    static const char at[] = " at ", elsewhere[] = ", declared at ";
    const symtab_header_t *h = symbols_table();
    bool known = place.line != 0;
    if (!known && h != NULL && h->lines != 0) {
        place = declared(h, name);
    }
    if (place.line == 0) {
        return;
    }
    char number[16];
    int n = snprintf(number, sizeof number, ":%u", place.line);
    write(known ? at : elsewhere, known ? sizeof at - 1 : sizeof elsewhere - 1);
    symbols_write(place.file, write);
    write(number, (size_t)n);
}

const lines_reader_t lines_reader = {.find = find, .write = write_place};
