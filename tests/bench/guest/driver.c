/* SPDX-License-Identifier: MIT */
/*
 * Runs a bench program twice in each form, as the only work of the kernel, and reports the retired
 * instructions of the second run: by then all pages that it touches are there. A program's two
 * forms must give the same checksum. Or, in the image of the module `calls`, what calls into the
 * host cost.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/core/exit.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/run.h"
#include "tests/bench/guest/natives.h"

typedef struct measured {
    uint64_t instructions, checksum;
} measured_t;

static uint64_t retired(void) {
    uint64_t n;
    __asm__ volatile("rdinstret %0" : "=r"(n)::"memory");
    return n;
}

/* One call; its result, or one that no call gives when it trapped. */
static measured_t call(const wasm_instance_t *instance, const wasm_export_func_t *f,
                       const wasm_value_t *params) {
    wasm_value_t result = {0};
    wasm_trap_t trap;
    uint64_t start = retired();
    bool returned = wasm_call_export(instance, f, params, &result, &trap);
    uint64_t spent = retired() - start;
    return (measured_t){spent, returned ? result.bits : UINT64_MAX};
}

static measured_t run_module(const wasm_instance_t *instance, const wasm_export_func_t *run) {
    const wasm_value_t n = {.type = WASM_RT_I32, .bits = 1};
    call(instance, run, &n);
    return call(instance, run, &n);
}

static measured_t run_native(const native_program_t *native) {
    native->run(1);
    uint64_t start = retired();
    uint64_t checksum = native->run(1);
    return (measured_t){retired() - start, checksum};
}

static const native_program_t *find_native(const char *name) {
    for (const native_program_t *p = native_programs; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}

static void say(const char *line) {
    stream_stdout->write(stream_stdout, line, strlen(line));
}

/* What a call into the host costs: every export of the module `calls`, the second time. */
static bool report_costs(const wasm_instance_t *instance) {
    bool good = true;
    for (uint32_t i = 0; i < instance->n_exports; i++) {
        const wasm_export_func_t *f = &instance->exports[i];
        char line[96];
        good &= call(instance, f, NULL).checksum == 0;
        measured_t again = call(instance, f, NULL);
        good &= again.checksum == 0;
        snprintf(line, sizeof line, "cost %s %lu\n", f->name, again.instructions);
        say(line);
    }
    return good;
}

static bool report_program(const wasm_instance_t *instance) {
    const wasm_export_func_t *run = wasm_find_export(instance, "run");
    const native_program_t *native = find_native(instance->name);
    char line[160];
    if (run == NULL || native == NULL) {
        say("not-ok a program without its two forms\n");
        return false;
    }
    measured_t aot = run_module(instance, run), plain = run_native(native);
    bool same = aot.checksum == plain.checksum && aot.checksum != 0;
    snprintf(line, sizeof line, "%s %s %lu %lu %016lx %016lx\n", same ? "ok" : "not-ok",
             instance->name, aot.instructions, plain.instructions, aot.checksum, plain.checksum);
    say(line);
    return same;
}

_Noreturn void bench_run(void) {
    bool good = true;
    wasm_instantiate_all();
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        bool calls = strcmp(instance->name, "calls") == 0;
        good &= calls ? report_costs(instance) : report_program(instance);
    }
    machine_exit(good ? 0 : 1);
}
