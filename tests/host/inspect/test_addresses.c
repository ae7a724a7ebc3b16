/* SPDX-License-Identifier: MIT */
/* The mending step on memory accesses: bases, distances, and the memory at address 0. */
#include "tests/host/inspect/mending.h"

static void test_memory(void **state) {
    (void)state;
    mends("u32 w2c_m_f(w2c_m* instance, u32 var_p0) {\n  FUNC_PROLOGUE;\n"
          "  var_i0 = i32_load_default32(&instance->w2c_memory, (u64)(var_i0) + 4u);\n"
          "  f32_store_default32(instance->w2c_env_m, (u64)(var_i0) + 8, var_f1);\n}\n",
          "  FUNC_PROLOGUE;\n"
          "  const u64 ingot_base_0 = (u64)instance->w2c_memory.data;\n"
          "  const u64 ingot_base_1 = (u64)instance->w2c_env_m->data;\n"
          "  var_i0 = i32_load_default32(INGOT_AT(ingot_base_0, var_i0, + 4u), 0);\n"
          "  f32_store_default32(INGOT_AT(ingot_base_1, var_i0, + 8), 0, var_f1);\n");
    /* Its alignment is checked, so the address stays whole. */
    mends("void w2c_m_f(w2c_m* instance) {\n  FUNC_PROLOGUE;\n"
          "  var_i0 = i32_atomic_load_default32(&instance->w2c_memory, (u64)(var_i0) + 4u);\n}\n",
          "i32_atomic_load_default32(&instance->w2c_memory, (u64)(var_i0) + 4u);\n");
    mends(
        "void w2c_m_f(w2c_m* instance) {\n  FUNC_PROLOGUE;\n"
        "  i64_store(&instance->w2c_M0, (u64)(var_j0) + 18446744073709551615, var_j1);\n"
        "  var_j0 = i64_load(&instance->w2c_M0, (u64)(var_j0) + 16u);\n"
        "  var_j0 = i64_load(&instance->w2c_M0, (u64)(var_j0));\n}\n",
        "  i64_store(&instance->w2c_M0, ingot_address(&instance->w2c_M0, var_j0, "
        "18446744073709551615ull), var_j1);\n"
        "  var_j0 = i64_load(&instance->w2c_M0, ingot_address(&instance->w2c_M0, var_j0, 16ull));\n"
        "  var_j0 = i64_load(&instance->w2c_M0, (u64)(var_j0));\n");
}

#define FUNCTION(body)                                                                             \
    "void w2c_m_f(w2c_m* instance) {\n  u32 var_i0, var_i1;\n  FUNC_PROLOGUE;\n" body "}\n"
#define ADD(constant) "  var_i0 = var_p0;\n  var_i1 = " constant "u;\n  var_i0 += var_i1;\n"
#define LOAD_AT(address) "  var_i0 = i32_load_default32(&instance->w2c_memory, " address ");\n"

/* Addresses by their distance from one that was accessed before. */
static void test_addresses(void **state) {
    (void)state;
    static const char set[] = "  ingot_at_0 = (u64)(var_i0);\n";
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0) + 4u") ADD("12") LOAD_AT("(u64)(var_i0) + 1u")),
          "(INGOT_AT(ingot_base_0, ingot_at_0, + 5), 0);\n");
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") ADD("4") LOAD_AT("(u64)(var_i0)")), set);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") ADD("4") LOAD_AT("(u64)(var_i0)")),
          "  u64 ingot_at_0;\n");
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") ADD("4") LOAD_AT("(u64)(var_i0)")),
          "(INGOT_AT(ingot_base_0, ingot_at_0, - 4), 0);\n");
    /* Copies, and sums of sums. */
    mends(FUNCTION(ADD("8") "  var_l1 = var_i0;\n" LOAD_AT(
              "(u64)(var_i0)") "  var_i0 = var_l1;\n  var_i1 = 4294967292u;\n  var_i0 += "
                               "var_i1;\n" LOAD_AT("(u64)(var_i0)")),
          "(INGOT_AT(ingot_base_0, ingot_at_0, - 4), 0);\n");
}

/* Where the distance, or what holds on the way, is not known: as it was. */
static void test_addresses_unknown(void **state) {
    (void)state;
    static const char same[] = "(INGOT_AT(ingot_base_0, var_i0, + 7u), 0);\n";
#define LAST LOAD_AT("(u64)(var_i0) + 7u")
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") ADD("4") LAST), same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") ADD("32777") LAST), same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") "  var_p0 = var_i0;\n" ADD("9") LAST), same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") "  var_p0 <<= (var_i1 & 31);\n" ADD("9") LAST),
          same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") "  var_B1:;\n" ADD("9") LAST), same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") "  } else {\n" ADD("9") LAST), same);
    mends(FUNCTION(ADD("8") LOAD_AT("(u64)(var_i0)") "  f(&var_p0);\n" ADD("9") LAST), same);
    mends(FUNCTION(
              ADD("8") "  var_i0 = i32_load_default32(instance->w2c_env_m, (u64)(var_i0));\n" ADD(
                  "9") "  var_i0 = i32_load_default32(&instance->w2c_memory, (u64)(var_i0));\n"),
          "(INGOT_AT(ingot_base_1, var_i0, 0), 0);\n");
