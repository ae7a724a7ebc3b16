/* SPDX-License-Identifier: MIT */
/*
 * Tail calls. A function that makes them exists twice: in its ordinary form, which runs a
 * trampoline, and as a tail callee, which leaves the next callee to the trampoline's loop.
 * wasm2c 1.0.39 errs in four places:
 *
 *  1. the trampoline's `instance_ptr_storage` is not initialised when the callee is of the same
 *     module (CVE-2026-90648);
 *  2. in a tail callee, the declarations of stack variables land between the type and the name of
 *     the first local: "u64   u32 var_i0;" ... "var_l1 = 0;";
 *  3. a tail callee that makes an ordinary indirect call in tail position returns without handing
 *     over the results;
 *  4. results of a call in tail position are put where the operand stack stands, though the code
 *     after the function's end label takes them from its bottom.
 */
#include <string.h>

#include "toolchain/mend/parts.h"

static const char end_label[] = "goto var_Bfunc;";

/* Whether `line` assigns to a stack variable: "  var_i3 = ...". Its letter is one of a type. */
static bool assigns_stack_variable(slice_t line, slice_t *rest) {
    slice_t t = slice_trim(line);
    if (!slice_starts(t, "var_") || t.n < 9 || strchr("ijfdorex", t.p[4]) == NULL) {
        return false;
    }
    size_t i = 5;
    while (i < t.n && t.p[i] >= '0' && t.p[i] <= '9') {
        i++;
    }
    if (i == 5 || i + 3 > t.n || memcmp(t.p + i, " = ", 3) != 0) {
        return false;
    }
    *rest = (slice_t){t.p + i + 3, t.n - i - 3};
    return true;
}

/* "  var_i3 = X" becomes "  var_iINDEX = X". */
static slice_t retarget(arena_t *a, slice_t line, unsigned index) {
    slice_t rest;
    if (!assigns_stack_variable(line, &rest)) {
        return line;
    }
    slice_t t = slice_trim(line);
    text_t out = {0};
    text_add(&out, line.p, (size_t)(t.p - line.p) + 5);
    text_addf(&out, "%u = ", index);
    text_add(&out, rest.p, rest.n);
    slice_t result = arena_slice(a, &out);
    text_free(&out);
    return result;
}

/* Assignments from `tmp` that follow line i are the results: the first goes to slot 0. */
static void retarget_results(arena_t *a, slice_t *lines, size_t n, size_t i) {
    slice_t rest;
    for (unsigned index = 0;
         i + 1 < n && assigns_stack_variable(lines[i + 1], &rest) && slice_starts(rest, "tmp");
         index++, i++) {
        lines[i + 1] = retarget(a, lines[i + 1], index);
    }
}

static slice_t with_suffix(arena_t *a, slice_t line, size_t drop, const char *suffix) {
    text_t out = {0};
    text_add(&out, line.p, line.n - drop);
    text_puts(&out, suffix);
    slice_t result = arena_slice(a, &out);
    text_free(&out);
    return result;
}

/* Number 2: moves the type before the name it belongs to. */
static status_t mend_locals(arena_t *a, slice_t *lines, size_t n, mend_error_t *error) {
    for (size_t i = 1; i < n; i++) {
        slice_t line = lines[i];
        if (!slice_starts(line, "  ") || line.n < 8 || line.p[2] == ' ') {
            continue;
        }
        const char *space = memchr(line.p + 2, ' ', line.n - 2);
        size_t type_end = space != NULL ? (size_t)(space - line.p) + 1 : line.n;
        if (type_end + 2 >= line.n || line.p[type_end] != ' ' || line.p[type_end + 1] != ' ') {
            continue;
        }
        size_t k = i + 1;
        while (k < n && !slice_starts(lines[k], "var_") && !slice_starts(lines[k], "volatile ")) {
            if (!slice_starts(lines[k], "  ")) {
                return mend_fail(error, "tail callee with locals of an unknown form: %.*s",
                                 (int)(line.n < 120 ? line.n : 120), line.p);
            }
            k++;
        }
        if (k == n) {
            return mend_fail(error, "tail callee whose local was not found: %.*s",
                             (int)(line.n < 120 ? line.n : 120), line.p);
        }
        text_t out = {0};
        text_add(&out, line.p, type_end);
        text_add(&out, lines[k].p, lines[k].n);
        lines[k] = arena_slice(a, &out);
        text_free(&out);
        lines[i] = (slice_t){line.p + type_end, line.n - type_end};
        return STATUS_OK; /* stack variables are declared in one place */
    }
    return STATUS_OK;
}

