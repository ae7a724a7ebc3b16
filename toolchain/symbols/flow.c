/* SPDX-License-Identifier: MIT */
/* Source: RISC-V unprivileged ISA 20191213, chapters 2, 16 and 24. */
#include "toolchain/symbols/flow.h"

#include <stdlib.h>

#include "toolchain/lib/text.h"

enum { REG_SP = 2, REG_T0 = 5 };

/* What an instruction does to the flow and to the frame. */
typedef struct effect {
    unsigned len;
    bool ends;     /* the next instruction does not follow */
    bool calls;    /* it follows if what is called returns */
    bool branches; /* may go to `target` */
    int64_t target;
    flow_state_t becomes; /* of the frame; FLOW_UNKNOWN: as it was */
} effect_t;

static int64_t sign_extend(uint64_t value, unsigned bits) {
    uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int64_t)((value ^ sign) - sign);
}

/* Bits [high:low] of an instruction, moved to start at bit `to`. */
static uint64_t field(uint32_t insn, unsigned high, unsigned low, unsigned to) {
    return (uint64_t)(insn >> low & ((1u << (high - low + 1)) - 1)) << to;
}

static flow_state_t by_sign(bool negative) {
    return negative ? FLOW_FRAMED : FLOW_UNFRAMED;
}

/* A call through t0 is of the routine that saves registers (hal/riscv64/millicode.S), and returns.
 */
static void call(effect_t *e, uint64_t link) {
    if (link == REG_T0) {
        e->becomes = FLOW_FRAMED;
    } else {
        e->calls = true;
    }
}

static effect_t decode_short(uint32_t i) {
    effect_t e = {.len = 2};
    uint64_t op = field(i, 1, 0, 0), f3 = field(i, 15, 13, 0), rd = field(i, 11, 7, 0);
    if (i == 0) {
        e.ends = true; /* defined to be illegal */
    } else if (op == 1 && (f3 == 0 || f3 == 3) && rd == REG_SP) {
        e.becomes = by_sign(field(i, 12, 12, 0) != 0); /* c.addi, c.addi16sp */
    } else if (op == 1 && f3 == 5) {
        e.ends = e.branches = true; /* c.j */
        e.target = sign_extend(field(i, 12, 12, 11) | field(i, 11, 11, 4) | field(i, 10, 9, 8) |
                                   field(i, 8, 8, 10) | field(i, 7, 7, 6) | field(i, 6, 6, 7) |
                                   field(i, 5, 3, 1) | field(i, 2, 2, 5),
                               12);
    } else if (op == 1 && f3 >= 6) {
        e.branches = true; /* c.beqz, c.bnez */
        e.target = sign_extend(field(i, 12, 12, 8) | field(i, 11, 10, 3) | field(i, 6, 5, 6) |
                                   field(i, 4, 3, 1) | field(i, 2, 2, 5),
                               9);
    } else if (op == 2 && f3 == 4 && field(i, 6, 2, 0) == 0 && rd != 0) {
        e.calls = field(i, 12, 12, 0) != 0; /* c.jalr; else c.jr */
        e.ends = !e.calls;
    }
    return e;
}

static effect_t decode_long(uint32_t i) {
    enum { OP_IMM = 0x13, OP = 0x33, BRANCH = 0x63, JALR = 0x67, JAL = 0x6f, SYSTEM = 0x73 };
    effect_t e = {.len = 4};
    uint64_t f3 = field(i, 14, 12, 0), rd = field(i, 11, 7, 0), rs1 = field(i, 19, 15, 0);
    switch (i & 0x7f) {
    case OP_IMM:
        if (f3 == 0 && rd == REG_SP && rs1 == REG_SP) {
            e.becomes = by_sign(field(i, 31, 31, 0) != 0);
        }
        break;
    case OP:
        if (f3 == 0 && rd == REG_SP && rs1 == REG_SP) {
            e.becomes = by_sign(field(i, 31, 25, 0) == 0x20); /* sub, add */
        }
        break;
    case BRANCH:
        e.branches = true;
        e.target = sign_extend(field(i, 31, 31, 12) | field(i, 30, 25, 5) | field(i, 11, 8, 1) |
                                   field(i, 7, 7, 11),
                               13);
        break;
    case JAL:
        if (rd != 0) {
            call(&e, rd);
            break;
        }
        e.ends = e.branches = true;
        e.target = sign_extend(field(i, 31, 31, 20) | field(i, 30, 21, 1) | field(i, 20, 20, 11) |
                                   field(i, 19, 12, 12),
                               21);
        break;
    case JALR:
        if (rd != 0) {
            call(&e, rd);
        }
        e.ends = rd == 0;
        break;
    case SYSTEM:
        e.ends = i == 0xc0001073 || i == 0x10200073; /* unimp, sret */
        break;
    default:
        break;
    }
    return e;
}

