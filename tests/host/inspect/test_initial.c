/* SPDX-License-Identifier: MIT */
/* What memories start with: laid out as pages, and the module without what was laid out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/host/inspect/build.h"
#include "toolchain/inspect/expand.h"

#define KIB(n) ((uint32_t)(n) << 10)
#define MAX_MEMORY KIB(64 * 16)

static void add_uleb(text_t *t, uint32_t v) {
    for (; v > 0x7f; v >>= 7) {
        char byte = (char)(v | 0x80);
        text_add(t, &byte, 1);
    }
    char byte = (char)v;
    text_add(t, &byte, 1);
}

static void add_sleb(text_t *t, int32_t v) {
    for (; v < -64 || v > 63; v >>= 7) {
        char byte = (char)(v | 0x80);
        text_add(t, &byte, 1);
    }
    char byte = (char)(v & 0x7f);
    text_add(t, &byte, 1);
}

static void add_section(text_t *t, char id, text_t *contents) {
    text_add(t, &id, 1);
    add_uleb(t, (uint32_t)contents->len);
    text_add(t, text_str(contents), contents->len);
    text_free(contents);
}

/* A module with data segments, put together part by part. */
typedef struct builder {
    text_t datas;
    uint32_t n_datas;
} builder_t;

static void add_bytes(builder_t *b, const char *bytes, uint32_t len) {
    add_uleb(&b->datas, len);
    text_add(&b->datas, bytes, len);
    b->n_datas++;
}

static void add_active(builder_t *b, uint32_t memory, uint32_t offset, const char *bytes,
                       uint32_t len) {
    add_uleb(&b->datas, memory == 0 ? 0 : 2);
    if (memory != 0) {
        add_uleb(&b->datas, memory);
    }
    text_add(&b->datas, "\x41", 1);
    add_sleb(&b->datas, (int32_t)offset);
    text_add(&b->datas, "\x0b", 1);
    add_bytes(b, bytes, len);
}

static void add_passive(builder_t *b, const char *bytes, uint32_t len) {
    text_add(&b->datas, "\1", 1);
    add_bytes(b, bytes, len);
}

typedef struct built {
    text_t bytes;
    module_t m;
    initial_t initial;
} built_t;

static void parse_built(built_t *built) {
    parse_error_t error;
    assert_int_equal(
        module_parse((const uint8_t *)built->bytes.data, built->bytes.len, &built->m, &error),
        STATUS_OK);
    built->initial = initial_lay_out(&built->m);
}

/* One length byte, then: the type of one import, or NULL; what is in the section of memories. */
static built_t build(builder_t *b, const char *imports, const char *memories, bool data_count) {
    built_t built = {0};
    ADD(&built.bytes, HEADER);
    text_t section = {0};
    if (imports != NULL) {
        add_uleb(&section, 1);
        text_add(&section, "\1a\1b", 4);
        text_add(&section, imports + 1, (size_t)imports[0]);
        add_section(&built.bytes, 2, &section);
    }
    text_add(&section, memories + 1, (size_t)memories[0]);
    add_section(&built.bytes, 5, &section);
    if (data_count) {
        add_uleb(&section, b->n_datas);
        add_section(&built.bytes, 12, &section);
    }
    add_uleb(&section, b->n_datas);
    text_add(&section, text_str(&b->datas), b->datas.len);
    add_section(&built.bytes, 11, &section);
    text_free(&b->datas);
    parse_built(&built);
    return built;
}

static void drop(built_t *built) {
    module_free(&built->m);
    text_free(&built->bytes);
}

static built_t expanded(const built_t *built) {
    built_t out = {0};
    assert_int_equal(module_expand(&built->m, &built->initial, (const uint8_t *)built->bytes.data,
                                   built->bytes.len, &out.bytes),
                     STATUS_OK);
    parse_built(&out);
    return out;
}

/* One memory of 16 pages of 64 KiB. */
#define ONE_MEMORY "\3\1\0\x10"

static char *filled(uint32_t len, char byte) {
    char *bytes = malloc(len);
    memset(bytes, byte, len);
    return bytes;
}

