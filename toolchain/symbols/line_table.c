/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/line_table.h"

#include <stdlib.h>

#include "kernel/debug/symtab.h"
#include "toolchain/symbols/flow.h"
#include "toolchain/symbols/leb.h"

void line_table_start(line_table_t *t, const elf_t *elf, const names_t *names,
                      const debug_t *debug) {
    *t = (line_table_t){.elf = elf, .names = names, .cursor = {.debug = debug}};
    t->file_of = xcalloc(names->n_files + 1, sizeof *t->file_of);
    t->used = xcalloc(names->n_files + 1, sizeof *t->used);
}

void line_table_free(line_table_t *t) {
    debug_end(&t->cursor);
    text_free(&t->entry);
    text_free(&t->block);
    text_free(&t->function_blocks);
    text_free(&t->name_blocks);
    text_free(&t->bytes);
    free(t->file_of);
    free(t->used);
    *t = (line_table_t){0};
}

/* The number of a place's file in the table, from 1; 0: no place. */
static uint32_t file_number(line_table_t *t, place_t place) {
    if (place.line == 0 || place.file == 0) {
        return 0;
    }
    if (t->file_of[place.file] == 0) {
        t->used[t->n_used++] = place.file;
        t->file_of[place.file] = t->n_used;
    }
    return t->file_of[place.file];
}

static void add_place(line_table_t *t, text_t *out, place_t place) {
    uint32_t file = file_number(t, place);
    leb_add(out, file);
    if (file != 0) {
        leb_add(out, place.line);
    }
}

/* Writes what the block holds; nothing, when nothing is known there. */
static void end_block(line_table_t *t, text_t *blocks) {
    uint32_t at = t->block_known ? (uint32_t)t->bytes.len : SYMTAB_NO_LINES;
    text_add(blocks, (const char *)&at, sizeof at);
    if (t->block_known) {
        text_add(&t->bytes, t->block.data, t->block.len);
    }
    t->block.len = 0;
    t->block_known = false;
}

void line_table_call(line_table_t *t, const inlined_t *call) {
    add_place(t, &t->entry, call->caller);
    t->known |= file_number(t, call->caller) != 0;
}

static uint64_t zigzag(int64_t v) {
    return v < 0 ? (uint64_t)-v * 2 - 1 : (uint64_t)v * 2;
}

/* What a row says: `now` instead of `*last`, which was the last place known. */
static void add_row(line_table_t *t, text_t *out, place_t now, place_t *last) {
    uint32_t file = file_number(t, now);
    if (file == 0) {
        leb_add(out, 0);
        return;
    }
    bool other = now.file != last->file;
    leb_add(out, (zigzag((int64_t)now.line - last->line) * 2 | other) + 1);
    if (other) {
        leb_add(out, file);
    }
    *last = now;
}

/* The rows of one function. Only where a backtrace can have an address: what calls, or may fault.
 */
static void add_rows(line_table_t *t, const elf_function_t *f, place_t declared, text_t *out) {
    cursor_t code = cursor_at(elf_code(t->elf), f->start - t->elf->text);
    place_t last = declared, now = {0};
    uint64_t row = f->start;
    size_t len;
    for (uint64_t at = f->start; at < f->end; at += len) {
        const uint8_t *p = code.p + (at - f->start);
        len = f->end - at >= 4 && (*p & 3) == 3 ? 4 : 2;
        if (at + len > f->end || !flow_matters(p, len)) {
            continue;
        }
        place_t place = debug_place(&t->cursor, at);
        if (place.file != now.file || place.line != now.line) {
            leb_add(out, (at - row) / 2);
            add_row(t, out, place, &last);
            row = at;
            now = place;
        }
    }
}

void line_table_function(line_table_t *t, const elf_function_t *f, place_t declared) {
    size_t calls = t->entry.len;
    add_rows(t, f, declared, &t->entry);
    bool known = t->known || t->entry.len > calls;
    leb_add(&t->block, known ? t->entry.len : 0);
    if (known) {
        text_add(&t->block, t->entry.data, t->entry.len);
        t->block_known = true;
    }
    t->entry.len = 0;
    t->known = false;
    if (++t->n_functions % SYMTAB_BLOCK == 0) {
        end_block(t, &t->function_blocks);
    }
}

void line_table_names(line_table_t *t, const place_t *declared, uint32_t n) {
    if (t->n_functions % SYMTAB_BLOCK != 0) {
        end_block(t, &t->function_blocks);
    }
    for (uint32_t i = 0; i < n; i++) {
        add_place(t, &t->block, declared[i]);
        t->block_known |= file_number(t, declared[i]) != 0;
        if ((i + 1) % SYMTAB_BLOCK == 0 || i + 1 == n) {
            end_block(t, &t->name_blocks);
        }
    }
}

void line_table_write(const line_table_t *t, text_t *out) {
    text_add(out, text_str(&t->function_blocks), t->function_blocks.len);
    text_add(out, text_str(&t->name_blocks), t->name_blocks.len);
    text_add(out, text_str(&t->bytes), t->bytes.len);
}
