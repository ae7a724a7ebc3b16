/* SPDX-License-Identifier: MIT */
/* All ways to place queens on a board, by backtracking over bit masks. */
#include "bench.h"

#define N 8u

static uint32_t solutions, row_of[N];
static uint64_t hash;

static NOINLINE void place(uint32_t row, uint32_t columns, uint32_t left, uint32_t right) {
    if (row == N) {
        solutions++;
        for (unsigned i = 0; i < N; i++) {
            hash = mix(hash, row_of[i]);
        }
        return;
    }
    uint32_t open = ((1u << N) - 1) & ~(columns | left | right);
    while (open != 0) {
        uint32_t bit = open & -open;
        open ^= bit;
        row_of[row] = bit;
        place(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
}

BENCH(queens) {
    solutions = 0;
    hash = MIX_START;
    for (unsigned i = 0; i < 3 * n; i++) {
        place(0, 0, 0, 0);
    }
    return mix(hash, solutions);
}
