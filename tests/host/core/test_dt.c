/* SPDX-License-Identifier: MIT */
/* The device-tree walk against trees made here with libfdt's writer, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "kernel/core/dt.h"
#include "tests/host/core/dt_fixture.h"

static uint8_t blob[16384];
static dt_facts_t facts;
static const char *why;

static status_t read_tree(const tree_spec_t *spec) {
    make_tree(blob, sizeof blob, spec);
    fixture_reset();
    memset(&facts, 0xaa, sizeof facts);
    return dt_read(blob, sizeof blob, &facts, &why);
}

static void gathers_facts(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){0}), STATUS_OK);
    assert_int_equal(facts.n_memory, 1);
    assert_true(facts.memory[0].start.raw == 0x80000000 && facts.memory[0].len == 0x8000000);
    assert_int_equal(facts.n_reserved, 2);
    assert_true(facts.reserved[0].start.raw == 0x81000000); /* the reservation block first */
    assert_true(facts.reserved[1].start.raw == 0x80000000 && facts.reserved[1].len == 0x80000);
    assert_true(facts.timebase_hz == 10000000);
    assert_true(facts.sv48);
    assert_string_equal(facts.bootargs, "ingot.log=info");
    assert_int_equal(facts.rng_seed_len, 32);
    assert_true(facts.blob_len == fdt_totalsize(blob));
}

static void finds_devices_on_mapped_buses_only(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){0}), STATUS_OK);
    dt_probe_devices();
    assert_int_equal(probed_count, 1);
    assert_true(probed[0].reg.start.raw == 0x10000000 && probed[0].reg.len == 0x100);
    assert_int_equal(probed[0].irq, 10);
    assert_string_equal(probed[0].compatible, "ns16550a");
}

static void stdout_path_through_an_alias(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){0}), STATUS_OK);
    int node = dt_stdout_node();
    assert_true(node > 0);
    assert_int_equal(dt_prop_u32(node, "clock-frequency", 0), 3686400);
    assert_int_equal(dt_prop_u32(node, "absent", 5), 5);
}

static void refuses_what_is_missing(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){.no_memory = true}), ERR_CORRUPT);
    assert_string_equal(why, "no memory node");
    assert_int_equal(read_tree(&(tree_spec_t){.no_timebase = true}), ERR_CORRUPT);
    assert_string_equal(why, "timebase-frequency");
}

static void refuses_a_memory_range_that_wraps(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){.memory_wraps = true}), ERR_CORRUPT);
    assert_string_equal(why, "memory@80000000");
}

static void refuses_a_memory_reg_of_odd_length(void **state) {
    (void)state;
    assert_int_equal(read_tree(&(tree_spec_t){.memory_short = true}), ERR_CORRUPT);
    assert_string_equal(why, "memory@80000000");
}

static void refuses_a_bad_header(void **state) {
    (void)state;
    make_tree(blob, sizeof blob, &(tree_spec_t){0});
    blob[0] ^= 1;
    assert_int_equal(dt_read(blob, sizeof blob, &facts, &why), ERR_CORRUPT);
    assert_string_equal(why, "header");
    make_tree(blob, sizeof blob, &(tree_spec_t){0});
    assert_int_equal(dt_read(blob, 64, &facts, &why), ERR_CORRUPT);
}

static void leaves_facts_alone_on_failure(void **state) {
    (void)state;
    dt_facts_t before;
    memset(&before, 0xaa, sizeof before);
    assert_int_equal(read_tree(&(tree_spec_t){.no_memory = true}), ERR_CORRUPT);
    assert_memory_equal(&facts, &before, sizeof before);
}

/* Every byte changed in turn: an answer, never a crash (the sanitizers watch). */
static void survives_every_single_byte_of_damage(void **state) {
    (void)state;
    make_tree(blob, sizeof blob, &(tree_spec_t){0});
    size_t len = fdt_totalsize(blob);
    for (size_t i = 0; i < len; i++) {
        static const uint8_t flips[] = {0xff, 0x80, 0x01};
        for (size_t k = 0; k < sizeof flips; k++) {
            uint8_t *copy = malloc(len); /* exact, so that the sanitizer sees every overrun */
            memcpy(copy, blob, len);
            copy[i] ^= flips[k];
            fixture_reset();
            if (dt_read(copy, len, &facts, &why) == STATUS_OK) {
                dt_probe_devices();
                dt_stdout_node();
            }
            free(copy);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathers_facts),
        cmocka_unit_test(finds_devices_on_mapped_buses_only),
        cmocka_unit_test(stdout_path_through_an_alias),
        cmocka_unit_test(refuses_what_is_missing),
        cmocka_unit_test(refuses_a_memory_range_that_wraps),
        cmocka_unit_test(refuses_a_memory_reg_of_odd_length),
        cmocka_unit_test(refuses_a_bad_header),
        cmocka_unit_test(leaves_facts_alone_on_failure),
        cmocka_unit_test(survives_every_single_byte_of_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
