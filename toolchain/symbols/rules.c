/* SPDX-License-Identifier: MIT */
/* Source: DWARF 5, section 6.4; RISC-V ELF psABI, chapter DWARF register numbers. */
#include "toolchain/symbols/rules.h"

#include <stdlib.h>

#include "toolchain/symbols/flow.h"
#include "toolchain/symbols/leb.h"

enum { REG_RA = 1, REG_SP = 2, REG_S0 = 8 };

enum {
    CFA_nop = 0x00,
    CFA_advance_loc1 = 0x02,
    CFA_advance_loc2,
    CFA_advance_loc4,
    CFA_offset_extended,
    CFA_restore_extended,
    CFA_undefined,
    CFA_same_value,
    CFA_register,
    CFA_remember_state,
    CFA_restore_state,
    CFA_def_cfa,
    CFA_def_cfa_register,
    CFA_def_cfa_offset,
    CFA_advance_loc = 0x40, /* with an operand in the low six bits, as the two below */
    CFA_offset = 0x80,
    CFA_restore = 0xc0,
};

#define MAX_REMEMBERED 8

typedef struct state {
    uint64_t cfa_register;
    uint64_t cfa_offset;
    uint64_t ra, s0; /* saved at CFA - 8 * this; 0: not saved */
} state_t;

typedef struct row {
    uint64_t at; /* in bytes from the function's start */
    state_t state;
} row_t;

typedef struct machine {
    state_t now, initial;
    state_t remembered[MAX_REMEMBERED];
    unsigned n_remembered;
    uint64_t at;
    uint64_t code_factor;
    int64_t data_factor;
    bool unknown;
    row_t *rows;
    size_t n_rows, room;
} machine_t;

static const state_t no_frame = {.cfa_register = REG_SP};
static const state_t no_rule = {.cfa_register = REG_S0};

static bool same(const state_t *a, const state_t *b) {
    return a->cfa_register == b->cfa_register && a->cfa_offset == b->cfa_offset && a->ra == b->ra &&
           a->s0 == b->s0;
}

static bool expressible(const state_t *s) {
    return (s->cfa_register == REG_SP || s->cfa_register == REG_S0) && s->cfa_offset % 8 == 0;
}

static void add_row(machine_t *m, uint64_t at, const state_t *state) {
    if (m->n_rows == m->room) {
        m->room = m->room == 0 ? 8 : m->room * 2;
        m->rows = xrealloc(m->rows, m->room * sizeof *m->rows);
    }
    m->rows[m->n_rows++] = (row_t){at, *state};
}

/* What holds from here on. */
static void flush(machine_t *m) {
    if (!expressible(&m->now)) {
        m->unknown = true;
        return;
    }
    add_row(m, m->at, &m->now);
}

static void advance(machine_t *m, uint64_t delta) {
    flush(m);
    m->at += delta * m->code_factor;
}

static void set_register(machine_t *m, uint64_t reg, uint64_t slot) {
    if (reg == REG_RA) {
        m->now.ra = slot;
    } else if (reg == REG_S0) {
        m->now.s0 = slot;
    }
}

/* `factored` times the data factor is the offset from the CFA, below it and a multiple of 8. */
static void saved_at(machine_t *m, uint64_t reg, int64_t factored) {
    int64_t offset;
    if (__builtin_mul_overflow(factored, m->data_factor, &offset) || offset >= 0 ||
        offset % 8 != 0) {
        m->unknown |= reg == REG_RA || reg == REG_S0;
        return;
    }
    set_register(m, reg, (uint64_t)-(offset / 8));
}

static void restore(machine_t *m, uint64_t reg) {
    set_register(m, reg, reg == REG_RA ? m->initial.ra : m->initial.s0);
}

static void step(machine_t *m, cursor_t *c) {
    uint8_t op = (uint8_t)take_uint(c, 1);
    uint8_t low = op & 0x3f;
    uint64_t reg;
    switch (op & 0xc0) {
    case CFA_advance_loc:
        advance(m, low);
        return;
    case CFA_offset:
        saved_at(m, low, (int64_t)take_uleb(c));
        return;
    case CFA_restore:
        restore(m, low);
        return;
    default:
        break;
    }
    switch (op) {
    case CFA_nop:
        break;
    case CFA_advance_loc1:
        advance(m, take_uint(c, 1));
        break;
    case CFA_advance_loc2:
        advance(m, take_uint(c, 2));
        break;
    case CFA_advance_loc4:
        advance(m, take_uint(c, 4));
        break;
    case CFA_offset_extended:
        reg = take_uleb(c);
        saved_at(m, reg, (int64_t)take_uleb(c));
        break;
    case CFA_restore_extended:
        restore(m, take_uleb(c));
        break;
    case CFA_same_value:
        set_register(m, take_uleb(c), 0);
        break;
    case CFA_remember_state:
        m->unknown |= m->n_remembered == MAX_REMEMBERED;
        if (!m->unknown) {
            m->remembered[m->n_remembered++] = m->now;
        }
        break;
    case CFA_restore_state:
        m->unknown |= m->n_remembered == 0;
        if (!m->unknown) {
            m->now = m->remembered[--m->n_remembered];
        }
        break;
    case CFA_def_cfa:
        m->now.cfa_register = take_uleb(c);
        m->now.cfa_offset = take_uleb(c);
        break;
    case CFA_def_cfa_register:
        m->now.cfa_register = take_uleb(c);
        break;
    case CFA_def_cfa_offset:
        m->now.cfa_offset = take_uleb(c);
        break;
    default:
        m->unknown = true;
    }
}

