/* SPDX-License-Identifier: MIT */
/*
 * The <math.h> of translated code: just what wasm2c's output uses. Everything is a compiler builtin,
 * so that it becomes an instruction where there is one; the rest comes from picolibc's libm.
 */
#ifndef INGOT_WASM_MATH_H
#define INGOT_WASM_MATH_H

#define isnan(x) __builtin_isnan(x)
#define signbit(x) __builtin_signbit(x)

double ceil(double);
double copysign(double, double);
double fabs(double);
double floor(double);
double nearbyint(double);
double sqrt(double);
double trunc(double);
float ceilf(float);
float copysignf(float, float);
float fabsf(float);
float floorf(float);
float nearbyintf(float);
float sqrtf(float);
float truncf(float);

#undef INFINITY
#define INFINITY __builtin_inff()
#undef NAN
#define NAN __builtin_nanf("")

#endif