bool flow_accesses(const uint8_t *code, size_t len) {
    if (len < 2) {
        return false;
    }
    enum { LOAD = 0x03, LOAD_FP = 0x07, STORE = 0x23, STORE_FP = 0x27, AMO = 0x2f };
    unsigned opcode = code[0] & 0x7f, op = code[0] & 3, f3 = code[1] >> 5;
    if (op == 3) {
        return opcode == LOAD || opcode == LOAD_FP || opcode == STORE || opcode == STORE_FP ||
               opcode == AMO;
    }
    /* Of the compressed ones: all of quadrant 0 but c.addi4spn, and c.fldsp, c.lwsp, ... of 2. */
    return (op == 0 && f3 != 0) || (op == 2 && f3 != 0 && f3 != 4);
}

bool flow_matters(const uint8_t *code, size_t len) {
    for (size_t at = 0; at + 2 <= len;) {
        uint32_t i = (uint32_t)(code[at] | code[at + 1] << 8);
        effect_t e = {.len = 4};
        if ((i & 3) != 3) {
            e = decode_short(i);
        } else if (len - at >= 4) {
            e = decode_long(i | (uint32_t)code[at + 2] << 16 | (uint32_t)code[at + 3] << 24);
        }
        if (e.calls || flow_accesses(code + at, len - at)) {
            return true;
        }
        at += e.len;
    }
    return false;
}

typedef struct flow {
    const uint8_t *code;
    size_t len;
    flow_state_t *states;
    size_t *waiting; /* offsets to go on from, with their states set */
    size_t n_waiting;
    flow_state_t *after_call; /* states of what follows calls, not yet gone into */
} flow_t;

static void reach(flow_t *f, size_t at, flow_state_t state) {
    if (at < f->len && f->states[at / 2] == FLOW_UNKNOWN) {
        f->states[at / 2] = state;
        f->waiting[f->n_waiting++] = at;
    }
}

static void follow(flow_t *f, size_t at) {
    for (;;) {
        flow_state_t state = f->states[at / 2];
        uint32_t i = (uint32_t)(f->code[at] | f->code[at + 1] << 8);
        effect_t e;
        if ((i & 3) != 3) {
            e = decode_short(i);
        } else if (f->len - at >= 4) {
            i |= (uint32_t)f->code[at + 2] << 16 | (uint32_t)f->code[at + 3] << 24;
            e = decode_long(i);
        } else {
            return;
        }
        state = e.becomes != FLOW_UNKNOWN ? e.becomes : state;
        int64_t target = (int64_t)at + e.target;
        if (e.branches && target >= 0) {
            reach(f, (size_t)target, state);
        }
        at += e.len;
        if (e.ends || at + 2 > f->len || f->states[at / 2] != FLOW_UNKNOWN) {
            return;
        }
        if (e.calls) {
            f->after_call[at / 2] = state;
            return;
        }
        f->states[at / 2] = state;
    }
}

/* Jumps first: what follows a call may be another path's, when the call does not return. */
void flow_follow(const uint8_t *code, size_t len, flow_state_t *states) {
    size_t slots = len / 2 + 1;
    flow_t f = {code,   len & ~(size_t)1,
                states, xcalloc(slots, sizeof(size_t)),
                0,      xcalloc(slots, sizeof(flow_state_t))};
    for (size_t i = 0; i < slots - 1; i++) {
        states[i] = FLOW_UNKNOWN;
    }
    reach(&f, 0, FLOW_UNFRAMED);
    size_t next_call = 0;
    for (;;) {
        while (f.n_waiting > 0) {
            follow(&f, f.waiting[--f.n_waiting]);
            next_call = 0;
        }
        while (next_call < f.len / 2 &&
               (f.after_call[next_call] == FLOW_UNKNOWN || states[next_call] != FLOW_UNKNOWN)) {
            next_call++;
        }
        if (next_call == f.len / 2) {
            break;
        }
        reach(&f, 2 * next_call, f.after_call[next_call]);
    }
    free(f.waiting);
    free(f.after_call);
}