#undef LAST
}

/* In the low memory an address is its own pointer: exactly this becomes of a function. */
static void mends_low(const char *body, const char *expected) {
    static const char head[] =
        "void w2c_m_f(w2c_m* instance) {\n  u32 var_i0, var_i1;\n  FUNC_PROLOGUE;\n";
    text_t from = {0}, to = {0};
    text_addf(&from, "%s%s}\n", head, body);
    text_addf(&to, "%s%s}\n", head, expected);
    mends_as(&low, text_str(&from), text_str(&to));
    text_free(&from);
    text_free(&to);
}

#define STORE_AT(address) "  f64_store_default32(&instance->w2c_memory, " address ", var_d1);\n"
#define LOW_LOAD(address) "  var_i0 = i32_load_default32(INGOT_LOW(" address "), 0);\n"
/* The same to a local that no address is made of. */
#define LOAD_TO(address) "  var_i2 = i32_load_default32(&instance->w2c_memory, " address ");\n"
#define LOW_LOAD_TO(address) "  var_i2 = i32_load_default32(INGOT_LOW(" address "), 0);\n"
#define LOW_STORE(address) "  f64_store_default32(INGOT_LOW(" address "), 0, var_d1);\n"

/* Where there is no offset, the sign may extend an address: what is above 2 GiB is out of bounds,
 * and comes out below 0. An offset could lead back. */
static void test_low(void **state) {
    (void)state;
    mends_as(&low, "", "#define INGOT_LOW(address, offset) ");
    mends_low(LOAD_AT("(u64)(var_i0)"), LOW_LOAD("(s32)var_i0, 0"));
    mends_low(STORE_AT("(u64)(var_p0)"), LOW_STORE("(s32)var_p0, 0"));
    mends_low(LOAD_AT("(u64)(var_i0) + 4u"), LOW_LOAD("var_i0, + 4u"));
    mends_low(LOAD_AT("(u64)(var_i0) + 4294967295u"), LOW_LOAD("var_i0, + 4294967295u"));
    mends_low(STORE_AT("(u64)(var_i0) + 8"), LOW_STORE("var_i0, + 8"));
    /* A constant says by itself how it is extended. */
    mends_low("  var_i0 = 2147483648u;\n" LOAD_AT("(u64)(var_i0)"),
              "  var_i0 = 2147483648u;\n" LOW_LOAD("var_i0, 0"));
    /* Two in one statement: none is known to be before the other. */
    mends_low("  i32_store_default32(&instance->w2c_memory, (u64)(var_i0), "
              "i32_load_default32(&instance->w2c_memory, (u64)(var_i1)));\n",
              "  i32_store_default32(INGOT_LOW(var_i0, 0), 0, "
              "i32_load_default32(INGOT_LOW(var_i1, 0), 0));\n");
}

/* A load without offset shows the sign for those behind it; a store may be left out or made last,
 * so it shows nothing. Each may extend its own address by its sign, but a vector's store. */
static void test_low_again(void **state) {
    (void)state;
    mends_low(LOAD_AT("(u64)(var_i1)") STORE_AT("(u64)(var_i1) + 8") LOAD_AT("(u64)(var_i1)"),
              LOW_LOAD("(s32)var_i1, 0") LOW_STORE("(s32)var_i1, + 8") LOW_LOAD("(s32)var_i1, 0"));
    mends_low(STORE_AT("(u64)(var_i1)") STORE_AT("(u64)(var_i1) + 8") LOAD_AT("(u64)(var_i1)"),
              LOW_STORE("(s32)var_i1, 0") LOW_STORE("var_i1, + 8") LOW_LOAD("(s32)var_i1, 0"));
    mends_low(LOAD_AT("(u64)(var_i1) + 8") STORE_AT("(u64)(var_i1)") STORE_AT("(u64)(var_i1) + 8u"),
              LOW_LOAD("var_i1, + 8") LOW_STORE("(s32)var_i1, 0") LOW_STORE("var_i1, + 8u"));
    mends_low("  v128_store_default32(&instance->w2c_memory, (u64)(var_i1), var_o1);\n",
              "  v128_store_default32(INGOT_LOW(var_i1, 0), 0, var_o1);\n");
    /* Nothing is known behind a label, or of another value. */
    mends_low(LOAD_AT("(u64)(var_i1)") "  var_B1:;\n" STORE_AT("(u64)(var_i1) + 8"),
              LOW_LOAD("(s32)var_i1, 0") "  var_B1:;\n" LOW_STORE("var_i1, + 8"));
    mends_low(LOAD_AT("(u64)(var_i1)") "  var_i1 = f();\n" STORE_AT("(u64)(var_i1) + 8"),
              LOW_LOAD("(s32)var_i1, 0") "  var_i1 = f();\n" LOW_STORE("var_i1, + 8"));
}