/* Numbers 3 and 4: the branch for a callee that has no tail-callee form. */
static void mend_indirect(arena_t *a, slice_t *lines, size_t n, size_t i, bool callee) {
    for (size_t k = i + 1; k < n && !slice_equals(slice_trim(lines[k]), "} else {"); k++) {
        slice_t rest;
        if (assigns_stack_variable(lines[k], &rest) && slice_starts(rest, "CALL_INDIRECT(")) {
            lines[k] = retarget(a, lines[k], 0);
        } else if (slice_contains(lines[k], " tmp = CALL_INDIRECT(")) {
            retarget_results(a, lines, n, k);
        } else if (callee && slice_equals(slice_trim(lines[k]), "next->fn = NULL;")) {
            lines[k] = with_suffix(a, lines[k], 0, " goto var_Bfunc;");
        }
    }
}

/* Number 4, for a direct call: lines before `goto var_Bfunc;` at i. */
static void mend_direct(arena_t *a, slice_t *lines, size_t n, size_t i) {
    slice_t rest;
    if (assigns_stack_variable(lines[i - 1], &rest) && slice_starts(rest, "w2c_")) {
        lines[i - 1] = retarget(a, lines[i - 1], 0);
        return;
    }
    if (!slice_equals(slice_trim(lines[i - 1]), "}")) {
        return;
    }
    size_t k = i - 1;
    while (k > 1 && assigns_stack_variable(lines[k - 1], &rest) && slice_starts(rest, "tmp.")) {
        k--;
    }
    if (k < i - 1 && slice_contains(lines[k - 1], " tmp = w2c_")) {
        retarget_results(a, lines, n, k - 1);
    }
}

/* Whether the code after the end label hands over results. */
static bool has_results(const slice_t *lines, size_t n, bool callee) {
    if (!callee) {
        return !slice_starts(lines[0], "void ");
    }
    for (size_t i = n; i > 0 && !slice_starts(slice_trim(lines[i - 1]), "var_Bfunc:"); i--) {
        if (slice_contains(lines[i - 1], "wasm_rt_memcpy(tail_call_stack, &tmp")) {
            return true;
        }
    }
    return false;
}

/* The parameters of a tail callee are var_p0, ... unless debug names were used. */
static status_t check_names(const slice_t *lines, size_t n, mend_error_t *error) {
    for (size_t i = 0; i + 1 < n; i++) {
        if (slice_contains(lines[i], "wasm_rt_memcpy(&tmp, tail_call_stack")) {
            if (slice_starts(slice_trim(lines[i + 1]), "var_p")) {
                return STATUS_OK;
            }
            return mend_fail(error, "tail calls can only be mended without debug names: run wasm2c "
                                    "with --no-debug-names");
        }
        if (slice_starts(lines[i], "  }")) {
            break;
        }
    }
    return STATUS_OK;
}

status_t mend_tail_calls(arena_t *a, slice_t *lines, size_t n, mend_error_t *error) {
    bool callee = slice_starts(lines[0], "void wasm_tailcall_");
    status_t s = STATUS_OK;
    if (callee) {
        bool has_params =
            n > 3 && slice_starts(lines[3], "  ") && slice_contains(lines[3], "var_p");
        s = has_params ? check_names(lines, n, error) : STATUS_OK;
        s = s == STATUS_OK ? mend_locals(a, lines, n, error) : s;
    }
    bool results = has_results(lines, n, callee);
    for (size_t i = 1; i < n && s == STATUS_OK; i++) {
        slice_t t = slice_trim(lines[i]);
        if (slice_equals(t, "void *instance_ptr_storage;")) {
            lines[i] = with_suffix(a, lines[i], 1, " = instance;");
        } else if (slice_equals(t, "wasm_rt_memcpy(&tmp, tail_call_stack, sizeof(tmp));")) {
            retarget_results(a, lines, n, i);
        } else if (slice_starts(t, "if (!") && slice_ends(t, ".func_tailcallee.fn) {")) {
            mend_indirect(a, lines, n, i, callee);
        } else if (results && slice_equals(t, end_label)) {
            mend_direct(a, lines, n, i);
        }
    }
    return s;
}
