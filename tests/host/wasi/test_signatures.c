/* SPDX-License-Identifier: MIT */
/* wasi.h declares what functions.def lists: each symbol, parameter by parameter; trace.def shows
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/wasi/wasi.h"

#define I uint32_t
#define L uint64_t
#define C wasm_caller_t *
#define SHAPE(f)                                                                                   \
    _Generic(&(f),                                                                                 \
        I(*)(C): ">i",                                                                             \
        void (*)(C, I): "i>",                                                                      \
        I (*)(C, I): "i>i",                                                                        \
        I (*)(C, I, I): "ii>i",                                                                    \
        I (*)(C, I, I, I): "iii>i",                                                                \
        I (*)(C, I, I, I, I): "iiii>i",                                                            \
        I (*)(C, I, I, I, I, I): "iiiii>i",                                                        \
        I (*)(C, I, I, I, I, I, I): "iiiiii>i",                                                    \
        I (*)(C, I, I, I, I, I, I, I): "iiiiiii>i",                                                \
        I (*)(C, I, L): "iI>i",                                                                    \
        I (*)(C, I, L, I): "iIi>i",                                                                \
        I (*)(C, I, L, I, I): "iIii>i",                                                            \
        I (*)(C, I, L, L): "iII>i",                                                                \
        I (*)(C, I, L, L, I): "iIIi>i",                                                            \
        I (*)(C, I, I, I, L, I): "iiiIi>i",                                                        \
        I (*)(C, I, I, I, I, L, L, I): "iiiiIIi>i",                                                \
        I (*)(C, I, I, I, I, I, L, L, I, I): "iiiiiIIii>i",                                        \
        default: "a shape that no function has")

typedef struct listed {
    const char *symbol, *field, *expected, *declared;
} listed_t;

static const listed_t functions[] = {
#define HOST_FUNC(namespace, field, symbol, params, results)                                       \
    {namespace "." #symbol, #field, params ">" results, SHAPE(symbol)},
#include "kernel/wasi/functions.def"
#undef HOST_FUNC
};

static void test_declarations(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        print_message("%s\n", functions[i].symbol);
        assert_string_equal(functions[i].declared, functions[i].expected);
    }
    /* 46 of preview 1; 45 of preview 0, which has no sock_accept. */
    assert_int_equal(sizeof functions / sizeof *functions, 91);
}

/* How many parameters each kind of trace.def stands for. */
static size_t traced_parameters(const char *format) {
    size_t n = 0;
    for (const char *p = strchr(format, ':'); p != NULL; p = strchr(p + 1, ':')) {
        assert_non_null(strchr("dxpsboirRcw", p[1]));
        n += strchr("sboi", p[1]) != NULL ? 2 : 1;
    }
    return n;
}

static void test_traces(void **state) {
    (void)state;
    static const struct {
        const char *field, *format;
    } traces[] = {
#define TRACE(field, format) {#field, format},
#include "kernel/wasi/trace.def"
#undef TRACE
    };
    size_t found = 0;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const char *field = functions[i].field;
        for (size_t k = 0; k < sizeof traces / sizeof *traces; k++) {
            if (strcmp(field, traces[k].field) == 0) {
                print_message("%s\n", field);
                assert_int_equal(traced_parameters(traces[k].format),
                                 strcspn(functions[i].expected, ">"));
                found++;
            }
        }
    }
    assert_int_equal(found, sizeof functions / sizeof *functions);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_declarations),
                                       cmocka_unit_test(test_traces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
