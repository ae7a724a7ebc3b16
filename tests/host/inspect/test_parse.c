/* SPDX-License-Identifier: MIT */
/* The parser: what it reads, and how it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/host/inspect/build.h"
#include "toolchain/inspect/expand.h"
#include "toolchain/inspect/types.h"

/* A module together with the bytes it points into, cut off exactly, so that ASan sees overreads. */
typedef struct parsed {
    uint8_t *bytes;
    size_t len;
    module_t m;
    parse_error_t error;
    status_t status;
} parsed_t;

static parsed_t parse(text_t *t) {
    parsed_t p = {.len = t->len, .bytes = malloc(t->len > 0 ? t->len : 1)};
    if (t->len > 0) {
        memcpy(p.bytes, t->data, t->len);
    }
    p.status = module_parse(p.bytes, p.len, &p.m, &p.error);
    text_free(t);
    return p;
}

/* No data segments are laid out. */
static const initial_t none;

static void drop(parsed_t *p) {
    if (p->status == STATUS_OK) {
        module_free(&p->m);
    }
    free(p->bytes);
}

static void refused(text_t *t, size_t offset, const char *words) {
    parsed_t p = parse(t);
    assert_int_not_equal(p.status, STATUS_OK);
    if (strstr(p.error.message, words) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", words, p.error.message);
    }
    assert_int_equal(p.error.offset, offset);
    drop(&p);
}

static void start(text_t *t) {
    ADD(t, HEADER);
    SECTION(t, 1, TYPES);
}

static void test_empty_module(void **state) {
    (void)state;
    text_t t = {0};
    ADD(&t, HEADER);
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_int_equal(p.m.n_imports + p.m.n_exports + p.m.n_types, 0);
    drop(&p);
}

static void test_everything(void **state) {
    (void)state;
    text_t t = {0};
    start(&t);
    SECTION(&t, 2, "\2\3env\3add\0\1\3env\1m\2\1\1\2");
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 4, "\1\x70\1\3\x0a");
    SECTION(&t, 6, "\1\x7e\1\x42\5\x0b");
    SECTION(&t, 7, "\4\6_start\0\1\6memory\2\0\1t\1\0\1g\3\0");
    SECTION(&t, 8, "\1");
    SECTION(&t, 9, "\1\0\x41\0\x0b\1\1");
    SECTION(&t, 10, "\1\5\0\x41\7\x1a\x0b");
    SECTION(&t, 11, "\1\0\x41\x08\x0b\3abc");
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_int_equal(p.m.n_imports, 2);
    assert_int_equal(p.m.space[KIND_FUNC].count, 2);
    assert_int_equal(p.m.space[KIND_FUNC].n_imported, 1);
    assert_int_equal(p.m.imports[1].type.limits.max, 2);
    assert_true(p.m.has_start && p.m.start == 1);
    assert_int_equal(p.m.data_size, 3);
    assert_int_equal(p.m.largest_body, 5);
    assert_int_equal(p.m.largest_body_index, 1);
    assert_true(p.m.features[FEATURE_MUTABLE_GLOBALS]);
    const export_t *e = module_find_export(&p.m, name_of("g"));
    assert_non_null(e);
    text_t type = {0};
    extern_type_text(&type, &p.m.space[e->kind].items[e->index]);
    assert_string_equal(type.data, "global mut i64");
    text_free(&type);
    extern_type_text(&type, &p.m.imports[0].type);
    assert_string_equal(type.data, "func (param i32 i32) (result i32)");
    text_free(&type);
    drop(&p);
}

static void test_not_wasm(void **state) {
    (void)state;
    text_t t = {0};
    refused(&t, 0, "magic header");
    ADD(&t, "\x7f"
            "ELF....");
    refused(&t, 0, "magic header");
    ADD(&t, "  \n;; comment\n(module)");
    refused(&t, 0, "text");
    ADD(&t, "(module)");
    refused(&t, 0, "wat2wasm");
    ADD(&t, "\0asm\x0d\0\1\0");
    refused(&t, 4, "component");
    ADD(&t, "\0asm\2\0\0\0");
    refused(&t, 4, "version 2");
    ADD(&t, "\0asm\1\0");
    refused(&t, 6, "unexpected end");
}

