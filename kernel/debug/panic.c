/* SPDX-License-Identifier: MIT */
/* The kernel's last words: panics, unhandled traps, and refusals to start. */
#include <stdio.h>
#include <string.h>

#include "hal/trap.h"
#include "hal/user.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"
#include "kernel/core/vmap.h"
#include "kernel/debug/backtrace.h"

static void print_backtrace(const hal_frame_t *from) {
    static backtrace_t backtrace; /* a panic's stack may be short */
    hal_user_access(true);        /* for the names */
    backtrace_take(&backtrace, from);
    backtrace_print_all(&backtrace, "ingot: panic:   ", console_print_n);
}

_Noreturn void panic(const char *format, ...) {
    static bool panicking;
    if (panicking) {
        machine_stop(EXIT_CODE_PANIC); /* the report itself failed */
    }
    panicking = true;
    console_printf("ingot: panic: ");
    va_list args;
    va_start(args, format);
    console_vprintf(format, args);
    va_end(args);
    console_printf("\n");
    hal_frame_t here;
    hal_frame_here(&here);
    print_backtrace(&here);
    machine_stop(EXIT_CODE_PANIC);
}

_Noreturn void hal_unhandled_trap(const hal_trap_t *t, bool nested) {
    static const char *const kinds[] = {
        [HAL_TRAP_LOAD_FAULT] = "load fault",
        [HAL_TRAP_STORE_FAULT] = "store fault",
        [HAL_TRAP_FETCH_FAULT] = "fetch fault",
        [HAL_TRAP_MISALIGNED] = "misaligned access",
        [HAL_TRAP_ILLEGAL] = "illegal instruction",
        [HAL_TRAP_BREAKPOINT] = "breakpoint",
        [HAL_TRAP_TIMER] = "unexpected timer interrupt",
        [HAL_TRAP_EXTERNAL] = "unexpected device interrupt",
        [HAL_TRAP_OTHER] = "unknown trap",
    };
    console_printf("ingot: panic: %s%s at %016lx, pc %016lx%s\n", nested ? "nested " : "",
                   kinds[hal_trap_kind(t)], hal_trap_address(t).raw, hal_trap_pc(t),
                   hal_trap_from_user(t) ? ", of the module" : "");
    vmap_describe(hal_trap_address(t), console_printf);
    hal_trap_dump(t, "ingot: panic:   ", console_printf);
    if (!nested) {
        hal_frame_t frame;
        hal_frame_of_trap(t, &frame);
        print_backtrace(&frame);
    }
    machine_stop(EXIT_CODE_PANIC);
}

/* Called by mm/ when one of its invariants is broken. */
_Noreturn void mm_panic(const char *file, int line, const char *what) {
    panic("%s:%d: %s", file, line, what);
}

/* The compiler's stack protector found a smashed canary. */
_Noreturn void __stack_chk_fail(void) {
    panic("stack smashed: canary of the function returning to %016lx is damaged",
          (uint64_t)(uintptr_t)__builtin_return_address(0));
}

_Noreturn void refuse(const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
    line[len++] = '\n';
    if (stream_stderr != NULL) {
        stream_stderr->write(stream_stderr, "ingot: ", 7);
        stream_stderr->write(stream_stderr, line, len);
    } else {
        console_print_n("ingot: fatal: ", 14);
        console_print_n(line, len);
    }
    machine_exit(EXIT_CODE_START);
}
