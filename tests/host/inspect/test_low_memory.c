/* SPDX-License-Identifier: MIT */
/* Which memory lies at address 0, and that translation and kernel are told the same. */
#include "tests/host/inspect/linking.h"

#define MEMORY(t, literal) SECTION(t, 5, "\1" literal)

/* Of an image whose main module has just these sections. */
static bool is_low_with(text_t *sections, bool large_memory) {
    plan_t p = {.large_memory = large_memory};
    add(&p.link, "main", module_file(sections));
    bool low = plan_has_low_memory(&p, 0);
    link_free(&p.link);
    return low;
}

static bool is_low(text_t *sections) {
    return is_low_with(sections, false);
}

static void test_which(void **state) {
    (void)state;
    text_t t = {0};
    /* 32-bit, of 64 KiB pages: whatever its maximum, and also where that is said, or it is shared.
     */
    MEMORY(&t, "\0\1");
    assert_true(is_low(&t));
    MEMORY(&t, "\0\0");
    assert_true(is_low(&t));
    MEMORY(&t, "\1\1\x80\x80\4");
    assert_true(is_low(&t));
    MEMORY(&t, "\3\1\2");
    assert_true(is_low(&t));
    MEMORY(&t, "\x08\1\x10");
    assert_true(is_low(&t));
    /* As many pages as there can be, and one more. */
    MEMORY(&t, "\0\xff\xff\1");
    assert_true(is_low(&t));
    MEMORY(&t, "\0\x80\x80\2");
    assert_false(is_low(&t));
    MEMORY(&t, "\0\xff\xff\3");
    assert_false(is_low(&t));
}

static void test_which_not(void **state) {
    (void)state;
    text_t t = {0};
    assert_false(is_low(&t));
    /* Wanted larger. */
    MEMORY(&t, "\0\1");
    assert_false(is_low_with(&t, true));
    /* 64-bit; pages of one byte. */
    MEMORY(&t, "\4\1");
    assert_false(is_low(&t));
    MEMORY(&t, "\x08\1\0");
    assert_false(is_low(&t));
    /* Two; one that is imported; both. */
    SECTION(&t, 5, "\2\0\1\0\1");
    assert_false(is_low(&t));
    SECTION(&t, 2, "\1\1e\1m\2\0\1");
    assert_false(is_low(&t));
    SECTION(&t, 2, "\1\1e\1m\2\0\1");
    MEMORY(&t, "\0\1");
    assert_false(is_low(&t));
}

static const char *with_memory(void) {
    text_t t = {0};
    MEMORY(&t, "\0\1");
    return module_file(&t);
}

/* The text between two others. */
static void part_has(const text_t *t, const char *from, const char *to, const char *words,
                     bool expected) {
    const char *start = strstr(t->data, from);
    assert_non_null(start);
    const char *end = strstr(start, to);
    assert_non_null(end);
    const char *found = strstr(start, words);
    assert_int_equal(found != NULL && found < end, expected);
}

/* Of two modules alike, the main one: for ingot-mend, and for the kernel. */
static void test_main_alone(void **state) {
    (void)state;
    for (uint32_t main = 0; main < 2; main++) {
        plan_t p = {.n_args = 0};
        link_t *l = &p.link;
        host_init(&l->host);
        add(l, "one", with_memory());
        add(l, "two", with_memory());
        l->main = main;
        assert_int_equal(resolve(l), STATUS_OK);
        text_t t = {0};
        for (uint32_t i = 0; i < 2; i++) {
            bool low = i == main;
            assert_int_equal(plan_has_low_memory(&p, i), low);
            emit_translation(&t, &p, i);
            text_t expected = {0};
            text_addf(&expected, "\t%s\t%s\n", low ? "--low-memory" : "-", l->modules[i].path);
            assert_non_null(strstr(t.data, expected.data));
            text_free(&expected);
            text_free(&t);
        }
        emit_image(&t, &p);
        part_has(&t, "instance_one = {", "};", ".low_memory = true,\n", main == 0);
        part_has(&t, "instance_two = {", "};", ".low_memory = true,\n", main == 1);
        text_free(&t);
        emit_plan_text(&t, &p);
        assert_int_equal(strncmp(t.data,
                                 "# symbol\toutputs\tcode bytes\tlargest body\t"
                                 "wasm2c flags\tmend flags\tfile\n",
                                 70),
                         0);
        text_free(&t);
        link_free(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which),
        cmocka_unit_test(test_which_not),
        cmocka_unit_test(test_main_alone),
    };
    return cmocka_run_group_tests(tests, make_directory, drop_directory);
}
