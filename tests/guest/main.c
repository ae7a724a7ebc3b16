/* SPDX-License-Identifier: MIT */
/*
 * The test image: the kernel, with these tests where an app's glue would be. What runs is chosen by
 * the boot argument ingot.test=NAME[,NAME...]; without it every group does.
 *   GROUP           a group of tests; KTAP on stdout, exit code 0 or 1
 *   fatal-NAME      ends in a panic (kernel/core/exit.h), one for each boot
 *   layout          prints where things lie, for the host to compare boots
 *   bench           prints measurements, for the host to compare with mm.budget
 */
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/user.h"
#include "mm/heap.h"
#include "tests/guest/groups.h"
#include "tests/guest/ktap.h"
#include "tests/guest/user.h"

static const guest_group_t *const all_groups[] = {
    &security_group,       &guard_group,       &tables_group,       &pages_group,
    &memory_oom_group,     &wasm_memory_group, &wasm_initial_group, &wasm_trap_group,
    &wasm_exception_group, &random_group,
};
#define GROUP_COUNT (sizeof all_groups / sizeof *all_groups)

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const guest_group_t *find_group(const char *name, size_t len) {
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (strlen(all_groups[i]->name) == len && memcmp(all_groups[i]->name, name, len) == 0) {
            return all_groups[i];
        }
    }
    return NULL;
}

static _Noreturn void refuse_name(const char *name, size_t len) {
    ktap_print("Bail out! no test is named \"%.*s\"\n", (int)len, name);
    machine_exit(EXIT_USAGE);
}

static unsigned choose(const char *names, const guest_group_t *chosen[GROUP_COUNT]) {
    if (names == NULL || *names == 0) {
        memcpy(chosen, all_groups, sizeof all_groups);
        return GROUP_COUNT;
    }
    unsigned count = 0;
    while (*names != 0) {
        size_t len = strcspn(names, ",");
        const guest_group_t *group = find_group(names, len);
        if (group == NULL || count == GROUP_COUNT) {
            refuse_name(names, len);
        }
        chosen[count++] = group;
        names += len;
        names += *names == ',';
    }
    return count;
}

/* The heap keeps some free pages at hand, so that no test is the first to need them. */
static void warm_up_heap(void) {
    heap_free(heap_alloc(200u << 10));
}

static void guest_tests_run(void) {
    const char *names = bootargs_option("test");
    warm_up_heap();
    if (names != NULL && strncmp(names, "fatal-", 6) == 0) {
        if (!fatal_run(names + 6)) {
            refuse_name(names, strlen(names));
        }
        ktap_print("not ok 1 %s # still alive\n", names);
        machine_exit(EXIT_FAILED);
    }
    if (names != NULL && strcmp(names, "layout") == 0) {
        layout_print();
        machine_exit(0);
    }
    if (names != NULL && strcmp(names, "bench") == 0) {
        machine_exit(bench_mm_run() ? 0 : EXIT_FAILED);
    }
    const guest_group_t *chosen[GROUP_COUNT];
    unsigned count = choose(names, chosen);
    stack_warm_up();
    tables_warm_up();
    machine_exit(ktap_run(chosen, count) ? 0 : EXIT_FAILED);
}

void call_test_nest(void);
uint64_t call_test_inside(void);

static void call_test_unknown_import(void) {
    wasm_unknown_import("env", "missing");
}

#define CALL(f) (hal_user_function_t)(void (*)(void)) f
static const hal_user_function_t calls[] = {
    [0] = CALL(call_unknown),
    [USER_CALL_TRAP] = CALL(call_trap),
    [USER_CALL_TRAP_INDIRECT] = CALL(call_trap_indirect),
    [USER_CALL_TRAP_RANGE] = CALL(call_trap_range),
    [USER_CALL_TRAP_SEGMENT] = CALL(call_trap_segment),
    [USER_CALL_STACK_SMASHED] = CALL(call_stack_smashed),
    [USER_CALL_MEMORY_NEW] = CALL(call_memory_new),
    [USER_CALL_MEMORY_GROW] = CALL(call_memory_grow),
    [USER_CALL_TABLE_NEW] = CALL(call_table_new),
    [USER_CALL_TABLE_GROW] = CALL(call_table_grow),
    [USER_CALL_TEST_UNKNOWN_IMPORT] = CALL(call_test_unknown_import),
    [USER_CALL_TEST_NEST] = CALL(call_test_nest),
    [USER_CALL_TEST_INSIDE] = CALL(call_test_inside),
};

static const wasm_instance_t *const instances[] = {&wasm_initial_instance};
const wasm_image_t wasm_image = {
    .run = guest_tests_run,
    .user = {.calls = calls,
             .n_calls = sizeof calls / sizeof *calls,
             .back = user_back,
             .stack_guard = &user_stack_guard,
             .unwind_target = &user_unwind_target},
    .instances = instances,
    .n_instances = 1,
};
