/* SPDX-License-Identifier: MIT */
/*
 * Kernel messages. They go to the firmware console (UART or SBI), never to the module's stdout.
 * On a board whose only output is that console they follow "ingot: " at the start of a line.
 */
#ifndef INGOT_KERNEL_CORE_LOG_H
#define INGOT_KERNEL_CORE_LOG_H

#include <stdarg.h>
#include <stddef.h>

typedef enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE } log_level_t;

/* Messages above this level are dropped; LOG_WARN unless the boot arguments say otherwise. */
extern log_level_t log_threshold;

void log_message(log_level_t level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Straight to the firmware console; lines longer than 255 bytes are cut. */
void console_print_n(const char *text, size_t len);
void console_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void console_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For a broken invariant of the kernel itself: prints "ingot: panic: ..." with a backtrace and ends
 * the machine with EXIT_CODE_PANIC. Say what was expected, what was found, and where. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the boot for a reason that is the user's to mend (too little memory, bad boot argument):
 * one line on stderr, EXIT_CODE_START. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
