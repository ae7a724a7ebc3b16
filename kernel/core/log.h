/* SPDX-License-Identifier: MIT */
/*
 * Kernel messages, with a level and the room they come from. They go to the firmware console (UART
 * or SBI), never to the module's stdout. On a board whose only output is that console they follow
 * "ingot: " at the start of a line.
 */
#ifndef INGOT_KERNEL_CORE_LOG_H
#define INGOT_KERNEL_CORE_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef enum log_level {
    LOG_OFF,
    LOG_ERROR,
    LOG_WARN,
    LOG_INFO,
    LOG_DEBUG,
    LOG_TRACE,
} log_level_t;

/* The parts of the kernel that have a level each: the folders of the source. */
#define LOG_ROOMS(X) X(boot) X(core) X(drivers) X(fs) X(mm) X(wasi) X(wasm)

enum log_room {
#define LOG_ROOM(name) LOG_ROOM_##name,
    LOG_ROOMS(LOG_ROOM)
#undef LOG_ROOM
        LOG_ROOM_COUNT
};

/*
 * LOG(LOG_INFO, boot, "%lu bytes", n): a line, if the room's level lets it pass.
 *
 * The kernel is compiled twice. The one with INGOT_LOG has all messages, and levels that ingot.log
 * chooses; it is linked into images made with LOG. The other has errors and warnings alone, always
 * told: what is above them is not even compiled, so it costs neither room nor time.
 */
#ifdef INGOT_LOG
extern uint8_t log_levels[LOG_ROOM_COUNT]; /* a log_level_t each */
#define LOG_IS_ON(level, room) ((level) <= log_levels[LOG_ROOM_##room])
#else
#define LOG_IS_ON(level, room) ((level) <= LOG_WARN)
#endif
#define LOG(level, room, ...)                                                                      \
    do {                                                                                           \
        if (LOG_IS_ON(level, room)) {                                                              \
            log_message(level, #room, __VA_ARGS__);                                                \
        }                                                                                          \
    } while (0)

/* What LOG calls. A message from within another, that of a page fault while one is written, is
 * dropped. */
void log_message(log_level_t level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_vmessage(log_level_t level, const char *room, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

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
