/* SPDX-License-Identifier: MIT */
/* Fibonacci by recursion, and Ackermann's function: calls and nothing else. */
#include "bench.h"

static NOINLINE uint32_t fib(uint32_t i) {
    return i < 2 ? i : fib(i - 1) + fib(i - 2);
}

static NOINLINE uint32_t ackermann(uint32_t m, uint32_t i) {
    if (m == 0) {
        return i + 1;
    }
    return ackermann(m - 1, i == 0 ? 1 : ackermann(m, i - 1));
}

BENCH(fib) {
    return mix(mix(MIX_START, fib(n + 21)), ackermann(2, n + 60));
}