static void test_pages_and_runs(void **state) {
    (void)state;
    char *x = filled(KIB(256), 'x'), *zero = filled(KIB(256), 0);
    builder_t b = {0};
    add_active(&b, 0, KIB(4) + 1, x, KIB(64));   /* pages 1 to 17, the last one byte of it */
    add_active(&b, 0, KIB(80), zero, KIB(8));    /* nothing to store */
    add_active(&b, 0, KIB(8), zero, KIB(4));     /* page 2 becomes zero again */
    add_active(&b, 0, KIB(100), x, 1);           /* page 25 */
    add_active(&b, 0, KIB(12) + 4095, "abc", 3); /* over a border */
    add_active(&b, 0, KIB(64 * 16), "", 0);      /* at the very end */
    built_t built = build(&b, NULL, ONE_MEMORY, false);
    const initial_t *i = &built.initial;
    assert_int_equal(i->n_segments, 6);
    assert_int_equal(i->n_runs, 3);
    static const initial_run_t want[] = {{0, 1, 1}, {0, 3, 15}, {0, 25, 1}};
    assert_memory_equal(i->runs, want, sizeof want);
    assert_int_equal(i->pages, 17);
    assert_int_equal(i->bytes[0], 0);
    assert_int_equal(i->bytes[1], 'x');
    assert_int_equal(i->bytes[KIB(4) + 4094], 'x');
    assert_memory_equal(i->bytes + KIB(4) + 4095, "abcx", 4);
    assert_int_equal(i->bytes[KIB(60)], 'x');
    assert_int_equal(i->bytes[KIB(60) + 1], 0);
    assert_int_equal(i->bytes[KIB(64)], 'x');
    assert_int_equal(i->bytes[KIB(64) + 1], 0);
    drop(&built);
    free(x);
    free(zero);
}

static void test_what_does_not_pay(void **state) {
    (void)state;
    char *x = filled(KIB(64), 'x');
    builder_t b = {0};
    add_active(&b, 0, 0, x, KIB(64) - 1);
    built_t built = build(&b, NULL, ONE_MEMORY, false);
    assert_int_equal(built.initial.n_segments, 0);
    drop(&built);
    /* Enough, but with a hole of almost a page behind each kibibyte. */
    b = (builder_t){0};
    for (uint32_t i = 0; i < 64; i++) {
        add_active(&b, 0, KIB(4 * i), x, KIB(1));
    }
    built = build(&b, NULL, ONE_MEMORY, false);
    assert_int_equal(built.initial.n_segments, 0);
    assert_false(module_needs_expansion(&built.m, &built.initial));
    drop(&built);
    free(x);
}

/* The first segment that may trap, or is not known, and all behind it stay as they are. */
static void test_only_what_is_certain(void **state) {
    (void)state;
    char *x = filled(KIB(64), 'x');
    for (unsigned kind = 0; kind < 4; kind++) {
        builder_t b = {0};
        add_passive(&b, "abc", 3);
        add_active(&b, 0, KIB(64), x, KIB(64));
        switch (kind) {
        case 0: /* one byte too many */
            add_active(&b, 0, KIB(64 * 15) + 1, x, KIB(64));
            break;
        case 1: /* the largest offset */
            add_active(&b, 0, UINT32_MAX, x, 1);
            break;
        case 2: /* i32.const 0, i32.const 0, i32.add */
            text_add(&b.datas, "\0\x41\0\x41\0\x6a\x0b", 7);
            add_bytes(&b, x, 1);
            break;
        default: /* an empty one may trap too */
            add_active(&b, 0, KIB(64 * 16) + 1, "", 0);
            break;
        }
        add_active(&b, 0, 0, x, 1);
        built_t built = build(&b, NULL, ONE_MEMORY, kind % 2);
        assert_int_equal(built.initial.n_segments, 2);
        assert_int_equal(built.initial.n_runs, 1);
        built_t out = expanded(&built);
        uint32_t gone = kind % 2 ? 0 : 1;
        assert_int_equal(out.m.n_datas, 4 - gone);
        assert_true(out.m.datas[0].is_passive);
        assert_memory_equal(out.m.datas[0].bytes, "abc", 3);
        if (gone == 0) {
            assert_int_equal(out.m.datas[1].len, 0);
            assert_int_equal(out.m.datas[1].offset, 0);
            assert_true(out.m.datas[1].has_constant_offset);
        }
        for (uint32_t i = 2; i < 4; i++) {
            const data_segment_t *was = &built.m.datas[i], *is = &out.m.datas[i - gone];
            assert_int_equal(is->offset, was->offset);
            assert_int_equal(is->len, was->len);
            assert_memory_equal(is->bytes, was->bytes, is->len);
        }
        drop(&out);
        drop(&built);
    }
    free(x);
}

