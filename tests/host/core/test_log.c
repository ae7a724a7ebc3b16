/* SPDX-License-Identifier: MIT */
/* ingot.log: levels by room, and refusal of everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/log_levels.h"

/* What the parser's file needs of the kernel, and the parser does not call. */
const char *bootargs_option(const char *key) {
    (void)key;
    return NULL;
}

void log_vmessage(log_level_t level, const char *room, const char *format, va_list args) {
    (void)level, (void)room, (void)format, (void)args;
    abort();
}

_Noreturn void refuse(const char *format, ...) {
    (void)format;
    abort();
}

static uint8_t levels[LOG_ROOM_COUNT];
static char why[160];

static bool parse(const char *text) {
    memset(levels, 99, sizeof levels);
    memset(why, 0, sizeof why);
    return log_levels_parse(text, levels, why, sizeof why);
}

static void one_level_for_all(void **state) {
    (void)state;
    static const char *const names[] = {"off", "error", "warn", "info", "debug", "trace"};
    for (unsigned level = LOG_OFF; level <= LOG_TRACE; level++) {
        assert_true(parse(names[level]));
        for (unsigned i = 0; i < LOG_ROOM_COUNT; i++) {
            assert_int_equal(levels[i], level);
        }
    }
}

static void rooms_of_their_own(void **state) {
    (void)state;
    /* The level for all does not undo what is said of one, wherever it stands. */
    static const char *const same[] = {"info,mm=trace,wasm=off", "mm=trace,info,wasm=off",
                                       "mm=trace,wasm=off,info",
                                       "mm=off,off,wasm=off,info,mm=trace"};
    for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(parse(same[i]));
        assert_int_equal(levels[LOG_ROOM_mm], LOG_TRACE);
        assert_int_equal(levels[LOG_ROOM_wasm], LOG_OFF);
        assert_int_equal(levels[LOG_ROOM_boot], LOG_INFO);
        assert_int_equal(levels[LOG_ROOM_drivers], LOG_INFO);
    }
    /* Rooms that nothing is said of keep their warnings. */
    assert_true(parse("fs=debug"));
    assert_int_equal(levels[LOG_ROOM_fs], LOG_DEBUG);
    assert_int_equal(levels[LOG_ROOM_boot], LOG_WARN);
}

static void assert_refused(const char *text, const char *reason) {
    assert_false(parse(text));
    assert_memory_equal(why, reason, strlen(reason));
    for (unsigned i = 0; i < LOG_ROOM_COUNT; i++) {
        assert_int_equal(levels[i], 99);
    }
}

static void anything_else(void **state) {
    (void)state;
    assert_refused("", "\"\" is no level; there are off, error, warn, info, debug, trace");
    assert_refused("loud", "\"loud\" is no level; ");
    assert_refused("info,", "\"\" is no level; ");
    assert_refused(",info", "\"\" is no level; ");
    assert_refused("INFO", "\"INFO\" is no level; ");
    assert_refused("inf", "\"inf\" is no level; ");
    assert_refused("mm", "\"mm\" is no level; ");
    assert_refused("mm=", "\"\" is no level; ");
    assert_refused("mm=trace=1", "\"trace=1\" is no level; ");
    assert_refused("nm=trace",
                   "\"nm\" is no room; there are boot, core, drivers, fs, mm, wasi, wasm");
    assert_refused("=trace", "\"\" is no room; ");
    assert_refused("info,mm=trace,was=off", "\"was\" is no room; ");
}

/* What is too long is cut; nothing is written behind the end (the sanitizer looks on). */
static void long_words(void **state) {
    (void)state;
    static char text[4096];
    memset(text, 'a', sizeof text - 1);
    for (size_t size = 1; size < 64; size++) {
        char *small = malloc(size);
        assert_false(log_levels_parse(text, levels, small, size));
        assert_non_null(memchr(small, 0, size));
        free(small);
    }
    assert_refused(text, "\"aaaa");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_level_for_all),
        cmocka_unit_test(rooms_of_their_own),
        cmocka_unit_test(anything_else),
        cmocka_unit_test(long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
