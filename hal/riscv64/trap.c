/* SPDX-License-Identifier: MIT */
/* The C side of trap.S: what happened, told in the words of hal/trap.h. */
#include "hal/trap.h"

#include <stddef.h>

#include "hal/riscv64/csr.h"
#include "hal/riscv64/layout.h"
#include "hal/riscv64/trapframe.h"

struct hal_trap {
    uint64_t pc, ra, sp, fp;
    uint64_t t[7], a[8];
    uint64_t status, cause, value;
    uint64_t fcsr, ft[12], fa[8], gp;
};

_Static_assert(offsetof(struct hal_trap, t) == TF_T0, "trap.S and trap.c disagree");
_Static_assert(offsetof(struct hal_trap, a) == TF_A0, "trap.S and trap.c disagree");
_Static_assert(offsetof(struct hal_trap, status) == TF_STATUS, "trap.S and trap.c disagree");
_Static_assert(offsetof(struct hal_trap, fcsr) == TF_FCSR, "trap.S and trap.c disagree");
_Static_assert(offsetof(struct hal_trap, fa) == TF_FA0, "trap.S and trap.c disagree");
_Static_assert(offsetof(struct hal_trap, gp) == TF_GP, "trap.S and trap.c disagree");
_Static_assert(sizeof(struct hal_trap) == TF_SIZE, "trap.S and trap.c disagree");

static hal_trap_handler_t handler;

void hal_trap_set_handler(hal_trap_handler_t h) {
    handler = h;
}

/* Called by trap.S. */
void trap_dispatch(hal_trap_t *t) {
    if (handler == NULL || !handler(t)) {
        hal_unhandled_trap(t, false);
    }
}

hal_trap_kind_t hal_trap_kind(const hal_trap_t *t) {
    switch (t->cause) {
    case SCAUSE_LOAD_ACCESS:
    case SCAUSE_LOAD_PAGE:
        return HAL_TRAP_LOAD_FAULT;
    case SCAUSE_STORE_ACCESS:
    case SCAUSE_STORE_PAGE:
        return HAL_TRAP_STORE_FAULT;
    case SCAUSE_FETCH_ACCESS:
    case SCAUSE_FETCH_PAGE:
        return HAL_TRAP_FETCH_FAULT;
    case SCAUSE_FETCH_MISALIGNED:
    case SCAUSE_LOAD_MISALIGNED:
    case SCAUSE_STORE_MISALIGNED:
        return HAL_TRAP_MISALIGNED;
    case SCAUSE_ILLEGAL:
        return HAL_TRAP_ILLEGAL;
    case SCAUSE_BREAKPOINT:
        return HAL_TRAP_BREAKPOINT;
    case SCAUSE_TIMER:
        return HAL_TRAP_TIMER;
    case SCAUSE_EXTERNAL:
        return HAL_TRAP_EXTERNAL;
    default:
        return HAL_TRAP_OTHER;
    }
}

vaddr_t hal_trap_address(const hal_trap_t *t) {
    return VADDR(t->value);
}

uint64_t hal_trap_pc(const hal_trap_t *t) {
    return t->pc;
}

uint64_t hal_trap_sp(const hal_trap_t *t) {
    return t->sp;
}

uint64_t hal_trap_fp(const hal_trap_t *t) {
    return t->fp;
}

uint64_t hal_trap_ra(const hal_trap_t *t) {
    return t->ra;
}

bool hal_trap_from_user(const hal_trap_t *t) {
    return (t->status & SSTATUS_SPP) == 0;
}

bool hal_trap_user_access(const hal_trap_t *t) {
    return !hal_trap_from_user(t) && (t->status & SSTATUS_SUM) != 0;
}

uint64_t hal_trap_cause(const hal_trap_t *t) {
    return t->cause;
}

void hal_trap_dump(const hal_trap_t *t, const char *prefix,
                   void (*print)(const char *format, ...)) {
    const struct {
        const char *name;
        uint64_t value;
    } registers[] = {
        {"pc", t->pc},        {"ra", t->ra},       {"sp", t->sp},         {"gp", t->gp},
        {"t0", t->t[0]},      {"t1", t->t[1]},     {"t2", t->t[2]},       {"t3", t->t[3]},
        {"t4", t->t[4]},      {"t5", t->t[5]},     {"t6", t->t[6]},       {"s0", t->fp},
        {"a0", t->a[0]},      {"a1", t->a[1]},     {"a2", t->a[2]},       {"a3", t->a[3]},
        {"a4", t->a[4]},      {"a5", t->a[5]},     {"a6", t->a[6]},       {"a7", t->a[7]},
        {"scause", t->cause}, {"stval", t->value}, {"sstatus", t->status}};
    for (unsigned i = 0; i < sizeof registers / sizeof *registers; i++) {
        print("%s%s %016lx%s", i % 4 == 0 ? prefix : "  ", registers[i].name, registers[i].value,
              i % 4 == 3 || i + 1 == sizeof registers / sizeof *registers ? "\n" : "");
    }
}

void hal_trap_resume_in(hal_trap_t *t, void (*fn)(uint64_t), uint64_t arg, uint64_t sp) {
    t->pc = (uintptr_t)fn;
    t->a[0] = arg;
    t->sp = align_down(sp, 16);
    t->ra = 0;
    /* sret takes the level from SPP, and SIE from SPIE. */
    t->status = (t->status & ~SSTATUS_SPIE) | SSTATUS_SPP;
    if (*hart_word(HB_INTERRUPTS) != 0) {
        t->status |= SSTATUS_SPIE;
    }
}

void hal_trap_skip(hal_trap_t *t) {
    /* A 16-bit instruction has low bits other than 11 (unprivileged ISA, 1.5). */
    t->pc += (*(const uint16_t *)(uintptr_t)t->pc & 3) == 3 ? 4 : 2;
}
