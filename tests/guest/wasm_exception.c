/* SPDX-License-Identifier: MIT */
/* Exceptions as generated code raises and catches them: WASM_RT_UNWIND_TARGET and wasm_rt_try. */
#include <string.h>

#include "kernel/wasm/trap.h"
#include "tests/guest/groups.h"

static const char tag_a = 'a', tag_b = 'b';

typedef struct values {
    uint32_t i;
    double d;
} values_t;

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
    CHECK(wasm_rt_exception_tag() == tag);
    CHECK_EQ(wasm_rt_exception_size(), sizeof v);
    memcpy(&v, wasm_rt_exception(), sizeof v);
    CHECK_EQ(v.i, i);
    CHECK(v.d == d);
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

static void catch_in_call(void *unused) {
    (void)unused;
    CHECK(try_catch(throw_seven, NULL));
    check_exception(&tag_a, 7, 0.5);
    CHECK(!try_catch(return_quietly, NULL));
    CHECK(try_catch(throw_without_values, NULL));
    CHECK(wasm_rt_exception_tag() == &tag_b);
    CHECK_EQ(wasm_rt_exception_size(), 0);
    CHECK(wasm_rt_get_unwind_target() == NULL);
}

static void thrown_is_caught(void) {
    wasm_trap_t trap;
    CHECK(wasm_call_protected(catch_in_call, NULL, &trap));
}

/* Catches the inner one, throws another. */
static void rethrow(void *arg) {
    unsigned *depth = arg;
    if (*depth == 0) {
        throw_values(&tag_a, 100, 1.0);
    }
    unsigned inner = *depth - 1;
    CHECK(try_catch(rethrow, &inner));
    check_exception(*depth == 1 ? &tag_a : &tag_b, 100 + inner, 1.0);
    throw_values(&tag_b, 100 + *depth, 1.0);
}

static void catch_rethrown(void *unused) {
    (void)unused;
    unsigned depth = 30;
    CHECK(try_catch(rethrow, &depth));
    check_exception(&tag_b, 130, 1.0);
}

static void handlers_nest(void) {
    wasm_trap_t trap;
    CHECK(wasm_call_protected(catch_rethrown, NULL, &trap));
}

static void uncaught_is_a_trap(void) {
    wasm_trap_t trap;
    for (unsigned i = 0; i < 3; i++) {
        CHECK(!wasm_call_protected(throw_seven, NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    }
}

/* A handler outside a protected call is not for what happens inside. */
static void call_inside_try(void *unused) {
    (void)unused;
    wasm_trap_t trap;
    WASM_RT_UNWIND_TARGET *target = wasm_rt_get_unwind_target();
    CHECK(target != NULL);
    CHECK(!wasm_call_protected(throw_seven, NULL, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    CHECK(wasm_rt_get_unwind_target() == target);
    throw_values(&tag_b, 1, 2.0);
}

static void protected_calls_are_borders(void) {
    CHECK(try_catch(call_inside_try, NULL));
    check_exception(&tag_b, 1, 2.0);
}

/* catch_all catches exceptions, not traps. */
static void trap_unreachable(void *unused) {
    (void)unused;
    wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
}

static void trap_inside_try(void *caught) {
    *(bool *)caught = try_catch(trap_unreachable, NULL);
}

static void traps_are_not_exceptions(void) {
    bool caught = true, *at = &caught;
    wasm_trap_t trap;
    CHECK(!wasm_call_protected(trap_inside_try, at, &trap));
    CHECK_EQ(trap.kind, WASM_RT_TRAP_UNREACHABLE);
    CHECK(caught); /* was never written */
    CHECK(wasm_rt_get_unwind_target() == NULL);
}

static void largest(void *values) {
    wasm_rt_load_exception(&tag_a, WASM_EXN_MAX_SIZE, values);
    wasm_rt_throw();
}

static void catch_largest(void *values) {
    CHECK(try_catch(largest, values));
    CHECK_EQ(wasm_rt_exception_size(), WASM_EXN_MAX_SIZE);
    CHECK(memcmp(wasm_rt_exception(), values, WASM_EXN_MAX_SIZE) == 0);
}

static void values_of_the_largest_size(void) {
    uint8_t values[WASM_EXN_MAX_SIZE];
    wasm_trap_t trap;
    for (unsigned i = 0; i < sizeof values; i++) {
        values[i] = (uint8_t)(i * 7);
    }
    CHECK(wasm_call_protected(catch_largest, values, &trap));
}

static const guest_test_t wasm_exception_tests[] = {
    {"what is thrown is caught, with tag and values", thrown_is_caught},
    {"handlers nest, and throw again", handlers_nest},
    {"uncaught is a trap", uncaught_is_a_trap},
    {"a protected call is a border for exceptions", protected_calls_are_borders},
    {"a trap is not caught as an exception", traps_are_not_exceptions},
    {"values of the largest size arrive", values_of_the_largest_size},
};
GUEST_GROUP(wasm_exception, "wasm-exception");
