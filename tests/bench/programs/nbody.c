/* SPDX-License-Identifier: MIT */
/* Gravity between five bodies, Euler's method. */
#include "bench.h"

#define BODIES 5u
#define STEPS 6000u

typedef struct body {
    double x, y, z, vx, vy, vz, mass;
} body_t;

static body_t bodies[BODIES];

static NOINLINE void advance(double dt) {
    for (unsigned i = 0; i < BODIES; i++) {
        body_t *a = &bodies[i];
        for (unsigned j = i + 1; j < BODIES; j++) {
            body_t *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz + 0.01;
            double pull = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    }
    for (unsigned i = 0; i < BODIES; i++) {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

static double unit(uint32_t *random) {
    return (double)(int32_t)next_random(random) / 2147483648.0;
}

BENCH(nbody) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (unsigned i = 0; i < BODIES; i++) {
        bodies[i] =
            (body_t){unit(&random) * 9, unit(&random) * 9, unit(&random) * 9,  unit(&random) / 9,
                     unit(&random) / 9, unit(&random) / 9, unit(&random) + 1.5};
    }
    for (unsigned i = 0; i < STEPS; i++) {
        advance(0.001);
    }
    for (unsigned i = 0; i < BODIES; i++) {
        hash = mix_double(hash, bodies[i].x);
        hash = mix_double(hash, bodies[i].vy);
    }
    return hash;
}
