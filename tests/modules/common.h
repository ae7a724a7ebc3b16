/* SPDX-License-Identifier: MIT */
/* What the drivers of images with several modules share; they report as KTAP on stdout. */
#ifndef INGOT_TESTS_MODULES_COMMON_H
#define INGOT_TESTS_MODULES_COMMON_H

#include "kernel/wasm/run.h"

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A test's line. */
void result(bool good, const char *what);
/* The plan's line; ends the machine. */
_Noreturn void finish(void);

const wasm_instance_t *find(const char *name);

/* The same numbers in every run. */
uint64_t random_number(void);

/* All of an instance: its memory, and its state with globals, table and the memory's own record. */
uint64_t hash_instance(const wasm_instance_t *instance);
uint64_t hash_memory(const wasm_instance_t *instance);

#endif
