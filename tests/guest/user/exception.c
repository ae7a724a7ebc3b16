/* SPDX-License-Identifier: MIT */
/* Exceptions as generated code raises and catches them: WASM_RT_UNWIND_TARGET and wasm_rt_try. */
#include <string.h>

#include "tests/guest/user/user.h"

static const char tag_a = 'a', tag_b = 'b';

typedef struct values {
    uint32_t i;
    double d;
} values_t;

/* The first line that was wrong. */
static uint64_t wrong;

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition) && wrong == 0) {                                                          \
            wrong = __LINE__;                                                                      \
        }                                                                                          \
    } while (0)

static void throw_values(wasm_rt_tag_t tag, uint32_t i, double d) {
    const values_t v = {i, d};
    wasm_rt_load_exception(tag, sizeof v, &v);
    wasm_rt_throw();
}

/* What try ... catch_all becomes: true when fn threw. */
static bool try_catch(void (*fn)(void *), void *arg) {
    WASM_RT_UNWIND_TARGET *volatile outer = wasm_rt_get_unwind_target();
    WASM_RT_UNWIND_TARGET target;
    bool caught = wasm_rt_try(target) != 0;
    if (!caught) {
        wasm_rt_set_unwind_target(&target);
        fn(arg);
    }
    wasm_rt_set_unwind_target(outer);
    return caught;
}

static void check_exception(wasm_rt_tag_t tag, uint32_t i, double d) {
    values_t v;
    MUST(wasm_rt_exception_tag() == tag);
    MUST(wasm_rt_exception_size() == sizeof v);
    memcpy(&v, wasm_rt_exception(), sizeof v);
    MUST(v.i == i);
    MUST(v.d == d);
}

static void throw_seven(void *unused) {
    (void)unused;
    throw_values(&tag_a, 7, 0.5);
}

static void throw_without_values(void *unused) {
    (void)unused;
    wasm_rt_load_exception(&tag_b, 0, NULL);
    wasm_rt_throw();
}

static void return_quietly(void *unused) {
    (void)unused;
}

uint64_t user_thrown_is_caught(uint64_t unused) {
    (void)unused;
    wrong = 0;
    MUST(try_catch(throw_seven, NULL));
    check_exception(&tag_a, 7, 0.5);
    MUST(!try_catch(return_quietly, NULL));
    MUST(try_catch(throw_without_values, NULL));
    MUST(wasm_rt_exception_tag() == &tag_b);
    MUST(wasm_rt_exception_size() == 0);
    MUST(wasm_rt_get_unwind_target() == NULL);
    return wrong;
}

/* Catches the inner one, throws another. */
static void rethrow(void *arg) {
    unsigned *depth = arg;
    if (*depth == 0) {
        throw_values(&tag_a, 100, 1.0);
    }
    unsigned inner = *depth - 1;
    MUST(try_catch(rethrow, &inner));
    check_exception(*depth == 1 ? &tag_a : &tag_b, 100 + inner, 1.0);
    throw_values(&tag_b, 100 + *depth, 1.0);
}

uint64_t user_handlers_nest(uint64_t unused) {
    unsigned depth = 30;
    (void)unused;
    wrong = 0;
    MUST(try_catch(rethrow, &depth));
    check_exception(&tag_b, 130, 1.0);
    return wrong;
}

uint64_t user_throw(uint64_t unused) {
    (void)unused;
    throw_seven(NULL);
    return 0;
}

/* catch_all catches exceptions, not traps. */
static void trap_unreachable(void *unused) {
    (void)unused;
    wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
}

uint64_t user_trap_inside_try(uint64_t unused) {
    (void)unused;
    return try_catch(trap_unreachable, NULL);
}

static void largest(void *values) {
    wasm_rt_load_exception(&tag_a, WASM_EXN_MAX_SIZE, values);
    wasm_rt_throw();
}

uint64_t user_largest_values(uint64_t unused) {
    uint8_t values[WASM_EXN_MAX_SIZE];
    (void)unused;
    wrong = 0;
    for (unsigned i = 0; i < sizeof values; i++) {
        values[i] = (uint8_t)(i * 7);
    }
    MUST(try_catch(largest, values));
    MUST(wasm_rt_exception_size() == WASM_EXN_MAX_SIZE);
    MUST(memcmp(wasm_rt_exception(), values, WASM_EXN_MAX_SIZE) == 0);
    return wrong;
}

uint64_t user_values_too_large(uint64_t unused) {
    static const uint8_t values[WASM_EXN_MAX_SIZE + 1];
    (void)unused;
    wasm_rt_load_exception(values, sizeof values, values);
    return 0;
}
