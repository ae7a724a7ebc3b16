/* SPDX-License-Identifier: MIT */
/* Names as wasm2c 1.0.39 spelled them when it was given a module that exports and imports them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "toolchain/inspect/mangle.h"
#include "toolchain/inspect/types.h"

static const struct {
    const char *name, *as_field, *as_module;
} cases[] = {
    {"", "", ""},
    {"_start", "0x5Fstart", "0x5Fstart"},
    {"a_b", "a_b", "a__b"},
    {"a__b", "a_0x5Fb", "a__0x5Fb"},
    {"a___b", "a_0x5F_b", "a__0x5F__b"},
    {"__a", "0x5F_a", "0x5F__a"},
    {"a_", "a0x5F", "a0x5F"},
    {"_", "0x5F", "0x5F"},
    {"0x41", "0x0x341", "0x0x341"},
    {"0xA", "0x0x41", "0x0x41"},
    {"00xA", "00xA", "00xA"},
    {"0x0xAB", "0x0x30xAB", "0x0x30xAB"},
    {"0xg", "0xg", "0xg"},
    {"x0xFFz", "x0x0x46Fz", "x0x0x46Fz"},
    {"0x_A", "0x_A", "0x__A"},
    {"0X1", "0X1", "0X1"},
    {"10xA0", "10x0x410", "10x0x410"},
    {"0xx0xA", "0xx0x0x41", "0xx0x0x41"},
    {"a b", "a0x20b", "a0x20b"},
    {"a-b.c", "a0x2Db0x2Ec", "a0x2Db0x2Ec"},
    {"?*/", "0x3F0x2A0x2F", "0x3F0x2A0x2F"},
    {"\xc3\xa9", "0xC30xA9", "0xC30xA9"},
};

static void test_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text_t field = {0}, module = {0};
        mangle_name(&field, name_of(cases[i].name));
        mangle_module(&module, name_of(cases[i].name));
        assert_string_equal(text_str(&field), cases[i].as_field);
        assert_string_equal(text_str(&module), cases[i].as_module);
        text_free(&field);
        text_free(&module);
    }
}

static void test_symbol(void **state) {
    (void)state;
    text_t t = {0};
    mangle_symbol(&t, name_of("wasi_snapshot_preview1"), name_of("fd_write"));
    assert_string_equal(t.data, "w2c_wasi__snapshot__preview1_fd_write");
    text_free(&t);
}

static void test_escapes(void **state) {
    (void)state;
    text_t t = {0};
    text_c_string(&t, "a\"\\\n\0?\x7f", 7);
    assert_string_equal(t.data, "\"a\\042\\134\\012\\\\00\\077\\177\"");
    text_free(&t);
    text_json(&t, "a\"\\\n\0\xc3\xa9\xff", 8);
    assert_string_equal(t.data, "\"a\\\"\\\\\\u000a\\u0000\xc3\xa9\\ufffd\"");
    text_free(&t);
    text_printable(&t, "a\x1b[1m\xff", 6);
    assert_string_equal(t.data, "a\\1b[1m\\ff");
    text_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_symbol),
        cmocka_unit_test(test_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
