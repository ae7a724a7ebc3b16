/* SPDX-License-Identifier: MIT */
#include "tests/host/inspect/mending.h"

const char preamble[] =
    GENERATED LOAD "#define FORCE_READ_INT(var) __asm__(\"\" ::\"r\"(var));\n"
                   "#define CHECK_CALL_INDIRECT(table, ft, x)                \\\n"
                   "  (LIKELY((x) < table.size && table.data[x].func &&      \\\n"
                   "          func_types_eq(ft, table.data[x].func_type)) || \\\n"
                   "   TRAP(CALL_INDIRECT))\n"
                   "#define CALL_INDIRECT(table, t, ft, x, ...) \\\n"
                   "    if (UNLIKELY(add_overflow(offset, len, &res))) \\\n"
                   "      TRAP(OOB);                                   \\\n"
                   "    if (UNLIKELY(res > (mem)->size))               \\\n"
                   "      TRAP(OOB);                                   \\\n"
                   "// MEMCHECK_DEFAULT32 is an \"accelerated\" MEMCHECK used only for\n"
                   "static inline void memory_fill(mem) { RANGE_CHECK(mem, d, n); TRAP(OOB); }\n"
                   "  if (UNLIKELY(src_addr + (uint64_t)n > src_size))\n    TRAP(OOB);\n"
                   "  LOAD_DATA(\n"
                   "static inline void funcref_table_init(a) {\n"
                   "    TRAP(OOB);\n    TRAP(OOB);\n    TRAP(OOB);\n    TRAP(OOB);\n"
                   "  RANGE_CHECK(a, b, c);\n  RANGE_CHECK(a, b, c);\n  RANGE_CHECK(a, b, c);\n"
                   "  RANGE_CHECK(a, b, c);\n  RANGE_CHECK(a, b, c);\n}\n"
                   "#define FUNC_TYPE_DECL_EXTERN_T(x) extern const char* const x\n"
                   "#define FUNC_TYPE_T(x) static const char* const x\n";

const mend_options_t plain = {.lines = NULL};
const mend_options_t low = {.low_memory = true};

mend_file_t file_of(const char *first, const char *second) {
    mend_file_t f = {.name = "m.c"};
    text_puts(&f.text, first);
    text_puts(&f.text, second);
    return f;
}

void mends_as(const mend_options_t *options, const char *body, const char *expected) {
    mend_file_t f = file_of(preamble, body);
    mend_error_t e = {{0}};
    if (mend(&f, 1, options, &e) != STATUS_OK) {
        fail_msg("%s", e.message);
    }
    if (strstr(f.text.data, expected) == NULL) {
        fail_msg("not found: %s\nin: %s", expected, f.text.data);
    }
    /* A second time changes nothing. */
    text_t once = {0};
    text_add(&once, f.text.data, f.text.len);
    assert_int_equal(mend(&f, 1, options, &e), STATUS_OK);
    assert_string_equal(once.data, f.text.data);
    text_free(&once);
    text_free(&f.text);
}

void mends(const char *body, const char *expected) {
    mends_as(&plain, body, expected);
}

void refuses(const char *first, const char *second, const char *words) {
    mend_file_t f = file_of(first, second);
    text_t before = {0};
    text_add(&before, text_str(&f.text), f.text.len);
    mend_error_t e = {{0}};
    assert_int_not_equal(mend(&f, 1, &plain, &e), STATUS_OK);
    if (strstr(e.message, words) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", words, e.message);
    }
    assert_string_equal(text_str(&before), text_str(&f.text));
    text_free(&before);
    text_free(&f.text);
}