static void test_other_memories(void **state) {
    (void)state;
    char *x = filled(KIB(64), 'x');
    static const struct {
        const char *imports, *memories;
        bool certain;
    } cases[] = {
        {NULL, "\3\1\0\x10", true},
        {NULL, "\3\1\4\x10", false}, /* 64-bit, though the offset is of the wrong type */
        {NULL, "\6\1\x08\x80\x80\x40\0", false}, /* pages of one byte */
        {"\3\2\0\1", "\3\1\0\x10", false},       /* memory 0 is imported */
    };
    for (unsigned i = 0; i < 4; i++) {
        builder_t b = {0};
        add_active(&b, 0, 0, x, KIB(64));
        built_t built = build(&b, cases[i].imports, cases[i].memories, false);
        assert_int_equal(built.initial.n_segments, cases[i].certain);
        drop(&built);
    }
    /* Own memories count from 0 whatever is imported. */
    builder_t b = {0};
    add_active(&b, 2, KIB(8), x, KIB(32));
    add_active(&b, 1, 0, x, KIB(64));
    add_active(&b, 2, KIB(4), "y", 1);
    built_t built = build(&b, "\3\2\0\1", "\5\2\0\x10\0\x10", true);
    assert_int_equal(built.initial.n_segments, 3);
    assert_int_equal(built.initial.n_runs, 2);
    static const initial_run_t want[] = {{0, 0, 16}, {1, 1, 9}};
    assert_memory_equal(built.initial.runs, want, sizeof want);
    built_t out = expanded(&built);
    assert_int_equal(out.m.n_datas, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(out.m.datas[i].memory, built.m.datas[i].memory);
        assert_int_equal(out.m.datas[i].len, 0);
    }
    drop(&out);
    drop(&built);
    free(x);
}

/* ---- Against a naive instantiation ---- */

static uint64_t seed = 1;

static uint32_t below(uint32_t limit) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(seed >> 33) % limit;
}

/* Writes the active segments in order; false at the first that is out of bounds. */
static bool instantiate(const module_t *m, uint8_t *memory) {
    for (uint32_t i = 0; i < m->n_datas; i++) {
        const data_segment_t *d = &m->datas[i];
        if (d->is_passive) {
            continue;
        }
        if (d->offset + d->len > MAX_MEMORY) {
            return false;
        }
        memcpy(memory + d->offset, d->bytes, d->len);
    }
    return true;
}

static void map_initial(const initial_t *initial, uint8_t *memory) {
    const uint8_t *from = initial->bytes;
    for (uint32_t i = 0; i < initial->n_runs; i++) {
        uint32_t len = initial->runs[i].count * INITIAL_PAGE;
        memcpy(memory + initial->runs[i].page * INITIAL_PAGE, from, len);
        from += len;
    }
}

static void test_same_as_copying(void **state) {
    (void)state;
    uint8_t *want = malloc(MAX_MEMORY), *got = malloc(MAX_MEMORY);
    unsigned laid_out = 0;
    for (unsigned round = 0; round < 300; round++) {
        builder_t b = {0};
        uint32_t n = 1 + below(20);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t len = below(4) == 0 ? below(KIB(100)) : below(KIB(10));
            char *bytes = filled(len, (char)below(3));
            uint32_t offset = below(4) == 0 ? KIB(4) * below(16) : below(KIB(200));
            offset = below(60) == 0 ? MAX_MEMORY - below(KIB(10)) : offset;
            if (below(12) == 0) {
                add_passive(&b, bytes, len);
            } else {
                add_active(&b, 0, offset, bytes, len);
            }
            free(bytes);
        }
        built_t built = build(&b, NULL, ONE_MEMORY, below(2));
        built_t out = expanded(&built);
        memset(want, 0, MAX_MEMORY);
        memset(got, 0, MAX_MEMORY);
        map_initial(&built.initial, got);
        assert_int_equal(instantiate(&built.m, want), instantiate(&out.m, got));
        assert_memory_equal(want, got, MAX_MEMORY);
        laid_out += built.initial.n_segments > 0;
        drop(&out);
        drop(&built);
    }
    assert_in_range(laid_out, 100, 299);
    free(want);
    free(got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_and_runs),       cmocka_unit_test(test_what_does_not_pay),
        cmocka_unit_test(test_only_what_is_certain), cmocka_unit_test(test_other_memories),
        cmocka_unit_test(test_same_as_copying),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
