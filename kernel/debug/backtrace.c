/* SPDX-License-Identifier: MIT */
#include "kernel/debug/backtrace.h"

#include <stdio.h>
#include <string.h>

#include "hal/user.h"
#include "kernel/core/vmap.h"
#include "kernel/debug/lines.h"

static void walk(backtrace_t *out, hal_frame_t frame) {
    vrange_t stack;
    symbol_t symbol;
    /* An exhausted stack's sp lies below it, in the guard: its frame is read from above. */
    if (!vmap_stack_at(VADDR(frame.sp), &stack)) {
        stack = (vrange_t){VADDR(frame.sp), 0};
    }
    for (;;) {
        if (out->n == BACKTRACE_MAX) {
            out->more = true;
            return;
        }
        /* A call may be its function's last instruction. */
        uint64_t pc = frame.pc - frame.calls;
        out->pcs[out->n++] = pc;
        if (!symbols_find(pc, &symbol)) {
            return;
        }
        hal_frame_rule_t rule = symbols_rule(&symbol, pc);
        if (!hal_frame_step(&frame, &rule, stack.start.raw, stack.start.raw + stack.len)) {
            return;
        }
    }
}

void backtrace_take(backtrace_t *out, const hal_frame_t *from) {
    hal_frame_t caller;
    bool was = hal_user_access(true);
    *out = (backtrace_t){0};
    walk(out, *from);
    /* A call of user level has a stack of its own, and who made it another. */
    if (!vmap_is_user_stack(VADDR(from->sp)) && hal_user_frame(&caller)) {
        walk(out, caller);
    }
    hal_user_access(was);
}

/* The glue's is another where modules tell lines. */
__attribute__((weak)) const lines_reader_t *const kernel_lines = NULL;

/* Recursion would fill the screen: of equal lines this many are written, and the rest counted. */
#define MAX_EQUAL 3u

typedef struct listing {
    backtrace_write_t write;
    unsigned number, equal; /* frames so far; those like the last one */
    uint32_t last;
    lines_place_t place; /* of the last one */
} listing_t;

static void write_number(const listing_t *l, const char *format, unsigned number) {
    char text[48];
    int n = snprintf(text, sizeof text, format, number);
    l->write(text, (size_t)n);
}

static void write_frame(const listing_t *l, unsigned number) {
    write_number(l, "ingot: %4u: ", number);
    symbols_write(l->last, l->write);
    if (kernel_lines != NULL) {
        kernel_lines->write(l->last, l->place, l->write);
    }
    l->write("\n", 1);
}

static void end_equal(const listing_t *l) {
    if (l->equal == MAX_EQUAL + 1) {
        write_frame(l, l->number - 1);
    } else if (l->equal > MAX_EQUAL) {
        write_number(l, "ingot:       %u more of the same\n", l->equal - MAX_EQUAL);
    }
}

static void add_frame(listing_t *l, uint32_t name, lines_place_t place) {
    if (name != l->last || place.line != l->place.line || place.file != l->place.file) {
        end_equal(l);
        l->equal = 0;
        l->last = name;
        l->place = place;
    }
    if (l->equal++ < MAX_EQUAL) {
        write_frame(l, l->number);
    }
    l->number++;
}

void backtrace_print_wasm(const backtrace_t *b, backtrace_write_t write) {
    listing_t l = {.write = write, .last = UINT32_MAX};
    for (uint32_t i = 0; i < b->n; i++) {
        symbol_t symbol;
        symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1];
        lines_place_t places[SYMBOLS_MAX_INLINED + 1] = {0};
        unsigned n =
            symbols_find(b->pcs[i], &symbol) ? symbols_chain(&symbol, b->pcs[i], frames) : 0;
        if (kernel_lines != NULL) {
            kernel_lines->find(&symbol, b->pcs[i], frames, n, places);
        }
        if (i == 0 && b->interrupted) {
            places[0] = (lines_place_t){0};
        }
        for (unsigned k = 0; k < n; k++) {
            if (symbols_kind(frames[k].name) != SYMBOL_KERNEL) {
                add_frame(&l, frames[k].name, places[k]);
            }
        }
    }
    end_equal(&l);
    if (b->more) {
        static const char more[] = "ingot:       and their callers\n";
        write(more, sizeof more - 1);
    }
}

void backtrace_print_all(const backtrace_t *b, const char *prefix, backtrace_write_t write) {
    for (uint32_t i = 0; i < b->n; i++) {
        char text[48];
        symbol_t symbol;
        int n = snprintf(text, sizeof text, "%016lx ", b->pcs[i]);
        write(prefix, strlen(prefix));
        write(text, (size_t)n);
        if (symbols_find(b->pcs[i], &symbol)) {
            symbols_write(symbol.name, write);
            n = snprintf(text, sizeof text, "+0x%lx", b->pcs[i] - symbol.start);
            write(text, (size_t)n);
        }
        write("\n", 1);
    }
}
