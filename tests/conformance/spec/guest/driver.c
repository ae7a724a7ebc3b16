/* SPDX-License-Identifier: MIT */
/*
 * Performs the commands of one testsuite file, as the only program of the kernel, and reports each
 * on stdout in KTAP: "ok N cINDEX:LINE what". The calls are those of any image: protected calls
 * into exports; nothing here looks into the modules.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/core/exit.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/run.h"
#include "kernel/wasm/trap.h"
#include "kernel/wasm/unwind.h"
#include "kernel/wasm/user.h"
#include "tests/conformance/spec/guest/spec.h"

#define MAX_VALUES 32u

typedef struct call {
    const wasm_export_func_t *func;
    wasm_value_t params[MAX_VALUES], results[MAX_VALUES];
} call_t;

static char why[256];

/* What was instantiated without a trap. */
#define MAX_LIVE 1024u
static const wasm_instance_t *live[MAX_LIVE];
static uint32_t n_live;

static bool is_live(const wasm_instance_t *instance) {
    for (uint32_t i = 0; i < n_live; i++) {
        if (live[i] == instance) {
            return true;
        }
    }
    return false;
}

__attribute__((format(printf, 1, 2))) static bool fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return false;
}

static const wasm_instance_t *find_instance(const char *name) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        if (strcmp(wasm_image.instances[i]->name, name) == 0) {
            return wasm_image.instances[i];
        }
    }
    return NULL;
}

static bool lane_matches(uint64_t got, uint64_t want, unsigned bits, bool canonical,
                         bool arithmetic) {
    uint64_t quiet = bits == 32 ? 0x7fc00000u : UINT64_C(0x7ff8000000000000);
    uint64_t magnitude = (UINT64_C(1) << (bits - 1)) - 1;
    if (canonical) {
        return (got & magnitude) == quiet;
    }
    if (arithmetic) {
        return (got & quiet) == quiet;
    }
    return got == want;
}

static bool matches(const wasm_value_t *got, const spec_value_t *want) {
    uint64_t got_half[2] = {got->bits, got->hi}, want_half[2] = {want->bits, want->hi};
    if (got->type != (wasm_rt_type_t)want->type) {
        return false;
    }
    switch (got->type) {
    case WASM_RT_I32:
        return (uint32_t)got->bits == (uint32_t)want->bits;
    case WASM_RT_FUNCREF:
    case WASM_RT_EXTERNREF:
    case WASM_RT_EXNREF:
        return want->any_reference ? got->bits != 0 : got->bits == want->bits;
    case WASM_RT_V128:
        break;
    case WASM_RT_F32:
        got_half[0] &= UINT32_MAX;
        got_half[1] = 0;
        break;
    default:
        got_half[1] = 0;
        break;
    }
    unsigned bits = want->lane_bits == 32 ? 32 : 64;
    for (unsigned lane = 0; lane < 128 / bits; lane++) {
        unsigned half = lane * bits / 64, shift = lane * bits % 64;
        uint64_t mask = bits == 32 ? UINT32_MAX : UINT64_MAX;
        if (!lane_matches((got_half[half] >> shift) & mask, (want_half[half] >> shift) & mask, bits,
                          want->canonical >> lane & 1, want->arithmetic >> lane & 1)) {
            return false;
        }
    }
    return true;
}

static bool check(const wasm_value_t *got, const spec_value_t *want, unsigned i) {
    if (matches(got, want)) {
        return true;
    }
    return fail("result %u is type %d 0x%016llx%016llx, expected type %d 0x%016llx%016llx%s", i,
                got->type, (unsigned long long)got->hi, (unsigned long long)got->bits, want->type,
                (unsigned long long)want->hi, (unsigned long long)want->bits,
                want->canonical       ? " or a canonical NaN"
                : want->arithmetic    ? " or an arithmetic NaN"
                : want->any_reference ? " or any reference"
                                      : "");
}

static bool prepare(const spec_command_t *c, const wasm_instance_t *instance, call_t *call) {
    call->func = wasm_find_export(instance, c->field);
    if (call->func == NULL) {
        return fail("no such export");
    }
    if (call->func->n_params != c->n_args || c->n_args > MAX_VALUES ||
        call->func->n_results > MAX_VALUES) {
        return fail("takes %u arguments, %u given", call->func->n_params, c->n_args);
    }
    for (unsigned i = 0; i < c->n_args; i++) {
        const spec_value_t *v = &spec_values[c->values + i];
        call->params[i] =
            (wasm_value_t){.type = (wasm_rt_type_t)v->type, .bits = v->bits, .hi = v->hi};
    }
    return true;
}

