/* SPDX-License-Identifier: MIT */
/* The Mandelbrot set in a small window. */
#include "bench.h"

#define WIDTH 96u
#define HEIGHT 64u
#define LIMIT 64u

static NOINLINE uint32_t escape_time(double cx, double cy) {
    double x = 0, y = 0;
    uint32_t i = 0;
    while (i < LIMIT && x * x + y * y < 4) {
        double t = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = t;
        i++;
    }
    return i;
}

BENCH(mandelbrot) {
    uint64_t hash = MIX_START;
    for (uint32_t row = 0; row < HEIGHT; row++) {
        for (uint32_t column = 0; column < WIDTH; column++) {
            double cx = (double)column * 3 / WIDTH - 2 * (double)n;
            double cy = (double)row * 2 / HEIGHT - 1;
            hash = mix(hash, escape_time(cx, cy));
        }
    }
    return hash;
}
