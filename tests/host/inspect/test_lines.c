/* SPDX-License-Identifier: MIT */
/* Debug information of modules that clang 19 made of lines/steps.c, and the marks made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/host/inspect/unmark.h"
#include "toolchain/lib/file.h"

static const char *const paths[] = {"lines/steps4.wasm", "lines/steps5.wasm"};

typedef struct loaded {
    uint8_t *bytes;
    size_t len;
    module_t m;
    sources_t s;
} loaded_t;

static loaded_t load(const char *path) {
    loaded_t l;
    parse_error_t error;
    assert_int_equal(file_read(path, &l.bytes, &l.len), STATUS_OK);
    assert_int_equal(module_parse(l.bytes, l.len, &l.m, &error), STATUS_OK);
    assert_true(sources_read(&l.m, l.bytes, l.len, &l.s));
    return l;
}

static void unload(loaded_t *l) {
    sources_free(&l->s);
    module_free(&l->m);
    free(l->bytes);
}

static uint32_t line_at(const sources_t *s, uint32_t offset) {
    uint32_t line = 0;
    for (uint32_t i = 0; i < s->n_lines && s->lines[i].offset <= offset; i++) {
        line = s->lines[i].line;
    }
    return line;
}

static void test_sources(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        loaded_t l = load(paths[i]);
        assert_int_equal(l.s.n_files, 1);
        assert_string_equal(l.s.files[0].path, "/project/steps.c");
        assert_string_equal(l.s.files[0].name, "steps.c");
        /* `dropped` is in the debug information, but not in the code. */
        assert_int_equal(l.s.n_bodies, 2);
        assert_int_equal(l.s.bodies[0].start, 0x02);
        assert_int_equal(l.s.bodies[0].declared.line, 18);
        assert_int_equal(l.s.bodies[1].start, 0x57);
        assert_int_equal(l.s.bodies[1].declared.line, 9);
        /* The offsets are those of `llvm-objdump -d`, from the section's contents. */
        assert_int_equal(line_at(&l.s, 0x27), 21); /* call divide */
        assert_int_equal(line_at(&l.s, 0x32), 22); /* call next */
        assert_int_equal(line_at(&l.s, 0x39), 0);
        assert_int_equal(line_at(&l.s, 0x5a), 10); /* call next */
        assert_int_equal(line_at(&l.s, 0x62), 11); /* i32.div_s */
        assert_int_equal(l.s.bodies[0].first_line, 0);
        assert_int_equal(l.s.bodies[0].n_lines + l.s.bodies[1].n_lines, l.s.n_lines);
        unload(&l);
    }
}

/* Marks a module, checks that nothing else of its code changed, and answers what the marks mean. */
static text_t mark(const loaded_t *l) {
    text_t out = {0}, marks = {0};
    unsigned first, n;
    assert_true(module_mark(&l->m, &l->s, l->bytes, l->len, &out, &marks));
    assert_int_equal(sscanf(text_str(&marks), "marks\t%u\t%u\n", &first, &n), 2);
    module_t again;
    sources_t bodies;
    parse_error_t error;
    assert_int_equal(module_parse((uint8_t *)out.data, out.len, &again, &error), STATUS_OK);
    /* Its debug information is gone: the bodies are there to be compared. */
    sources_read_bodies(&again, (uint8_t *)out.data, out.len, &bodies);
    assert_true(unmarks_to(&l->m, l->bytes, &l->s, (uint8_t *)out.data, &bodies, first, n));
    sources_free(&bodies);
    module_free(&again);
    text_free(&out);
    return marks;
}

static void test_marks(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        loaded_t l = load(paths[i]);
        text_t marks = mark(&l);
        assert_string_equal(text_str(&marks),
                            "marks\t64\t16\n"
                            "file\t/project/steps.c\n"
                            "0\t18\n0\t20\n0\t0\n0\t21\n0\t0\n0\t21\n0\t22\n0\t0\n"
                            "0\t20\n0\t0\n0\t20\n0\t0\n0\t24\n"
                            "0\t9\n0\t10\n0\t11\n");
        text_free(&marks);
        unload(&l);
    }
}

/* Lines that do not start at instructions are of other code: only the declaration is told. */
static void test_misfit(void **state) {
    (void)state;
    loaded_t l = load(paths[0]);
    l.s.lines[3].offset++;
    text_t marks = mark(&l);
    assert_string_equal(text_str(&marks), "marks\t64\t5\n"
                                          "file\t/project/steps.c\n"
                                          "0\t18\n0\t0\n"
                                          "0\t9\n0\t10\n0\t11\n");
    text_free(&marks);
    unload(&l);
}

/* Of a function that was moved, the sequence does not end where the function does. */
static void test_moved(void **state) {
    (void)state;
    loaded_t l = load(paths[0]);
    sources_free(&l.s);
    uint32_t bodies = l.m.space[KIND_FUNC].count - l.m.space[KIND_FUNC].n_imported;
    assert_int_equal(bodies, 2);
    /* Two bodies become two others: the first is a byte longer, a `nop` before its last `end`. */
    const size_t code = 0x4e, first_end = code + 0x56, second_end = code + 0x64;
    text_t t = {0};
    text_add(&t, (char *)l.bytes, second_end);
    t.data[code + 1]++;
    t.data[code - 1]++;
    text_t moved = {0};
    text_add(&moved, t.data, first_end - 1);
    text_add(&moved, "\x01\x0b", 2);
    text_add(&moved, t.data + first_end, second_end - first_end);
    text_add(&moved, (char *)l.bytes + second_end, l.len - second_end);
    module_t m;
    sources_t s;
    parse_error_t error;
    assert_int_equal(module_parse((uint8_t *)moved.data, moved.len, &m, &error), STATUS_OK);
    assert_true(sources_read(&m, (uint8_t *)moved.data, moved.len, &s));
    assert_int_equal(s.n_lines, 0);
    assert_int_equal(s.bodies[0].declared.line, 18); /* it starts where it did */
    assert_int_equal(s.bodies[1].declared.line, 0);
    sources_free(&s);
    module_free(&m);
    text_free(&t);
    text_free(&moved);
    module_free(&l.m);
    free(l.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_misfit),
        cmocka_unit_test(test_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
