/* SPDX-License-Identifier: MIT */
/* The link plan: resolution, order, refusals, and the text that is written for them. */
#include "tests/host/inspect/linking.h"
#include "toolchain/inspect/suggest.h"
#include "toolchain/lib/sha256.h"

/* (func (export "add") type 1), (memory (export "memory") 2 4), (global (export "g") mut i32) */
static const char *library(void) {
    text_t t = {0};
    SECTION(&t, 3, "\1\1");
    SECTION(&t, 5, "\1\1\2\4");
    SECTION(&t, 6, "\1\x7f\1\x41\0\x0b");
    SECTION(&t, 7, "\3\3add\0\0\6memory\2\0\1g\3\0");
    SECTION(&t, 10, "\1\4\0\x41\7\x0b");
    return module_file(&t);
}

/* Imports lib.add and lib.memory, exports both again as add2 and memory. */
static const char *middle(void) {
    text_t t = {0};
    SECTION(&t, 2, "\2\3lib\3add\0\1\3lib\6memory\2\0\1");
    SECTION(&t, 7, "\2\4add2\0\0\6memory\2\0");
    return module_file(&t);
}

static void test_chain(void **state) {
    (void)state;
    plan_t p = {0};
    link_t *l = &p.link;
    host_init(&l->host);
    text_t t = {0};
    /* mid.add2, mid.memory, lib.g, wasi fd_close twice; _start calls nothing. */
    SECTION(&t, 2, "\3\3mid\4add2\0\1\3mid\6memory\2\0\1\3lib\1g\3\x7f\1");
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 7, "\2\6_start\0\1\6memory\2\0");
    SECTION(&t, 10, "\1\2\0\x0b");
    add(l, "main", module_file(&t));
    add(l, "mid", middle());
    add(l, "lib", library());
    assert_int_equal(resolve(l), STATUS_OK);
    assert_int_equal(messages.len, 0);
    assert_int_equal(l->order[0], 2);
    assert_int_equal(l->order[1], 1);
    assert_int_equal(l->order[2], 0);
    /* Both re-exports are looked through. */
    assert_int_equal(l->modules[0].bindings[0].module, 2);
    assert_int_equal(l->modules[0].bindings[1].module, 2);
    uint32_t definer;
    const export_t *e;
    assert_true(link_exported_memory(l, 0, &definer, &e));
    assert_int_equal(definer, 2);

    emit_link_header(&t, &p, 0);
    assert_non_null(strstr(t.data, "return w2c_lib_add(&ingot_state_lib, a0, a1);"));
    assert_non_null(strstr(t.data, "#define w2c_mid_add2 ingot_main_w2c_mid_add2\n"));
    assert_non_null(strstr(t.data, "INGOT_LINK uint32_t *ingot_main_w2c_lib_g("));
    text_free(&t);
    static const char *const args[] = {"main.wasm"};
    p.args = args;
    p.n_args = 1;
    emit_user(&t, &p);
    assert_non_null(strstr(t.data, "    wasm2c_main_instantiate(&ingot_state_main, NULL, NULL);"));
    assert_non_null(strstr(t.data, "    w2c_main_0x5Fstart(&ingot_state_main);\n"));
    text_free(&t);
    emit_image(&t, &p);
    assert_non_null(strstr(t.data, "    .instantiate = ingot_instantiate_main,\n"
                                   "    .caller = &caller_main,\n"
                                   "    .memory_of = &instance_lib,\n    .memory_index = 0,\n"));
    assert_non_null(strstr(t.data, "#undef w2c_mid_add2\n"));
    assert_non_null(strstr(t.data, ".start_export = ingot_start_main,"));
    assert_null(strstr(t.data, "wasm_export_func_t exports_"));
    text_free(&t);
    p.all_exports = true;
    emit_image(&t, &p);
    assert_non_null(
        strstr(t.data, "    {\"add\", params_lib_0, results_lib_0, 2, 1, ingot_call_lib_0}"));
    text_free(&t);
    emit_user(&t, &p);
    assert_non_null(strstr(t.data, "    uint32_t r = w2c_lib_add(instance, a0, a1);\n"));
    text_free(&t);
    link_free(l);
}

