/* SPDX-License-Identifier: MIT */
/* The border between modules and kernel: how many arguments a call carries, and its two sides. */
#include "kernel/user/call.h"
#include "tests/host/inspect/linking.h"

static uint32_t words_of(const char *letters) {
    valtype_t params[32];
    functype_t type = {.params = params, .n_params = (uint32_t)strlen(letters), .is_func = true};
    for (uint32_t i = 0; i < type.n_params; i++) {
        params[i] = letters[i] == 'i'   ? VT_I32
                    : letters[i] == 'I' ? VT_I64
                    : letters[i] == 'f' ? VT_F32
                                        : VT_F64;
    }
    return host_stack_words(&type);
}

/* Seven integers beside the caller, eight floats; floats that are left over go where integers do.
 */
static void test_stack_words(void **state) {
    (void)state;
    assert_int_equal(words_of(""), 0);
    assert_int_equal(words_of("iIiIiIi"), 0);
    assert_int_equal(words_of("iIiIiIiI"), 1);
    assert_int_equal(words_of("iIiIiIiIiIiI"), 5);
    assert_int_equal(words_of("fFfFfFfF"), 0);
    assert_int_equal(words_of("fFfFfFfFiIiIiIi"), 0);
    assert_int_equal(words_of("fFfFfFfFiIiIiIif"), 1);
    assert_int_equal(words_of("fFfFfFfFfFfFfFf"), 0);
    assert_int_equal(words_of("fFfFfFfFfFfFfFfF"), 1);
    assert_int_equal(words_of("iIiIiIifFfFfFfFiFi"), 3);
}

/* The plan looks at those of the user's C alone: the kernel's own must fit. */
static void test_kernel_functions(void **state) {
    (void)state;
    host_t host;
    host_init(&host);
    assert_true(host.n_funcs > 80);
    for (uint32_t i = 0; i < host.n_funcs; i++) {
        const host_func_t *f = &host.funcs[i];
        if (host_stack_words(&f->type) > USER_CALL_STACK_WORDS) {
            fail_msg("%s has more arguments than a call carries", f->symbol);
        }
        assert_true(f->type.n_results <= 1);
    }
    host_free(&host);
}

/* A declaration with so many of each. */
static status_t declare(unsigned integers, unsigned floats) {
    host_t host;
    text_t t = {0};
    text_puts(&t, "# 9 \"host.c\"\n__ingot_host(\"h\", \"f\", int32_t, h_f");
    for (unsigned i = 0; i < integers; i++) {
        text_addf(&t, ", %s i%u", i % 2 == 0 ? "int32_t" : "uint64_t", i);
    }
    for (unsigned i = 0; i < floats; i++) {
        text_addf(&t, ", %s f%u", i % 2 == 0 ? "float" : "double", i);
    }
    text_puts(&t, ") {}\n");
    host_init(&host);
    status_t s = add_source(&host, t.data);
    host_free(&host);
    text_free(&t);
    return s;
}

static void test_too_many(void **state) {
    (void)state;
    static const struct {
        unsigned integers, floats;
        bool good;
    } cases[] = {{12, 8, true},  {13, 0, false}, {13, 8, false},
                 {12, 9, false}, {0, 20, true},  {0, 21, false}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        status_t s = declare(cases[i].integers, cases[i].floats);
        if (cases[i].good) {
            assert_int_equal(messages.len, 0);
            assert_int_equal(s, STATUS_OK);
        } else {
            assert_int_not_equal(s, STATUS_OK);
            told("error: host.c:9: INGOT_HOST: more arguments than a call into the kernel "
                 "carries\n");
        }
    }
}

#define TWELVE                                                                                     \
    "uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5, uint32_t a6, "  \
    "uint32_t a7, uint32_t a8, uint32_t a9, uint32_t a10, uint32_t a11"
#define C_TWELVE                                                                                   \
    "int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, "   \
    "int32_t, int32_t"

static void has(const text_t *t, const char *words) {
    if (strstr(t->data, words) == NULL) {
        fail_msg("not found: %s\nin: %s", words, t->data);
    }
}

/* (func (param i32)), (func (param f64 i32 x 8)), (func (param i32 x 12) (result i64)) */
#define CALL_TYPES                                                                                 \
    "\3\x60\1\x7f\0\x60\x09\x7c\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\0"                                 \
    "\x60\x0c\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\1\x7e"

/* Words of the stack travel in t2 to t6. */
static void test_glue(void **state) {
    (void)state;
    plan_t p = {.n_args = 0};
    text_t t = {0};
    ADD(&t, HEADER);
    SECTION(&t, 1, CALL_TYPES);
    SECTION(&t, 2, "\3\1h\3few\0\0\1h\3one\0\1\1h\4five\0\2");
    host_init(&p.link.host);
    add(&p.link, "main", whole_file(&t));
    assert_int_equal(
        add_source(&p.link.host,
                   "__ingot_host(\"h\", \"few\", void, h_few, int32_t)\n"
                   "__ingot_host(\"h\", \"one\", void, h_one, double, int32_t, int32_t, int32_t, "
                   "int32_t, int32_t, int32_t, int32_t, int32_t)\n"
                   "__ingot_host(\"h\", \"five\", int64_t, h_five, " C_TWELVE ")\n"),
        STATUS_OK);
    assert_int_equal(resolve(&p.link), STATUS_OK);

    emit_user(&t, &p);
    has(&t, "USER_CALLER void ingot_main_w2c_h_few(struct w2c_h *unused, uint32_t a0) {\n"
            "    __asm__(\"li t0, 10\\n\\tecall\\n\\tret\");\n}\n");
    has(&t, "    __asm__(\"ld t2, 0(sp)\\n\\tli t0, 11\\n\\tecall\\n\\tret\");\n}\n");
    has(&t, "USER_CALLER uint64_t ingot_main_w2c_h_five(struct w2c_h *unused, " TWELVE ") {\n"
            "    __asm__(\"ld t2, 0(sp)\\n\\tld t3, 8(sp)\\n\\tld t4, 16(sp)\\n\\tld t5, 24(sp)\\n"
            "\\tld t6, 32(sp)\\n\\tli t0, 12\\n\\tecall\\n\\tret\");\n}\n");
    text_free(&t);

    emit_image(&t, &p);
    has(&t, "static void call_10(void *unused, uint32_t a0) {\n    (void)unused;\n"
            "    h_few(&caller_main, a0);\n}\n");
    has(&t, "USER_CALLER static void call_11(void) {\n"
            "    __asm__(\"addi sp, sp, -64\\n\\tsd ra, 56(sp)\\n\\tsd t2, 0(sp)\\n\\t"
            "call ingot_call_11\\n\\tld ra, 56(sp)\\n\\taddi sp, sp, 64\\n\\tret\");\n}\n");
    has(&t, "uint64_t ingot_call_12(void *unused, " TWELVE ") {\n    (void)unused;\n"
            "    return h_five(&caller_main, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11);\n"
            "}\n\nUSER_CALLER static void call_12(void) {\n"
            "    __asm__(\"addi sp, sp, -64\\n\\tsd ra, 56(sp)\\n\\tsd t2, 0(sp)\\n\\tsd t3, 8(sp)"
            "\\n\\tsd t4, 16(sp)\\n\\tsd t5, 24(sp)\\n\\tsd t6, 32(sp)\\n\\tcall ingot_call_12");
    has(&t, "    [12] = CALL(call_12),\n};\n");
    text_free(&t);
    link_free(&p.link);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_words),
        cmocka_unit_test(test_kernel_functions),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_glue),
    };
    return cmocka_run_group_tests(tests, make_directory, drop_directory);
}
