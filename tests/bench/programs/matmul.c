/* SPDX-License-Identifier: MIT */
/* Product of two matrices of doubles. */
#include "bench.h"

#define N 72u

static double a[N][N], b[N][N], c[N][N];

static NOINLINE void multiply(void) {
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < N; j++) {
            double sum = 0;
            for (unsigned k = 0; k < N; k++) {
                sum += a[i][k] * b[k][j];
            }
            c[i][j] = sum;
        }
    }
}

BENCH(matmul) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < N; j++) {
            a[i][j] = (double)next_random(&random) / 65536;
            b[i][j] = (double)(int32_t)next_random(&random) / 65536;
        }
    }
    multiply();
    for (unsigned i = 0; i < N; i++) {
        for (unsigned j = 0; j < N; j++) {
            hash = mix_double(hash, c[i][j]);
        }
    }
    return hash;
}