static void run(machine_t *m, cursor_t c) {
    while (c.p < c.end && !c.bad && !m->unknown) {
        step(m, &c);
    }
}

/* The CIE at `offset`: its factors, its initial instructions. False when it is of no known form. */
static bool read_cie(cursor_t section, uint64_t offset, machine_t *m) {
    cursor_t c = cursor_at(section, offset);
    uint64_t length = take_uint(&c, 4);
    const uint8_t *body = take(&c, length);
    if (body == NULL) {
        return false;
    }
    c = (cursor_t){body, body + length, false};
    uint64_t id = take_uint(&c, 4);
    unsigned version = (unsigned)take_uint(&c, 1);
    bool plain = *take_string(&c) == 0;
    if (id != UINT32_MAX || !plain) {
        return false;
    }
    if (version >= 4) {
        take(&c, 2); /* sizes of addresses and segments */
    }
    m->code_factor = take_uleb(&c);
    m->data_factor = take_sleb(&c);
    if (version == 1) {
        take(&c, 1);
    } else {
        take_uleb(&c);
    }
    m->now.cfa_register = REG_SP;
    run(m, c);
    m->initial = m->now;
    return !c.bad && !m->unknown;
}

static int by_start(const void *a, const void *b) {
    const rules_t *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* The row that holds at an offset; rows start at 0. */
static const state_t *state_at(const machine_t *m, uint64_t at, size_t *hint) {
    while (*hint + 1 < m->n_rows && m->rows[*hint + 1].at <= at) {
        ++*hint;
    }
    return &m->rows[*hint].state;
}

static void encode(text_t *out, uint64_t *last, uint64_t at, const state_t *s) {
    leb_add(out, (at - *last) / 2 + 1);
    leb_add(out, s->cfa_offset / 8 * 2 + (s->cfa_register == REG_S0));
    leb_add(out, s->ra);
    leb_add(out, s->s0);
    *last = at;
}

/* Keeps only those pieces without a frame in which something can fault; an epilogue's return and
 * the like need no rows. */
static void keep_useful(const uint8_t *code, size_t len, flow_state_t *flow) {
    size_t start = 0;
    bool within = false, useful = false;
    for (size_t at = 0; at <= len; at += 2) {
        flow_state_t state = at < len ? flow[at / 2] : FLOW_FRAMED;
        if (state == FLOW_UNKNOWN) {
            continue;
        }
        if (within && state == FLOW_FRAMED && !useful) {
            for (size_t k = start; k < at; k += 2) {
                flow[k / 2] = FLOW_UNKNOWN;
            }
        }
        if (!within && state == FLOW_UNFRAMED) {
            start = at;
            useful = false;
        }
        within = state == FLOW_UNFRAMED;
        useful |= within && flow_accesses(code + at, len - at);
    }
}

/* Writes the rows, with those pieces that the code shows to have no frame put right. */
static void write_rows(const machine_t *m, const uint8_t *code, size_t len, text_t *out) {
    flow_state_t *flow = xcalloc(len / 2 + 1, sizeof *flow);
    if (code != NULL) {
        flow_follow(code, len, flow);
        keep_useful(code, len, flow);
    }
    state_t written = no_frame;
    uint64_t last = 0;
    size_t hint = 0;
    bool unframed = false;
    for (uint64_t at = 0; at < len; at += 2) {
        const state_t *s = state_at(m, at, &hint);
        if (flow[at / 2] != FLOW_UNKNOWN) {
            unframed = flow[at / 2] == FLOW_UNFRAMED;
        }
        s = unframed ? &no_frame : s;
        if (!same(s, &written)) {
            encode(out, &last, at, s);
            written = *s;
        }
    }
    leb_add(out, 0);
    free(flow);
}

rules_t *rules_read(cursor_t debug_frame, cursor_t text, uint64_t text_address, uint32_t *n) {
    rules_t *all = NULL;
    size_t room = 0;
    *n = 0;
    cursor_t c = debug_frame;
    while (c.p < c.end && !c.bad) {
        uint64_t length = take_uint(&c, 4);
        const uint8_t *body = take(&c, length);
        if (body == NULL || length == UINT32_MAX) {
            break;
        }
        cursor_t entry = {body, body + length, false};
        uint64_t cie = take_uint(&entry, 4);
        if (cie == UINT32_MAX) {
            continue;
        }
        rules_t r = {.start = take_uint(&entry, 8)};
        uint64_t len = take_uint(&entry, 8);
        cursor_t code = cursor_at(text, r.start - text_address);
        machine_t m = {0};
        /* The linker leaves 0 as the address of what it dropped. */
        if (r.start < text_address || take(&code, len) == NULL || !read_cie(debug_frame, cie, &m)) {
            free(m.rows);
            continue;
        }
        m.n_rows = 0;
        add_row(&m, 0, &no_frame);
        run(&m, entry);
        if (!m.unknown) {
            flush(&m);
        }
        if (m.unknown) {
            add_row(&m, m.at, &no_rule);
        }
        write_rows(&m, m.unknown ? NULL : code.p - len, len, &r.bytes);
        free(m.rows);
        if (*n == room) {
            room = room == 0 ? 256 : room * 2;
            all = xrealloc(all, room * sizeof *all);
        }
        all[(*n)++] = r;
    }
    if (*n > 0) {
        qsort(all, *n, sizeof *all, by_start);
    }
    return all;
}
