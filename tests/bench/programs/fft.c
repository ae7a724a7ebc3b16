/* SPDX-License-Identifier: MIT */
/* Fast Fourier transform (radix 2, in place), forth and back. */
#include "bench.h"

#define BITS 12u
#define SIZE (1u << BITS)

typedef struct complex {
    double re, im;
} complex_t;

static complex_t values[SIZE], roots[SIZE / 2];

/* Roots of unity by halving the angle: cos(x/2) = sqrt((1 + cos x) / 2). */
static void make_roots(void) {
    complex_t step[BITS]; /* step[b] turns by 2 pi / 2^(b + 1) */
    double c = -1;
    for (unsigned b = 0; b < BITS; b++) {
        double s = __builtin_sqrt((1 - c) * (1 + c));
        step[b] = (complex_t){c, -s};
        c = __builtin_sqrt((1 + c) / 2);
    }
    for (unsigned i = 0; i < SIZE / 2; i++) {
        complex_t r = {1, 0};
        for (unsigned b = 0; b < BITS; b++) {
            if (i << (b + 1) & SIZE) {
                r = (complex_t){r.re * step[b].re - r.im * step[b].im,
                                r.re * step[b].im + r.im * step[b].re};
            }
        }
        roots[i] = r;
    }
}

static void reorder(complex_t *v) {
    for (unsigned i = 0, j = 0; i < SIZE; i++) {
        if (i < j) {
            complex_t t = v[i];
            v[i] = v[j];
            v[j] = t;
        }
        unsigned bit = SIZE / 2;
        for (; j & bit; bit /= 2) {
            j ^= bit;
        }
        j |= bit;
    }
}

static NOINLINE void transform(complex_t *v, double sign) {
    reorder(v);
    for (unsigned half = 1; half < SIZE; half *= 2) {
        for (unsigned start = 0; start < SIZE; start += 2 * half) {
            for (unsigned k = 0; k < half; k++) {
                complex_t w = roots[k * (SIZE / 2 / half)];
                complex_t *a = &v[start + k], *b = a + half;
                double im = w.im * sign;
                double re = b->re * w.re - b->im * im;
                im = b->re * im + b->im * w.re;
                *b = (complex_t){a->re - re, a->im - im};
                *a = (complex_t){a->re + re, a->im + im};
            }
        }
    }
}

BENCH(fft) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    make_roots();
    for (unsigned i = 0; i < SIZE; i++) {
        values[i] = (complex_t){(double)(next_random(&random) >> 16), 0};
    }
    transform(values, 1);
    hash = mix_double(hash, values[1].re);
    transform(values, -1);
    for (unsigned i = 0; i < SIZE; i++) {
        hash = mix_double(hash, values[i].re / SIZE);
    }
    return hash;
}
