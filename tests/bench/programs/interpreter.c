/* SPDX-License-Identifier: MIT */
/* A byte-code interpreter: a stack machine that runs three nested loops. */
#include "bench.h"

enum {
    OP_PUSH,
    OP_LOAD,
    OP_STORE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_XOR,
    OP_SHR,
    OP_LESS,
    OP_JUMP,
    OP_JUMP_UNLESS,
    OP_DUP,
    OP_DROP,
    OP_CALL,
    OP_RETURN,
    OP_HALT
};

#define MAX_CODE 256u

static uint8_t code[MAX_CODE];
static uint32_t code_len;

static void emit(uint8_t op) {
    code[code_len++] = op;
}

static void emit2(uint8_t op, uint8_t operand) {
    emit(op);
    emit(operand);
}

/* for (local = 0; local < limit; local++): returns where to jump back; patch gets the exit. */
static uint32_t loop_begin(uint8_t local, uint8_t limit, uint32_t *patch) {
    emit2(OP_PUSH, 0);
    emit2(OP_STORE, local);
    uint32_t top = code_len;
    emit2(OP_LOAD, local);
    emit2(OP_PUSH, limit);
    emit(OP_LESS);
    emit2(OP_JUMP_UNLESS, 0);
    *patch = code_len - 1;
    return top;
}

static void loop_end(uint8_t local, uint32_t top, uint32_t patch) {
    emit2(OP_LOAD, local);
    emit2(OP_PUSH, 1);
    emit(OP_ADD);
    emit2(OP_STORE, local);
    emit2(OP_JUMP, (uint8_t)top);
    code[patch] = (uint8_t)code_len;
}

static void assemble(void) {
    uint32_t patch[2];
    code_len = 0;
    emit2(OP_JUMP, 12);
    /* at 2: a function of the value on the stack: v ^ (v >> 5) + 3 */
    emit(OP_DUP);
    emit2(OP_PUSH, 5);
    emit(OP_SHR);
    emit2(OP_PUSH, 3);
    emit(OP_ADD);
    emit(OP_XOR);
    emit(OP_RETURN);
    emit(OP_HALT);
    uint32_t outer = loop_begin(1, 120, &patch[0]);
    uint32_t inner = loop_begin(2, 60, &patch[1]);
    emit2(OP_LOAD, 0);
    emit2(OP_PUSH, 31);
    emit(OP_MUL);
    emit2(OP_LOAD, 1);
    emit(OP_ADD);
    emit2(OP_LOAD, 2);
    emit(OP_SUB);
    emit2(OP_CALL, 2);
    emit2(OP_STORE, 0);
    loop_end(2, inner, patch[1]);
    loop_end(1, outer, patch[0]);
    emit2(OP_LOAD, 0);
    emit(OP_HALT);
}

static NOINLINE uint32_t interpret(const uint8_t *program, uint32_t first) {
    uint32_t stack[32], locals[4] = {first}, calls[8], *sp = stack, *cp = calls;
    const uint8_t *pc = program;
    for (;;) {
        switch (*pc++) {
        case OP_PUSH:
            *sp++ = *pc++;
            break;
        case OP_LOAD:
            *sp++ = locals[*pc++ & 3];
            break;
        case OP_STORE:
            locals[*pc++ & 3] = *--sp;
            break;
        case OP_ADD:
            sp--;
            sp[-1] += sp[0];
            break;
        case OP_SUB:
            sp--;
            sp[-1] -= sp[0];
            break;
        case OP_MUL:
            sp--;
            sp[-1] *= sp[0];
            break;
        case OP_XOR:
            sp--;
            sp[-1] ^= sp[0];
            break;
        case OP_SHR:
            sp--;
            sp[-1] >>= sp[0] & 31;
            break;
        case OP_LESS:
            sp--;
            sp[-1] = sp[-1] < sp[0];
            break;
        case OP_JUMP:
            pc = program + *pc;
            break;
        case OP_JUMP_UNLESS:
            pc = *--sp ? pc + 1 : program + *pc;
            break;
        case OP_DUP:
            sp[0] = sp[-1];
            sp++;
            break;
        case OP_DROP:
            sp--;
            break;
        case OP_CALL:
            *cp++ = (uint32_t)(pc + 1 - program);
            pc = program + *pc;
            break;
        case OP_RETURN:
            pc = program + *--cp;
            break;
        default:
            return sp[-1];
        }
    }
}

BENCH(interpreter) {
    assemble();
    return mix(MIX_START, interpret(code, n));
}
