/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* gcvt */
#include "kernel/wasm/invoke.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/run.h"
#include "kernel/wasm/unwind.h"

static const char *type_name(wasm_rt_type_t type) {
    static const char *const names[] = {
        [WASM_RT_I32] = "i32",
        [WASM_RT_I64] = "i64",
        [WASM_RT_F32] = "f32",
        [WASM_RT_F64] = "f64",
        [WASM_RT_V128] = "v128",
        [WASM_RT_FUNCREF] = "funcref",
        [WASM_RT_EXTERNREF] = "externref",
        [WASM_RT_EXNREF] = "exnref",
    };
    return names[type];
}

/* A whole-string integer that fits `bits`, signed or unsigned. */
static bool parse_int(const char *text, unsigned bits, uint64_t *out) {
    bool negative = text[0] == '-';
    uint64_t magnitude;
    if (!parse_u64(text + (negative || text[0] == '+'), &magnitude)) {
        return false;
    }
    uint64_t limit = negative ? UINT64_C(1) << (bits - 1) : UINT64_MAX >> (64 - bits);
    if (magnitude > limit) {
        return false;
    }
    *out = negative ? -magnitude : magnitude;
    return true;
}

static bool parse_value(const char *text, wasm_rt_type_t type, wasm_value_t *out) {
    wasm_value_t v = {.type = type};
    char *end = NULL;
    switch (type) {
    case WASM_RT_I32:
        if (!parse_int(text, 32, &v.bits)) {
            return false;
        }
        v.bits &= UINT32_MAX;
        break;
    case WASM_RT_I64:
        if (!parse_int(text, 64, &v.bits)) {
            return false;
        }
        break;
    case WASM_RT_F32: {
        float f = strtof(text, &end);
        memcpy(&v.bits, &f, sizeof f);
        break;
    }
    case WASM_RT_F64: {
        double d = strtod(text, &end);
        memcpy(&v.bits, &d, sizeof d);
        break;
    }
    default:
        return false;
    }
    if (end != NULL && (end == text || *end != 0)) {
        return false;
    }
    *out = v;
    return true;
}

/* The shortest decimal text that reads back as the same value. */
static int print_float(char *out, double value, int max_digits, bool single) {
    int n = 0;
    for (int digits = 1; digits <= max_digits; digits++) {
        n = (int)strlen(gcvt(value, digits, out));
        if (single ? strtof(out, NULL) == (float)value : strtod(out, NULL) == value) {
            break;
        }
    }
    /* Whole numbers in full: 120, not 1.2e+02. */
    const char *exponent = strchr(out, 'e');
    uint64_t power;
    if (exponent != NULL && exponent[1] == '+' && parse_u64(exponent + 2, &power) && power < 17) {
        n = (int)strlen(gcvt(value, (int)power + 1, out));
    }
    return n;
}

static void print_value(const wasm_value_t *v) {
    char line[64];
    int n;
    switch (v->type) {
    case WASM_RT_I32:
        n = snprintf(line, sizeof line, "%d", (int32_t)v->bits);
        break;
    case WASM_RT_I64:
        n = snprintf(line, sizeof line, "%lld", (long long)v->bits);
        break;
    case WASM_RT_F32: {
        float f;
        memcpy(&f, &v->bits, sizeof f);
        n = print_float(line, (double)f, 9, true);
        break;
    }
    case WASM_RT_F64: {
        double d;
        memcpy(&d, &v->bits, sizeof d);
        n = print_float(line, d, 17, false);
        break;
    }
    case WASM_RT_V128:
        n = snprintf(line, sizeof line, "0x%016llx%016llx", (unsigned long long)v->hi,
                     (unsigned long long)v->bits);
        break;
    default:
        n = snprintf(line, sizeof line, "<%s>", type_name(v->type));
        break;
    }
    line[n] = '\n';
    stream_stdout->write(stream_stdout, line, (size_t)n + 1);
}

/* The instance that `name` speaks of; *name becomes the export's. Names of modules may hold `::`
 * too: the longest that fits counts. */
static const wasm_instance_t *find_instance(const char **name) {
    const wasm_instance_t *found = wasm_image.instances[wasm_image.main];
    size_t found_len = 0;
    if (wasm_find_export(found, *name) != NULL) {
        return found;
    }
    const char *export = *name;
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        size_t len = strlen(instance->name);
        if (len >= found_len && strncmp(*name, instance->name, len) == 0 &&
            strncmp(*name + len, "::", 2) == 0) {
            found = instance;
            found_len = len;
            export = *name + len + 2;
        }
    }
    *name = export;
    return found;
}

_Noreturn void wasm_invoke(const char *name) {
    static wasm_value_t params[USER_MAX_VALUES], results[USER_MAX_VALUES];
    static backtrace_t backtrace;
    wasm_trap_t trap;
    const wasm_instance_t *instance = find_instance(&name);
    const wasm_export_func_t *func = wasm_find_export(instance, name);
    if (func == NULL) {
        refuse("--invoke: module `%s` has no callable export `%s`", instance->name, name);
    }
    uint32_t given = bootargs.n_args > 0 ? bootargs.n_args - 1 : 0;
    if (given != func->n_params) {
        refuse("--invoke: `%s` takes %u argument(s), %u given", name, func->n_params, given);
    }
    if (func->n_params > USER_MAX_VALUES || func->n_results > USER_MAX_VALUES) {
        refuse("--invoke: `%s` has more than %u parameters or results", name, USER_MAX_VALUES);
    }
    for (uint32_t i = 0; i < given; i++) {
        const char *text = bootargs.args[i + 1];
        if (!parse_value(text, func->params[i], &params[i])) {
            refuse("--invoke: argument %u of `%s`: \"%s\" is not a value of type %s", i + 1, name,
                   text, type_name(func->params[i]));
        }
    }
    LOG(LOG_INFO, wasm, "calling `%s` of `%s`", name, instance->name);
    if (!wasm_call_export_traced(instance, func, params, results, &trap, &backtrace)) {
        wasm_exit_with_trap(&trap, &backtrace, NULL);
    }
    for (uint32_t i = 0; i < func->n_results; i++) {
        results[i].type = func->results[i];
        print_value(&results[i]);
    }
    machine_exit(0);
}
