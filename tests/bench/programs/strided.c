/* SPDX-License-Identifier: MIT */
/* Accesses with strides: transposition, column sums, a five-point stencil over 32-bit cells. */
#include "bench.h"

#define N 160u

static uint32_t a[N][N], b[N][N];

static NOINLINE void transpose(void) {
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < N; j++) {
            b[j][i] = a[i][j];
        }
    }
}

static NOINLINE void stencil(void) {
    for (unsigned i = 1; i + 1 < N; i++) {
        for (unsigned j = 1; j + 1 < N; j++) {
            a[i][j] = (b[i][j] + b[i - 1][j] + b[i + 1][j] + b[i][j - 1] + b[i][j + 1]) / 5;
        }
    }
}

static NOINLINE uint64_t column_sums(unsigned stride) {
    uint64_t hash = MIX_START;
    for (unsigned j = 0; j < N; j++) {
        uint32_t sum = 0;
        for (unsigned i = 0; i < N; i += stride) {
            sum += a[i][j];
        }
        hash = mix(hash, sum);
    }
    return hash;
}

BENCH(strided) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < N; j++) {
            a[i][j] = next_random(&random);
        }
    }
    for (unsigned round = 1; round <= 4; round++) {
        transpose();
        stencil();
        hash = mix(hash, column_sums(round * n));
    }
    return hash;
}
