#include <ingot/host.h>

/* Registers have seven integers and eight floats; the other five are on the stack. */
INGOT_HOST("host", "mixed", uint64_t, host_mixed, int32_t a, float b, int64_t c, double d,
           uint32_t e, float f, uint64_t g, double h, int32_t i, float j, int64_t k, double l,
           uint32_t m, float n, uint64_t o, double p, int32_t q, int64_t r, uint32_t s,
           uint64_t t) {
    uint64_t bits = a == -1;
    bits |= (uint64_t)(b == 0.5f) << 1;
    bits |= (uint64_t)(c == -2) << 2;
    bits |= (uint64_t)(d == 1e300) << 3;
    bits |= (uint64_t)(e == 0xfffffffd) << 4;
    bits |= (uint64_t)(f == -0.25f) << 5;
    bits |= (uint64_t)(g == 0xfedcba9876543210) << 6;
    bits |= (uint64_t)(h == -1e-300) << 7;
    bits |= (uint64_t)(i == INT32_MIN) << 8;
    bits |= (uint64_t)(j == 3e38f) << 9;
    bits |= (uint64_t)(k == INT64_MIN) << 10;
    bits |= (uint64_t)(l == 0.1) << 11;
    bits |= (uint64_t)(m == 0x80000000) << 12;
    bits |= (uint64_t)(n == 7.0f) << 13;
    bits |= (uint64_t)(o == 0x0123456789abcdef) << 14;
    bits |= (uint64_t)(p == 8.0) << 15;
    bits |= (uint64_t)(q == -17) << 16;
    bits |= (uint64_t)(r == -18) << 17;
    bits |= (uint64_t)(s == 0xffffffed) << 18;
    bits |= (uint64_t)(t == 0x1400000014) << 19;
    return bits;
}

/* Floats that no register of theirs is left for are where integers would be. */
INGOT_HOST("host", "floats", double, host_floats, double a, double b, double c, double d, double e,
           double f, double g, double h, float i, double j, float k, double l, float m, double n,
           float o, double p, float q, double r, float s, double t) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * (double)i + 10 * j +
           11 * (double)k + 12 * l + 13 * (double)m + 14 * n + 15 * (double)o + 16 * p +
           17 * (double)q + 18 * r + 19 * (double)s + 20 * t;
}

/* The last one is on the stack. */
INGOT_HOST("host", "put", void, host_put, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
           uint32_t e, uint32_t f, uint32_t to, int32_t value) {
    uint8_t *p = ingot_memory(caller, to, 4);
    if (p == NULL) {
        ingot_trap(caller, "not in memory");
    }
    value += (int32_t)(a + b + c + d + e + f);
    __builtin_memcpy(p, &value, sizeof value);
}
