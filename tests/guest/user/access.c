/* SPDX-License-Identifier: MIT */
/* Accesses, good and bad, of memory, registers and calls. */
#include "tests/guest/user/user.h"

user_access_t user_access;

uint64_t user_do_access(uint64_t unused) {
    uint64_t v = user_access.value, at = user_access.at;
    (void)unused;
    if (user_access.store) {
        switch (user_access.bytes) {
        case 1:
            __asm__ volatile("sb %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
            break;
        case 4:
            __asm__ volatile("sw %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
            break;
        default:
            __asm__ volatile("sd %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
        }
        return v;
    }
    switch (user_access.bytes) {
    case 1:
        __asm__ volatile("lbu %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
        break;
    case 4:
        __asm__ volatile("lwu %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
        break;
    default:
        __asm__ volatile("ld %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
    }
    return v;
}

uint64_t user_load(uint64_t at) {
    uint64_t v;
    __asm__ volatile("lbu %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
    return v;
}

uint64_t user_store(uint64_t at) {
    __asm__ volatile("sb zero, 0(%0)" ::"r"(at) : "memory");
    return 0;
}

uint64_t user_jump(uint64_t at) {
    __asm__ volatile("jalr %0" ::"r"(at) : "ra", "memory");
    return 0;
}

uint64_t user_touch(uint64_t unused) {
    (void)unused;
    for (uint64_t i = 0; i < user_access.value; i++) {
        user_store(user_access.at + 4096 * i);
    }
    return 0;
}

uint64_t user_read_sstatus(uint64_t unused) {
    uint64_t v;
    (void)unused;
    __asm__ volatile("csrr %0, sstatus" : "=r"(v));
    return v;
}

uint64_t user_write_satp(uint64_t value) {
    __asm__ volatile("csrw satp, %0" ::"r"(value));
    return 0;
}

uint64_t user_write_stvec(uint64_t value) {
    __asm__ volatile("csrw stvec, %0" ::"r"(value));
    return 0;
}

uint64_t user_call_unknown(uint64_t number) {
    register uint64_t t0 __asm__("t0") = number;
    __asm__ volatile("ecall" : "+r"(t0)::"ra", "memory");
    return 0;
}

static void *volatile hidden;

__attribute__((noinline)) uint64_t user_smash(uint64_t len) {
    uint8_t buffer[32];
    hidden = buffer;
    for (uint64_t i = 0; i < len; i++) {
        ((volatile uint8_t *)hidden)[i] = 0x41;
    }
    return buffer[0];
}

uint64_t user_add_one(uint64_t n) {
    return n + 1;
}

uint64_t user_stack_pointer(uint64_t unused) {
    uint64_t sp;
    (void)unused;
    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

/* Naked: before any of them is used. a0, sp and ra are what this function was called with. */
__attribute__((naked)) uint64_t user_registers(uint64_t unused __attribute__((unused))) {
    __asm__(
        "or a0, a1, a2\n\tor a0, a0, a3\n\tor a0, a0, a4\n\tor a0, a0, a5\n\tor a0, a0, a6\n\t"
        "or a0, a0, a7\n\tor a0, a0, t0\n\tor a0, a0, t1\n\tor a0, a0, t2\n\tor a0, a0, t3\n\t"
        "or a0, a0, t4\n\tor a0, a0, t5\n\tor a0, a0, t6\n\tor a0, a0, s0\n\tor a0, a0, s1\n\t"
        "or a0, a0, s2\n\tor a0, a0, s3\n\tor a0, a0, s4\n\tor a0, a0, s5\n\tor a0, a0, s6\n\t"
        "or a0, a0, s7\n\tor a0, a0, s8\n\tor a0, a0, s9\n\tor a0, a0, s10\n\tor a0, a0, s11\n\t"
        "ret");
}
