/* SPDX-License-Identifier: MIT */
/* Telling a trap on stderr: what, where, and who called. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/user.h"
#include "kernel/core/exit.h"
#include "kernel/core/stream.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/unwind.h"

const char *wasm_trap_text(wasm_rt_trap_t kind) {
    static const char *const texts[WASM_RT_TRAP_KINDS] = {
        [WASM_RT_TRAP_NONE] = "no trap",
        [WASM_RT_TRAP_OOB] = "out of bounds memory access",
        [WASM_RT_TRAP_INT_OVERFLOW] = "integer overflow",
        [WASM_RT_TRAP_DIV_BY_ZERO] = "integer divide by zero",
        [WASM_RT_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
        [WASM_RT_TRAP_UNREACHABLE] = "wasm `unreachable` instruction executed",
        [WASM_RT_TRAP_CALL_INDIRECT] = "invalid indirect call",
        [WASM_RT_TRAP_UNCAUGHT_EXCEPTION] = "uncaught exception",
        [WASM_RT_TRAP_UNALIGNED] = "unaligned atomic",
        [WASM_RT_TRAP_EXHAUSTION] = "call stack exhausted",
        [WASM_RT_TRAP_NULL_REFERENCE] = "null reference",
        [WASM_RT_TRAP_TABLE_OOB] = "out of bounds table access",
        [WASM_RT_TRAP_UNDEFINED_ELEMENT] = "undefined element: out of bounds table access",
        [WASM_RT_TRAP_UNINITIALIZED_ELEMENT] = "uninitialized element",
        [WASM_RT_TRAP_INDIRECT_TYPE] = "indirect call type mismatch",
        [WASM_RT_TRAP_UNKNOWN_IMPORT] = "unknown import called",
        [WASM_RT_TRAP_HOST] = "host function",
        [WASM_RT_TRAP_TIMEOUT] = "time-out",
    };
    return (unsigned)kind < WASM_RT_TRAP_KINDS ? texts[kind] : "unknown trap";
}

static void write_stderr(const char *text, size_t len) {
    stream_stderr->write(stream_stderr, text, len);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
    char text[128];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_stderr(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void say_type(const char *what, wasm_rt_func_type_t type) {
    uint32_t name;
    say("%s", what);
    if (symbols_type(type, &name)) {
        symbols_write(name, write_stderr);
    } else {
        say("a type of another module");
    }
}

static void say_element(const wasm_trap_t *trap) {
    say("ingot:   element %lu of a table of %lu", trap->index, trap->table_size);
    say_type(": expected ", trap->expected);
    if (trap->kind == WASM_RT_TRAP_INDIRECT_TYPE) {
        say_type(", found ", trap->found);
    }
    say("\n");
}

static void say_address(const wasm_trap_t *trap) {
    if (trap->memory == NULL) {
        say("ingot:   offset 0x%lx of a data segment", trap->offset);
    } else {
        const wasm_instance_t *owner = trap->memory->instance;
        say(trap->carry ? "ingot:   address 0x1%016lx" : "ingot:   address 0x%lx", trap->offset);
        say(" of linear memory `%s`", owner != NULL ? owner->name : "?");
    }
    say(", size 0x%lx\n", trap->size);
}

/* What only some kinds have, a line each. */
static void say_details(const wasm_trap_t *trap) {
    if (trap->expected != NULL) {
        say_element(trap);
    }
    if (trap->has_address) {
        say_address(trap);
    }
}

static void report(const wasm_trap_t *trap, const backtrace_t *backtrace,
                   const wasm_instance_t *starting) {
    if (trap->kind == WASM_RT_TRAP_TIMEOUT) {
        uint64_t ms = trap->offset % 1000;
        say(ms == 0 ? "ingot: timed out after %lu s" : "ingot: timed out after %lu.%03lu s",
            trap->offset / 1000, ms);
    } else {
        say("ingot: wasm trap: %s", wasm_trap_text(trap->kind));
    }
    if (trap->kind == WASM_RT_TRAP_UNKNOWN_IMPORT) {
        say(": ");
        write_stderr(trap->import_module, strlen(trap->import_module));
        say("::");
        write_stderr(trap->import_field, strlen(trap->import_field));
    } else if (trap->kind == WASM_RT_TRAP_HOST) {
        say(": ");
        write_stderr(trap->message, strlen(trap->message));
    }
    say("\n");
    say_details(trap);
    if (starting != NULL) {
        say("ingot:   while module `%s` was instantiated\n", starting->name);
    }
    backtrace_print_wasm(backtrace, write_stderr);
}

_Noreturn void wasm_exit_with_trap(const wasm_trap_t *trap, const backtrace_t *backtrace,
                                   const wasm_instance_t *starting) {
    hal_user_access(true); /* for the names */
    report(trap, backtrace, starting);
    machine_exit(trap->kind == WASM_RT_TRAP_TIMEOUT ? EXIT_CODE_TIMEOUT : EXIT_CODE_TRAP);
}