static void test_every_error_is_told(void **state) {
    (void)state;
    link_t l = {0};
    host_init(&l.host);
    text_t t = {0};
    /* lib.ad, lib.add of another type, other.add, lib.memory too large, wasi fd_write as ()->() */
    ADD(&t, "\2\x50\5\3lib\2ad\0\1\3lib\3add\0\0\5other\3add\0\1\3lib\6memory\2\0\3");
    ADD(&t, "\x16wasi_snapshot_preview1\x08"
            "fd_write\0\0");
    t.data[1] = (char)(t.len - 2);
    add(&l, "main", module_file(&t));
    add(&l, "lib", library());
    assert_int_not_equal(resolve(&l), STATUS_OK);
    told("module `main`: import `lib.ad` (func (param i32 i32) (result i32)): nothing provides it; "
         "did you mean `lib.add`");
    told(
        "import `lib.add` (func): module `lib` provides it as (func (param i32 i32) (result i32))");
    told("import `other.add`");
    told("there is no module or host namespace `other`");
    told("import `lib.memory` (memory 3): module `lib` provides it as (memory 2 4)");
    told("import `wasi_snapshot_preview1.fd_write` (func): the kernel provides it as (func (param "
         "i32 i32 i32 i32) (result i32))");
    link_free(&l);
}

static const char *needs(const char *what) {
    text_t t = {0};
    if (what[0] == 'e') {
        SECTION(&t, 2, "\1\1e\1f\0\1");
    } else if (what[0] == 'a') {
        SECTION(&t, 2, "\1\1a\1f\0\0");
        SECTION(&t, 7, "\1\1f\0\0");
    } else {
        SECTION(&t, 2, "\1\1b\1f\0\0");
        SECTION(&t, 7, "\1\1f\0\0");
    }
    return module_file(&t);
}

static void test_unknown_imports(void **state) {
    (void)state;
    plan_t p = {.link.unknown = UNKNOWN_TRAP};
    host_init(&p.link.host);
    add(&p.link, "main", needs("e"));
    assert_int_equal(resolve(&p.link), STATUS_OK);
    told("warning: module `main`: import `e.f`");
    text_t t = {0};
    static const char *const args[] = {"x"};
    p.args = args;
    p.n_args = 1;
    emit_image(&t, &p);
    assert_non_null(strstr(t.data, "wasm_unknown_import(\"e\", \"f\");"));
    text_free(&t);
    p.link.unknown = UNKNOWN_DEFAULT;
    emit_user(&t, &p);
    assert_non_null(strstr(t.data, "uint32_t zero;"));
    text_free(&t);
    link_free(&p.link);
}

static void test_circle_and_unused(void **state) {
    (void)state;
    link_t l = {0};
    host_init(&l.host);
    add(&l, "a", needs("b"));
    add(&l, "b", needs("a"));
    assert_int_not_equal(resolve(&l), STATUS_OK);
    told("circle: `a` -> `b` -> `a`");
    link_free(&l);
    host_init(&l.host);
    add(&l, "main", library());
    add(&l, "lonely", library());
    assert_int_equal(resolve(&l), STATUS_OK);
    told("warning: module `lonely`");
    capture();
    assert_int_equal(link_add_module(&l, "lonely", library()), ERR_OVERLAP);
    release();
    told("two modules are named `lonely`");
    link_free(&l);
}

static void test_two_providers(void **state) {
    (void)state;
    link_t l = {0};
    host_init(&l.host);
    text_t t = {0};
    SECTION(&t, 2, "\1\x16wasi_snapshot_preview1\x0bsched_yield\0\0");
    add(&l, "main", module_file(&t));
    SECTION(&t, 3, "\1\0");
    SECTION(&t, 7, "\1\x0bsched_yield\0\0");
    SECTION(&t, 10, "\1\2\0\x0b");
    add(&l, "wasi_snapshot_preview1", module_file(&t));
    assert_int_not_equal(resolve(&l), STATUS_OK);
    told("provides it, as (func), and so does the kernel, as (func (result i32))");
    link_free(&l);
}

/* The module's own symbols must not share a prefix with those of its imports. */
static void test_symbols(void **state) {
    (void)state;
    link_t l = {0};
    host_init(&l.host);
    add(&l, "e", needs("e"));
    add(&l, "my-lib.v2", library());
    add(&l, "my_lib_v2", library());
    add(&l, "--", library());
    assert_string_equal(l.modules[0].symbol, "e_2");
    assert_string_equal(l.modules[1].symbol, "my_lib_v2");
    assert_string_equal(l.modules[2].symbol, "my_lib_v2_2");
    assert_string_equal(l.modules[3].symbol, "module");
    link_free(&l);
}