#define LOW_ADD(constant) "  var_i1 = var_p0;\n  var_i0 = " constant "u;\n  var_i1 += var_i0;\n"

/* Distances are from an address as the access before extended it. */
static void test_low_distances(void **state) {
    (void)state;
    mends_low(LOW_ADD("8") LOAD_TO("(u64)(var_i1)") LOW_ADD("12") STORE_AT("(u64)(var_i1) + 1"),
              "  u64 ingot_at_0;\n" LOW_ADD("8") "  ingot_at_0 = (u64)((s32)var_i1);\n" LOW_LOAD_TO(
                  "(s32)var_i1, 0") LOW_ADD("12") LOW_STORE("ingot_at_0, + 5"));
    mends_low(LOW_ADD("8") STORE_AT("(u64)(var_i1)") LOW_ADD("12") STORE_AT("(u64)(var_i1) + 1"),
              "  u64 ingot_at_0;\n" LOW_ADD("8") "  ingot_at_0 = (u64)(var_i1);\n" LOW_STORE(
                  "(s32)var_i1, 0") LOW_ADD("12") LOW_STORE("ingot_at_0, + 5"));
    mends_low(LOW_ADD("8") STORE_AT("(u64)(var_i1) + 1") LOW_ADD("12") STORE_AT("(u64)(var_i1)"),
              "  u64 ingot_at_0;\n" LOW_ADD("8") "  ingot_at_0 = (u64)(var_i1);\n" LOW_STORE(
                  "var_i1, + 1") LOW_ADD("12") LOW_STORE("ingot_at_0, + 4"));
    mends_low(LOW_ADD("8") LOAD_TO("(u64)(var_i1)") LOW_ADD("4") STORE_AT("(u64)(var_i1)"),
              "  u64 ingot_at_0;\n" LOW_ADD("8") "  ingot_at_0 = (u64)((s32)var_i1);\n" LOW_LOAD_TO(
                  "(s32)var_i1, 0") LOW_ADD("4") LOW_STORE("ingot_at_0, - 4"));
    /* Below, an offset could lead back: by itself. */
    mends_low(LOW_ADD("8") STORE_AT("(u64)(var_i1)") LOW_ADD("4") STORE_AT("(u64)(var_i1) + 7"),
              LOW_ADD("8") LOW_STORE("(s32)var_i1, 0") LOW_ADD("4") LOW_STORE("var_i1, + 7"));
}

/* Beyond as many addresses as are kept, each is by itself. */
static void test_low_many(void **state) {
    (void)state;
    text_t from = {0}, to = {0};
    for (unsigned i = 0; i <= 32; i++) {
        text_addf(&from, "  var_i0 = i32_load_default32(&instance->w2c_memory, (u64)(var_l%u));\n",
                  i);
        text_addf(&to, "  var_i0 = i32_load_default32(INGOT_LOW((s32)var_l%u, 0), 0);\n", i);
    }
    text_puts(&from, STORE_AT("(u64)(var_l31) + 8") STORE_AT("(u64)(var_l32) + 8"));
    text_puts(&to, LOW_STORE("(s32)var_l31, + 8") LOW_STORE("var_l32, + 8"));
    mends_low(text_str(&from), text_str(&to));
    text_free(&from);
    text_free(&to);
}

/* What has the memory itself to work on: its data is at 0. Addresses that it is given may be
 * extended by their sign, too. */
static void test_low_others(void **state) {
    (void)state;
    static const char bulk[] =
        "  memory_fill(&instance->w2c_memory, var_i0, var_i1, var_i2);\n"
        "  memory_copy(&instance->w2c_memory, &instance->w2c_memory, var_i0, var_i1, var_i2);\n"
        "  memory_init(&instance->w2c_memory, data_segment_data_m_d0, 4, var_i0, var_i1, var_i2);\n"
        "  var_i0 = wasm_rt_grow_memory(&instance->w2c_memory, var_i0);\n"
        "  var_i0 = instance->w2c_memory.pages;\n";
    mends_low(bulk, bulk);
    mends_low("  var_i0 = i32_atomic_load_default32(&instance->w2c_memory, (u64)(var_i0) + 4u);\n"
              "  var_i1 = i32_atomic_load_default32(&instance->w2c_memory, (u64)(var_i1));\n",
              "  var_i0 = i32_atomic_load_default32(&instance->w2c_memory, (u64)(var_i0) + 4u);\n"
              "  var_i1 = i32_atomic_load_default32(&instance->w2c_memory, (u64)((s32)var_i1));\n");
    mends_low("  v128_store8_lane1(&instance->w2c_memory, (u64)(var_i0) + 3, var_o1);\n",
              "  v128_store8_lane1(&instance->w2c_memory, ingot_address(&instance->w2c_memory, "
              "var_i0, 3ull), var_o1);\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_addresses_unknown),
        cmocka_unit_test(test_low),
        cmocka_unit_test(test_low_again),
        cmocka_unit_test(test_low_distances),
        cmocka_unit_test(test_low_many),
        cmocka_unit_test(test_low_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
