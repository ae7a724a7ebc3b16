/* SPDX-License-Identifier: MIT */
/* The boot-argument parser: grammar, decoding, and refusal of everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/core/bootargs.h"

static char text[65536];
static const char *bad, *why;

static status_t parse(const char *s) {
    snprintf(text, sizeof text, "%s", s);
    bad = why = NULL;
    return bootargs_parse(text, &bad, &why);
}

static void assert_refused(const char *s, const char *word, const char *reason) {
    assert_int_equal(parse(s), ERR_CORRUPT);
    assert_string_equal(bad, word);
    assert_string_equal(why, reason);
    assert_int_equal(bootargs.n_args, 0);
    assert_int_equal(bootargs.n_env, 0);
}

static void empty_and_blank(void **state) {
    (void)state;
    assert_int_equal(parse(""), STATUS_OK);
    assert_false(bootargs.has_args);
    assert_false(bootargs.has_env);
    assert_int_equal(parse("  \t \n "), STATUS_OK);
    assert_int_equal(bootargs.n_args, 0);
}

static void arguments_after_separator(void **state) {
    (void)state;
    assert_int_equal(parse("-- app a%20b % -- --x env.A=1 ingot.log=info"), STATUS_OK);
    assert_true(bootargs.has_args);
    assert_int_equal(bootargs.n_args, 7);
    assert_string_equal(bootargs.args[0], "app");
    assert_string_equal(bootargs.args[1], "a b");
    assert_string_equal(bootargs.args[2], "");
    assert_string_equal(bootargs.args[3], "--");
    assert_string_equal(bootargs.args[5], "env.A=1");
    assert_string_equal(bootargs.args[6], "ingot.log=info");
    assert_null(bootargs_option("log"));
}

static void separator_alone_gives_no_arguments(void **state) {
    (void)state;
    assert_int_equal(parse("--"), STATUS_OK);
    assert_true(bootargs.has_args);
    assert_int_equal(bootargs.n_args, 0);
}

static void environment_keeps_order_and_bytes(void **state) {
    (void)state;
    assert_int_equal(parse("env.B=2 env.A=x%3dy%0A env.EMPTY="), STATUS_OK);
    assert_true(bootargs.has_env);
    assert_int_equal(bootargs.n_env, 3);
    assert_string_equal(bootargs.env[0], "B=2");
    assert_string_equal(bootargs.env[1], "A=x=y\n");
    assert_string_equal(bootargs.env[2], "EMPTY=");
}

static void options(void **state) {
    (void)state;
    assert_int_equal(parse("ingot.mount=a:/x ingot.map ingot.mount=b:/y"), STATUS_OK);
    assert_string_equal(bootargs_option("map"), "");
    assert_null(bootargs_option("seed"));
    assert_string_equal(bootargs_option("mount"), "a:/x");
    assert_string_equal(bootargs_option_nth("mount", 1), "b:/y");
    assert_null(bootargs_option_nth("mount", 2));
}

static void refusals(void **state) {
    (void)state;
    assert_refused("hello", "hello", "expected ingot.KEY, env.NAME or --");
    assert_refused("ingot.nope=1", "ingot.nope", "unknown kernel option");
    assert_refused("env.=1", "env.=1", "an environment variable needs NAME=VALUE");
    assert_refused("env.A", "env.A", "an environment variable needs NAME=VALUE");
    assert_refused("-- a%0", "a%0", "'%' must be followed by two hexadecimal digits");
    assert_refused("-- a%zz", "a%zz", "'%' must be followed by two hexadecimal digits");
    assert_refused("-- a%00b", "a%00b", "%00 cannot be part of an argument");
}

static void too_many_words(void **state) {
    (void)state;
    char *p = text;
    p += sprintf(p, "--");
    for (int i = 0; i < 1100; i++) {
        p += sprintf(p, " a");
    }
    assert_int_equal(bootargs_parse(text, &bad, &why), ERR_CORRUPT);
    assert_string_equal(why, "too many arguments and environment variables");
}

static void numbers(void **state) {
    (void)state;
    uint64_t v = 7;
    assert_true(parse_u64("0", &v));
    assert_int_equal(v, 0);
    assert_true(parse_u64("18446744073709551615", &v));
    assert_true(v == UINT64_MAX);
    assert_true(parse_u64("0xfFfFfFfFfFfFfFfF", &v));
    assert_true(v == UINT64_MAX);
    v = 7;
    assert_false(parse_u64("18446744073709551616", &v));
    assert_false(parse_u64("0x10000000000000000", &v));
    assert_false(parse_u64("", &v));
    assert_false(parse_u64("0x", &v));
    assert_false(parse_u64("-1", &v));
    assert_false(parse_u64("12a", &v));
    assert_int_equal(v, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_blank),
        cmocka_unit_test(arguments_after_separator),
        cmocka_unit_test(separator_alone_gives_no_arguments),
        cmocka_unit_test(environment_keeps_order_and_bytes),
        cmocka_unit_test(options),
        cmocka_unit_test(refusals),
        cmocka_unit_test(too_many_words),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