static void test_malformed(void **state) {
    (void)state;
    text_t t = {0};
    ADD(&t, HEADER "\1\x7f");
    refused(&t, 10, "section of 127 bytes");
    ADD(&t, HEADER "\1\x80\x80\x80\x80\x80\1");
    refused(&t, 9, "too long");
    ADD(&t, HEADER "\1\xff\xff\xff\xff\x1f");
    refused(&t, 9, "too large");
    ADD(&t, HEADER "\x20\0");
    refused(&t, 8, "section id");
    start(&t);
    SECTION(&t, 1, TYPES);
    refused(&t, 20, "out of order");
    start(&t);
    SECTION(&t, 3, "\1\7");
    refused(&t, 23, "unknown type 7");
    start(&t);
    SECTION(&t, 3, "\1\0");
    refused(&t, 24, "1 functions declared, but 0 bodies");
    start(&t);
    SECTION(&t, 2, "\1\2\xff\xfe\1x\0\0");
    refused(&t, 24, "UTF-8");
    start(&t);
    SECTION(&t, 7, "\1\1f\0\0");
    refused(&t, 26, "unknown index 0");
    start(&t);
    SECTION(&t, 5, "\1\1\5\2");
    refused(&t, 23, "minimum");
    start(&t);
    SECTION(&t, 5, "\1\0\1\0");
    refused(&t, 25, "longer than its contents");
    /* A count that no memory could hold must fail by the bytes that are there. */
    start(&t);
    SECTION(&t, 2, "\xff\xff\xff\xff\x0f");
    refused(&t, 22, "only 0 bytes");
}

static void test_bodies(void **state) {
    (void)state;
    text_t t = {0};
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\2\0\1");
    refused(&t, 30, "without end");
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\3\0\xff\x0b");
    refused(&t, 29, "illegal opcode 0xff");
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\3\0\x0b\x0b");
    refused(&t, 30, "after its end");
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\4\0\x10\7\x0b");
    refused(&t, 30, "unknown function 7");
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\x0a\2\xff\xff\xff\xff\x0f\x7f\1\x7f\x0b");
    refused(&t, 29, "too many locals");
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\x08\0\x41\0\x28\2\0\x1a\x0b");
    refused(&t, 32, "unknown memory 0");
}

/* The features one body uses, given the bytes between its locals and its `end`. */
static parsed_t with_body(const char *code, size_t n) {
    text_t t = {0};
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 4, "\1\x70\0\1");
    SECTION(&t, 5, "\1\0\1");
    SECTION(&t, 13, "\1\0\0");
    SECTION(&t, 9, "\1\1\0\0");
    SECTION(&t, 12, "\0");
    char head[5] = {10, (char)(n + 4), 1, (char)(n + 2), 0};
    text_add(&t, head, sizeof head);
    text_add(&t, code, n);
    ADD(&t, "\x0b");
    parsed_t p = parse(&t);
    if (p.status != STATUS_OK) {
        print_error("offset %zu: %s\n", p.error.offset, p.error.message);
    }
    assert_int_equal(p.status, STATUS_OK);
    return p;
}

static void test_features(void **state) {
    (void)state;
    static const struct {
        feature_t feature;
        const char *code;
        size_t n;
    } cases[] = {
#define CASE(feature, literal) {feature, literal, sizeof(literal) - 1}
        CASE(FEATURE_SIGN_EXT, "\x41\0\xc0\x1a"),
        CASE(FEATURE_SAT_FLOAT, "\x43\0\0\0\0\xfc\0\x1a"),
        CASE(FEATURE_BULK_MEMORY, "\x41\0\x41\0\x41\0\xfc\x0b\0"),
        CASE(FEATURE_REF_TYPES, "\xd0\x70\x1a"),
        CASE(FEATURE_SIMD, "\xfd\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x1a"),
        CASE(FEATURE_RELAXED_SIMD, "\xfd\x80\2"),
        CASE(FEATURE_TAIL_CALL, "\x12\0"),
        CASE(FEATURE_EXCEPTIONS_LEGACY, "\6\x40\x19\x0b"),
        CASE(FEATURE_EXCEPTIONS, "\x1f\x40\1\2\0\x0b"),
        CASE(FEATURE_ATOMICS, "\xfe\3\0"),
        CASE(FEATURE_ATOMIC_WAIT, "\x41\0\x41\0\xfe\0\2\0\x1a"),
        CASE(FEATURE_GC, "\x41\0\xfb\x1c\x1a"),
        CASE(FEATURE_TYPED_REFS, "\xd2\0\xd4\x1a"),
        CASE(FEATURE_MULTI_VALUE, "\x41\0\x41\0\2\1\x1a\x0b\x1a"),
        CASE(FEATURE_WIDE_ARITHMETIC, "\xfc\x13"),
#undef CASE
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        parsed_t p = with_body(cases[i].code, cases[i].n);
        if (!p.m.features[cases[i].feature]) {
            fail_msg("%s was not found", feature_id(cases[i].feature));
        }
        drop(&p);
        p = with_body("\1", 1);
        bool expected =
            cases[i].feature == FEATURE_EXCEPTIONS || cases[i].feature == FEATURE_BULK_MEMORY;
        assert_int_equal(p.m.features[cases[i].feature], expected);
        drop(&p);
    }
}