/* Whether the trap is the one that the testsuite names. */
static bool right_trap(const wasm_trap_t *trap, const char *want) {
    const char *got;
    switch (trap->kind) {
    case WASM_RT_TRAP_UNREACHABLE:
        got = "unreachable";
        break;
    case WASM_RT_TRAP_UNDEFINED_ELEMENT:
        got = "undefined element";
        break;
    default:
        got = wasm_trap_text(trap->kind);
        break;
    }
    /* "uninitialized element 2" names the element as well; a '|' is between alternatives. */
    for (const char *one = want; one != NULL; one = strchr(one, '|')) {
        one += *one == '|';
        if (strncmp(one, got, strlen(got)) == 0) {
            return true;
        }
    }
    return fail("trapped with \"%s\", expected \"%s\"", got, want);
}

static bool expect_trap(bool returned, const wasm_trap_t *trap, const char *want) {
    return returned ? fail("did not trap, expected \"%s\"", want) : right_trap(trap, want);
}

static bool perform_call(const spec_command_t *c, const wasm_instance_t *instance) {
    static call_t call;
    if (!prepare(c, instance, &call)) {
        return false;
    }
    wasm_trap_t trap;
    bool returned = wasm_call_export(instance, call.func, call.params, call.results, &trap);
    switch (c->kind) {
    case SPEC_TRAP:
        return expect_trap(returned, &trap, c->text);
    case SPEC_EXCEPTION:
        return expect_trap(returned, &trap, wasm_trap_text(WASM_RT_TRAP_UNCAUGHT_EXCEPTION));
    default:
        break;
    }
    if (!returned) {
        return fail("trapped with \"%s\"", wasm_trap_text(trap.kind));
    }
    if (c->kind == SPEC_RETURN && call.func->n_results != c->n_expected) {
        return fail("%u results, expected %u", call.func->n_results, c->n_expected);
    }
    for (unsigned i = 0; i < c->n_expected; i++) {
        if (!check(&call.results[i], &spec_values[c->values + c->n_args + i], i)) {
            return false;
        }
    }
    return true;
}

static bool perform_get(const spec_command_t *c, const wasm_instance_t *instance) {
    const spec_value_t *want = &spec_values[c->values];
    wasm_value_t got = {.type = (wasm_rt_type_t)want->type};
    wasm_trap_t trap;
    uint64_t global;
    if (!wasm_call_traced((void (*)(void *))c->get, instance->state, &global, &trap, NULL)) {
        return fail("trapped with \"%s\"", wasm_trap_text(trap.kind));
    }
    bool narrow = want->type == WASM_RT_I32 || want->type == WASM_RT_F32;
    user_read(&got.bits, (const void *)global, narrow ? 4 : 8);
    return check(&got, want, 0);
}

static bool perform(const spec_command_t *c) {
    const wasm_instance_t *instance = find_instance(c->instance);
    wasm_trap_t trap;
    bool returned;
    if (instance == NULL) {
        return fail("no instance %s in this image", c->instance);
    }
    switch (c->kind) {
    case SPEC_MODULE:
    case SPEC_UNINSTANTIABLE:
        returned = wasm_instantiate(instance, &trap);
        if (c->kind == SPEC_UNINSTANTIABLE) {
            return expect_trap(returned, &trap, c->text);
        }
        if (returned && n_live < MAX_LIVE) {
            live[n_live++] = instance;
        }
        return returned || fail("trapped with \"%s\"", wasm_trap_text(trap.kind));
    default:
        if (!is_live(instance)) {
            return fail("instance %s is not there", c->instance);
        }
        return c->kind == SPEC_GET ? perform_get(c, instance) : perform_call(c, instance);
    }
}

static void say(const char *line, size_t len) {
    stream_stdout->write(stream_stdout, line, len);
}

void spec_run(void) {
    static char line[400];
    uint32_t failed = 0;
    /* The host module is there before the first command. */
    const wasm_instance_t *host = find_instance("spectest");
    wasm_trap_t trap;
    if (host == NULL || !wasm_instantiate(host, &trap)) {
        static const char bail[] = "Bail out! no spectest module\n";
        say(bail, sizeof bail - 1);
        machine_exit(1);
    }
    int n = snprintf(line, sizeof line, "KTAP version 1\n1..%u\n", (unsigned)spec_n_commands);
    say(line, (size_t)n);
    for (uint32_t i = 0; i < spec_n_commands; i++) {
        const spec_command_t *c = &spec_commands[i];
        why[0] = 0;
        bool ok = perform(c);
        failed += !ok;
        n = snprintf(line, sizeof line, "%s %u c%u:%u%s%s\n", ok ? "ok" : "not ok", (unsigned)i + 1,
                     (unsigned)c->index, (unsigned)c->line, ok ? "" : " ", why);
        say(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    }
    machine_exit(failed == 0 ? 0 : 1);
}
