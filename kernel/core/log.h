/* SPDX-License-Identifier: MIT */
/*
 * Kernel messages. They go to the firmware console (UART or SBI), never to the module's stdout.
 * On a board whose only output is that console they follow "ingot: " at the start of a line.
 */
#ifndef INGOT_KERNEL_CORE_LOG_H
#define INGOT_KERNEL_CORE_LOG_H

#include <stdarg.h>

typedef enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE } log_level_t;

void log_message(log_level_t level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints "ingot: panic: ..." with the place and a backtrace, and ends the machine with
 * EXIT_CODE_PANIC. Says what was expected and what was found. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the boot for a reason that is the user's to mend (too little memory, bad boot argument):
 * one line on stderr, EXIT_CODE_START. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