static void test_refused_feature(void **state) {
    (void)state;
    link_t l = {0};
    host_init(&l.host);
    text_t t = {0};
    SECTION(&t, 4, "\1\x63\0\0\1");
    add(&l, "main", module_file(&t));
    assert_int_equal(resolve(&l), ERR_UNSUPPORTED);
    told("needs typed function references");
    link_free(&l);
}

static void test_host_source(void **state) {
    (void)state;
    host_t host;
    host_init(&host);
    assert_int_equal(add_source(&host,
                                "# 1 \"host.c\"\nint x = '\"'; char *s = \"__ingot_host(\";\n"
                                "__ingot_host(\"sensor\", \"read it\", float, sensor_read,\n"
                                "  uint32_t a, int64_t) { return 0; }\n"
                                "__ingot_host(\"sensor\", \"off\", void, off) {}\n"),
                     STATUS_OK);
    const host_func_t *f = host_find(&host, name_of("sensor"), name_of("read it"));
    assert_non_null(f);
    assert_string_equal(f->symbol, "sensor_read");
    assert_int_equal(f->type.n_params, 2);
    assert_int_equal(f->type.params[0], VT_I32);
    assert_int_equal(f->type.params[1], VT_I64);
    assert_int_equal(f->type.results[0], VT_F32);
    f = host_find(&host, name_of("sensor"), name_of("off"));
    assert_non_null(f);
    assert_int_equal(f->type.n_params + f->type.n_results, 0);
    host_free(&host);
}

static void test_bad_host_source(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } bad[] = {
        {"(a, \"b\", void, f)", "`a` stands where a name in double quotes was expected"},
        {"(\"a\" \"b\", void, f)", "`b` stands where a comma was expected"},
        {"(\"s\303\251nsor\", \"b\", void, f)", "`s\303\251nsor` is not a name of printable ASCII"},
        {"(\"a\\n\", \"b\", void, f)", "is not a name of printable ASCII"},
        {"(\"a\", \"b\", bool, f)", "`bool` is not a type that crosses the border"},
        {"(\"a\", \"b\", unsigned int, f)", "`unsigned` is not a type"},
        {"(\"a\", \"b\", void, 3)", "`3` is not a C function name"},
        {"(\"a\", \"b\", void, f, char *p)", "`char` is not a type"},
        {"(\"a\", \"b\", void, f, float *p)", "`*` stands where a comma or a closing"},
        {"(\"a\", \"b\", void, f", "`the end of the file` stands where"},
        {"(\"a\", \"b", "`the end of the file` stands where a comma"},
        {"", "`the end of the file` stands where a parenthesis"},
        {"(\"wasi_unstable\", \"fd_write\", void, f)",
         "the kernel provides `wasi_unstable.fd_write`"},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        host_t host;
        host_init(&host);
        text_t t = {0};
        text_addf(&t, "# 1 \"a b.c\" 1\nint x;\n# 40 \"a b.c\" 2\n\n__ingot_host%s", bad[i].text);
        assert_int_not_equal(add_source(&host, t.data), STATUS_OK);
        told("error: a b.c:41: INGOT_HOST: ");
        told(bad[i].told);
        text_free(&t);
        host_free(&host);
    }
    /* Every one is told, not only the first. */
    host_t host;
    host_init(&host);
    add_source(&host, "__ingot_host(1)\n__ingot_host(\"a\", \"b\", void, f)\n"
                      "__ingot_host(\"a\", \"b\", void, g)");
    told(":1: INGOT_HOST: `1` stands");
    told(":3: INGOT_HOST: another declaration provides `a.b` already (f)");
    host_free(&host);
}

static void test_distance_and_hash(void **state) {
    (void)state;
    assert_int_equal(edit_distance(name_of("kitten"), name_of("sitting")), 3);
    assert_int_equal(edit_distance(name_of(""), name_of("abc")), 3);
    assert_int_equal(edit_distance(name_of("same"), name_of("same")), 0);
    char hex[65];
    sha256_hex((const uint8_t *)"abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t block[119];
    memset(block, 'a', sizeof block);
    sha256_hex(block, 119, hex);
    assert_string_equal(hex, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),           cmocka_unit_test(test_every_error_is_told),
        cmocka_unit_test(test_unknown_imports), cmocka_unit_test(test_circle_and_unused),
        cmocka_unit_test(test_two_providers),   cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_refused_feature), cmocka_unit_test(test_host_source),
        cmocka_unit_test(test_bad_host_source), cmocka_unit_test(test_distance_and_hash),
    };
    return cmocka_run_group_tests(tests, make_directory, drop_directory);
}
