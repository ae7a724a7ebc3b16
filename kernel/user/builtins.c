/* SPDX-License-Identifier: MIT */
/*
 * Bit counting for the base ISA, where clang calls these functions instead of an instruction.
 * Names and meaning: the GCC low-level runtime library, "Integer library routines".
 */
#include <stdint.h>

int __clzdi2(uint64_t x);
int __ctzdi2(uint64_t x);
int __popcountdi2(uint64_t x);
int __clzsi2(uint32_t x);
int __ctzsi2(uint32_t x);
int __popcountsi2(uint32_t x);

int __popcountdi2(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* Smear the highest bit down: what stays clear are the leading zeros. */
int __clzdi2(uint64_t x) {
    for (unsigned shift = 1; shift < 64; shift *= 2) {
        x |= x >> shift;
    }
    return __popcountdi2(~x);
}

/* The bits below the lowest set one. */
int __ctzdi2(uint64_t x) {
    return __popcountdi2(~x & (x - 1));
}

int __popcountsi2(uint32_t x) {
    return __popcountdi2(x);
}

int __clzsi2(uint32_t x) {
    return __clzdi2(x) - 32;
}

int __ctzsi2(uint32_t x) {
    return __ctzdi2(x);
}