static void test_memory_features(void **state) {
    (void)state;
    text_t t = {0};
    ADD(&t, HEADER);
    SECTION(&t, 5, "\3\5\1\2\x08\1\0\3\1\1");
    SECTION(&t, 6, "\1\x7f\0\x41\1\x41\2\x6a\x0b");
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_true(p.m.features[FEATURE_MULTI_MEMORY]);
    assert_true(p.m.features[FEATURE_MEMORY64]);
    assert_true(p.m.features[FEATURE_CUSTOM_PAGE_SIZES]);
    assert_true(p.m.features[FEATURE_SHARED_MEMORY]);
    assert_true(p.m.features[FEATURE_EXTENDED_CONST]);
    assert_int_equal(p.m.space[KIND_MEMORY].items[1].page_size, 1);
    assert_null(feature_refusal(FEATURE_SHARED_MEMORY));
    /* Written for wasm2c, the third memory is like the others but no longer shared. */
    text_t out = {0};
    assert_true(module_needs_expansion(&p.m, &none));
    assert_int_equal(module_expand(&p.m, &none, p.bytes, p.len, &out), STATUS_OK);
    parsed_t q = parse(&out);
    assert_int_equal(q.status, STATUS_OK);
    assert_false(module_needs_expansion(&q.m, &none));
    for (unsigned i = 0; i < 3; i++) {
        extern_type_t want = p.m.space[KIND_MEMORY].items[i];
        want.limits.shared = false;
        assert_true(extern_matches(&q.m.space[KIND_MEMORY].items[i], &want));
    }
    drop(&q);
    drop(&p);
    ADD(&t, HEADER);
    SECTION(&t, 5, "\1\x08\1\5");
    refused(&t, 13, "page size");
    ADD(&t, HEADER);
    SECTION(&t, 5, "\1\2\1");
    refused(&t, 11, "must have maximums");
}

static void test_names(void **state) {
    (void)state;
    text_t t = {0};
    start(&t);
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 10, "\1\2\0\x0b");
    SECTION(&t, 0, "\4name\0\4\3mod\1\5\1\0\2fn");
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_true(name_equal(p.m.module_name, name_of("mod")));
    assert_true(name_equal(p.m.func_names[0], name_of("fn")));
    drop(&p);
    /* Broken in four ways; never an error. */
    static const char *const broken[] = {"\0\x04name\1\5\1\x07\2fn", "\0\x04name\1\x7f\1\0\2fn",
                                         "\0\x04name\1\5\1\0\2\xff\xff", "\0\x04name\1"};
    static const size_t lengths[] = {12, 12, 12, 6};
    for (unsigned i = 0; i < 4; i++) {
        start(&t);
        SECTION(&t, 3, "\1\0");
        SECTION(&t, 10, "\1\2\0\x0b");
        char head[2] = {0, (char)(lengths[i])};
        text_add(&t, head, 2);
        text_add(&t, broken[i] + 1, lengths[i]);
        p = parse(&t);
        assert_int_equal(p.status, STATUS_OK);
        assert_true(p.m.bad_names);
        assert_null(p.m.func_names);
        drop(&p);
    }
}

