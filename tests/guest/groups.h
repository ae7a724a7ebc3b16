/* SPDX-License-Identifier: MIT */
/* The themes of the test image, one file each. */
#ifndef INGOT_TESTS_GUEST_GROUPS_H
#define INGOT_TESTS_GUEST_GROUPS_H

#include "kernel/wasm/module.h"
#include "tests/guest/ktap.h"

extern const guest_group_t security_group;       /* one negative test for each promise */
extern const guest_group_t guard_group;          /* stack guards, by name */
extern const guest_group_t tables_group;         /* a walk over the raw page tables */
extern const guest_group_t pages_group;          /* the rules of mm/ on real hardware tables */
extern const guest_group_t memory_oom_group;     /* out of memory is an answer */
extern const guest_group_t wasm_memory_group;    /* linear memories: bounds and growth */
extern const guest_group_t wasm_initial_group;   /* memories that start with pages of the image */
extern const guest_group_t wasm_trap_group;      /* traps and protected calls */
extern const guest_group_t wasm_exception_group; /* throw and catch */
extern const guest_group_t random_group;         /* canary, layout, generator */

extern const wasm_instance_t wasm_initial_instance; /* of which that group makes the memories */

/* Provokes one panic; false when there is no such test. */
bool fatal_run(const char *name);

/* Overflows the modules' stack once, so that all of it is there and later tests find frames
 * unchanged. */
void stack_warm_up(void);

/* Makes the tables of the tests at user level. */
void tables_warm_up(void);

void layout_print(void);
bool bench_mm_run(void);

#endif
