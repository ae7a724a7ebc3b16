/* SPDX-License-Identifier: MIT */
/* Exceptions (tests/guest/user/exception.c), and where they end. */
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

static void check(user_fn_t fn) {
    wasm_trap_t trap;
    uint64_t line;
    CHECK(user_call(fn, 0, &line, &trap));
    if (line != 0) {
        FAIL("line %lu of tests/guest/user", line);
    }
}

static void thrown_is_caught(void) {
    check(user_thrown_is_caught);
}

static void handlers_nest(void) {
    check(user_handlers_nest);
}

static void largest_values(void) {
    check(user_largest_values);
}

static void uncaught_is_a_trap(void) {
    wasm_trap_t trap;
    for (unsigned i = 0; i < 3; i++) {
        CHECK(!user_call(user_throw, 0, NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    }
}

/* Its handler is gone with the call that trapped. */
static void traps_are_not_exceptions(void) {
    wasm_trap_t trap;
    for (unsigned i = 0; i < 2; i++) {
        CHECK(!user_call(user_trap_inside_try, 0, NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_UNREACHABLE);
        CHECK(!user_call(user_throw, 0, NULL, &trap));
        CHECK_EQ(trap.kind, WASM_RT_TRAP_UNCAUGHT_EXCEPTION);
    }
}

static const guest_test_t wasm_exception_tests[] = {
    {"what is thrown is caught, with tag and values", thrown_is_caught},
    {"handlers nest, and throw again", handlers_nest},
    {"uncaught is a trap", uncaught_is_a_trap},
    {"a trap is not caught as an exception, and ends its handlers", traps_are_not_exceptions},
    {"values of the largest size arrive", largest_values},
};
GUEST_GROUP(wasm_exception, "wasm-exception");
