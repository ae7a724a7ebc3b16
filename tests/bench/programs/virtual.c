/* SPDX-License-Identifier: MIT */
/* Objects with tables of functions: every step of the simulation is a virtual call. */
#include "bench.h"

#define SHAPES 256u
#define ROUNDS 60u

typedef struct shape shape_t;

typedef struct shape_ops {
    uint32_t (*area)(const shape_t *self);
    void (*scale)(shape_t *self, uint32_t by);
    bool (*contains)(const shape_t *self, int32_t x, int32_t y);
} shape_ops_t;

struct shape {
    const shape_ops_t *ops;
    int32_t x, y;
    uint32_t a, b;
};

static shape_t shapes[SHAPES];

static uint32_t box_area(const shape_t *s) {
    return s->a * s->b;
}
static void box_scale(shape_t *s, uint32_t by) {
    s->a = (s->a * by >> 4) + 1;
    s->b = (s->b * by >> 4) + 1;
}
static bool box_contains(const shape_t *s, int32_t x, int32_t y) {
    return (uint32_t)(x - s->x) < s->a && (uint32_t)(y - s->y) < s->b;
}

static uint32_t disc_area(const shape_t *s) {
    return s->a * s->a * 355 / 113;
}
static void disc_scale(shape_t *s, uint32_t by) {
    s->a = (s->a * by >> 4) + 1;
}
static bool disc_contains(const shape_t *s, int32_t x, int32_t y) {
    return (uint32_t)((x - s->x) * (x - s->x) + (y - s->y) * (y - s->y)) < s->a * s->a;
}

static uint32_t corner_area(const shape_t *s) {
    return s->a * s->b / 2;
}
static bool corner_contains(const shape_t *s, int32_t x, int32_t y) {
    return x >= s->x && y >= s->y && (uint32_t)(x - s->x + y - s->y) < s->a;
}

static const shape_ops_t box = {box_area, box_scale, box_contains};
static const shape_ops_t disc = {disc_area, disc_scale, disc_contains};
static const shape_ops_t corner = {corner_area, box_scale, corner_contains};

BENCH(virtual) {
    static const shape_ops_t *const kinds[] = {&box, &disc, &corner};
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (unsigned i = 0; i < SHAPES; i++) {
        shapes[i] =
            (shape_t){kinds[next_random(&random) % 3], (int32_t)(next_random(&random) % 512),
                      (int32_t)(next_random(&random) % 512), next_random(&random) % 256 + 1,
                      next_random(&random) % 256 + 1};
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t area = 0, inside = 0;
        int32_t x = (int32_t)(next_random(&random) % 512),
                y = (int32_t)(next_random(&random) % 512);
        for (unsigned i = 0; i < SHAPES; i++) {
            shape_t *s = &shapes[i];
            area += s->ops->area(s);
            inside += s->ops->contains(s, x, y);
            s->ops->scale(s, s->a > 300 ? 8 : 17);
        }
        hash = mix(hash, (uint64_t)area << 32 | inside);
    }
    return hash;
}
