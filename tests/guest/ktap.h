/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests that report in KTAP (version 1), one sub-test list for each group.
 * Source: Linux Documentation/dev-tools/ktap.rst.
 *
 * A test is a function that returns; the first CHECK that does not hold ends it. When it passed,
 * the frames and the heap blocks that were free before it must be free again.
 */
#ifndef INGOT_TESTS_GUEST_KTAP_H
#define INGOT_TESTS_GUEST_KTAP_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/status.h"

typedef struct guest_test {
    const char *name; /* also the promise or the rule it is about */
    void (*run)(void);
} guest_test_t;

typedef struct guest_group {
    const char *name;
    const guest_test_t *tests;
    unsigned count;
} guest_group_t;

/* `NAME_tests` is an array of guest_test_t. */
#define GUEST_GROUP(ident, text)                                                                   \
    const guest_group_t ident##_group = {text, ident##_tests,                                      \
                                         sizeof ident##_tests / sizeof *ident##_tests}

/* Runs the groups and prints the report on stdout; true when every test passed. */
bool ktap_run(const guest_group_t *const *groups, unsigned count);

/* Any text on stdout, and a diagnostic line ("# ..."). */
void ktap_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ktap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the running test as failed. */
_Noreturn void ktap_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define FAIL(...) ktap_fail(__FILE_NAME__, __LINE__, __VA_ARGS__)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            FAIL("expected %s", #condition);                                                       \
        }                                                                                          \
    } while (0)

#define CHECK_EQ(got, want)                                                                        \
    do {                                                                                           \
        uint64_t check_got = (uint64_t)(got), check_want = (uint64_t)(want);                       \
        if (check_got != check_want) {                                                             \
            FAIL("%s is 0x%lx, expected %s = 0x%lx", #got, check_got, #want, check_want);          \
        }                                                                                          \
    } while (0)

#define CHECK_STATUS(call, want)                                                                   \
    do {                                                                                           \
        status_t check_status = (call);                                                            \
        if (check_status != (want)) {                                                              \
            FAIL("%s: %s, expected %s", #call, status_text(check_status), status_text(want));      \
        }                                                                                          \
    } while (0)

#define CHECK_OK(call) CHECK_STATUS(call, STATUS_OK)

/* ---- What a test must leave as it was ---- */

/* Frames that are free, or that the stack and the heap only keep for their next use. */
uint64_t ktap_free_frames(void);

#endif