static void test_compact_imports(void **state) {
    (void)state;
    text_t t = {0};
    start(&t);
    SECTION(&t, 2, "\2\1a\0\x7f\2\1x\0\0\1y\2\0\1\1b\0\x7e\0\1\2\1p\1q");
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_int_equal(p.m.n_imports, 4);
    assert_true(name_equal(p.m.imports[3].module, name_of("b")));
    assert_true(name_equal(p.m.imports[3].field, name_of("q")));
    assert_int_equal(p.m.space[KIND_FUNC].count, 3);
    assert_true(module_needs_expansion(&p.m, &none));
    text_t out = {0};
    assert_int_equal(module_expand(&p.m, &none, p.bytes, p.len, &out), STATUS_OK);
    parsed_t q = parse(&out);
    assert_int_equal(q.status, STATUS_OK);
    assert_false(module_needs_expansion(&q.m, &none));
    assert_int_equal(q.m.n_imports, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(name_equal(p.m.imports[i].field, q.m.imports[i].field));
        assert_true(extern_matches(&p.m.imports[i].type, &q.m.imports[i].type));
    }
    drop(&p);
    drop(&q);
}

/* g0 = imported, g1 = 7, g2 = g1 + g0; offsets and elements that read them. */
static void test_const_globals(void **state) {
    (void)state;
    text_t t = {0};
    start(&t);
    SECTION(&t, 2, "\1\1a\1g\3\x7f\0");
    SECTION(&t, 4, "\1\x70\0\5");
    SECTION(&t, 5, "\1\0\1");
    SECTION(&t, 6, "\3\x7f\0\x41\7\x0b\x7f\0\x23\1\x23\0\x6a\x0b\x70\0\xd0\x70\x0b");
    SECTION(&t, 9, "\2\4\x23\1\x0b\1\x23\3\x0b\5\x70\1\xd0\x70\x0b");
    SECTION(&t, 11, "\2\0\x23\2\x0b\1x\1\1y");
    parsed_t p = parse(&t);
    assert_int_equal(p.status, STATUS_OK);
    assert_true(p.m.features[FEATURE_CONST_GLOBALS]);
    text_t out = {0};
    assert_int_equal(module_expand(&p.m, &none, p.bytes, p.len, &out), STATUS_OK);
    text_t expected = {0};
    start(&expected);
    SECTION(&expected, 2, "\1\1a\1g\3\x7f\0");
    SECTION(&expected, 4, "\1\x70\0\5");
    SECTION(&expected, 5, "\1\0\1");
    SECTION(&expected, 6, "\3\x7f\0\x41\7\x0b\x7f\0\x41\7\x23\0\x6a\x0b\x70\0\xd0\x70\x0b");
    SECTION(&expected, 9, "\2\4\x41\7\x0b\1\xd0\x70\x0b\5\x70\1\xd0\x70\x0b");
    SECTION(&expected, 11, "\2\0\x41\7\x23\0\x6a\x0b\1x\1\1y");
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data, expected.data, out.len);
    text_free(&out);
    text_free(&expected);
    drop(&p);
}

static void test_matching(void **state) {
    (void)state;
    extern_type_t have = {.kind = KIND_MEMORY, .page_size = 65536};
    have.limits = (limits_t){.min = 2, .max = 5, .has_max = true};
    extern_type_t want = have;
    assert_true(extern_matches(&have, &want));
    want.limits.min = 3;
    assert_false(extern_matches(&have, &want));
    want.limits.min = 1;
    want.limits.max = 4;
    assert_false(extern_matches(&have, &want));
    want.limits.max = 6;
    assert_true(extern_matches(&have, &want));
    have.limits.has_max = false;
    assert_false(extern_matches(&have, &want));
    want.limits.has_max = false;
    assert_true(extern_matches(&have, &want));
    want.limits.is64 = true;
    assert_false(extern_matches(&have, &want));
    want = have;
    want.page_size = 1;
    assert_false(extern_matches(&have, &want));
    extern_type_t global = {.kind = KIND_GLOBAL, .value = VT_I32, .mutable = true};
    extern_type_t other = global;
    other.mutable = false;
    assert_false(extern_matches(&global, &other));
    assert_false(extern_matches(&global, &have));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_module),    cmocka_unit_test(test_everything),
        cmocka_unit_test(test_not_wasm),        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_bodies),          cmocka_unit_test(test_features),
        cmocka_unit_test(test_memory_features), cmocka_unit_test(test_names),
        cmocka_unit_test(test_compact_imports), cmocka_unit_test(test_const_globals),
        cmocka_unit_test(test_matching),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
