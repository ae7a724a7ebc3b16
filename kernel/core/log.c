/* SPDX-License-Identifier: MIT */
/* Kernel messages on the firmware console. */
#include "kernel/core/log.h"

#include <stdbool.h>
#include <stdio.h>

#include "hal/firmware.h"

#define LINE_MAX_BYTES 256

void console_print_n(const char *text, size_t len) {
    while (len > 0) {
        size_t done = 0;
        if (hal_console_write(text, len, &done) != STATUS_OK || done == 0) {
            return; /* nowhere to complain to */
        }
        text += done;
        len -= done;
    }
}

void console_vprintf(const char *format, va_list args) {
    static char line[LINE_MAX_BYTES]; /* in the image: DBCN wants contiguous memory */
    int n = vsnprintf(line, sizeof line, format, args);
    if (n > 0) {
        console_print_n(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    }
}

void console_printf(const char *format, ...) {
    va_list args;
    va_start(args, format);
    console_vprintf(format, args);
    va_end(args);
}

void log_vmessage(log_level_t level, const char *room, const char *format, va_list args) {
    static const char *const names[] = {"off", "error", "warning", "info", "debug", "trace"};
    static bool busy;
    if (busy) {
        return;
    }
    busy = true;
    console_printf("ingot: %s: %s: ", names[level], room);
    console_vprintf(format, args);
    console_print_n("\n", 1);
    busy = false;
}

void log_message(log_level_t level, const char *room, const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_vmessage(level, room, format, args);
    va_end(args);
}
