/* SPDX-License-Identifier: MIT */
#include "kernel/core/log_levels.h"

#include <stdio.h>
#include <string.h>

#include "kernel/core/bootargs.h"
#include "mm/log.h"

uint8_t log_levels[] = {
#define DEFAULT(room) LOG_WARN,
    LOG_ROOMS(DEFAULT)
#undef DEFAULT
};

static const char *const level_names[] = {"off", "error", "warn", "info", "debug", "trace"};
static const char *const room_names[] = {
#define NAME(room) #room,
    LOG_ROOMS(NAME)
#undef NAME
};

#define N_LEVELS (sizeof level_names / sizeof *level_names)

/* The place of text[0..len) in the list; n when it is not there. */
static size_t find(const char *const *list, size_t n, const char *text, size_t len) {
    size_t i = 0;
    while (i < n && (strlen(list[i]) != len || memcmp(list[i], text, len) != 0)) {
        i++;
    }
    return i;
}

static void explain(char *why, size_t size, const char *text, size_t len, const char *kind,
                    const char *const *list, size_t n) {
    size_t used = (size_t)snprintf(why, size, "\"%.*s\" is no %s; there are", (int)len, text, kind);
    for (size_t i = 0; i < n && used < size; i++) {
        used += (size_t)snprintf(why + used, size - used, "%s %s", i > 0 ? "," : "", list[i]);
    }
}

bool log_levels_parse(const char *text, uint8_t levels[LOG_ROOM_COUNT], char *why,
                      size_t why_size) {
    uint8_t named[LOG_ROOM_COUNT], others = LOG_WARN;
    memset(named, UINT8_MAX, sizeof named);
    for (const char *end;; text = end + 1) {
        size_t len = strcspn(text, ","), room = LOG_ROOM_COUNT;
        end = text + len;
        const char *equals = memchr(text, '=', len), *level = text;
        if (equals != NULL) {
            size_t name_len = (size_t)(equals - text);
            room = find(room_names, LOG_ROOM_COUNT, text, name_len);
            if (room == LOG_ROOM_COUNT) {
                explain(why, why_size, text, name_len, "room", room_names, LOG_ROOM_COUNT);
                return false;
            }
            level = equals + 1;
        }
        size_t found = find(level_names, N_LEVELS, level, (size_t)(end - level));
        if (found == N_LEVELS) {
            explain(why, why_size, level, (size_t)(end - level), "level", level_names, N_LEVELS);
            return false;
        }
        *(equals != NULL ? &named[room] : &others) = (uint8_t)found;
        if (*end == '\0') {
            break;
        }
    }
    for (unsigned i = 0; i < LOG_ROOM_COUNT; i++) {
        levels[i] = named[i] != UINT8_MAX ? named[i] : others;
    }
    return true;
}

static char problem[160];

void log_levels_choose(void) {
    const char *text = bootargs_option("log");
    problem[0] = '\0';
    if (text != NULL) {
        (void)log_levels_parse(text, log_levels, problem, sizeof problem);
    }
}

static status_t start(void) {
    if (problem[0] != '\0') {
        refuse("boot argument ingot.log: %s", problem);
    }
    return STATUS_OK;
}

SERVICE(log_service) = {.name = "log", .order = 1, .start = start};

/* Called by mm/, which knows nothing of rooms. */
void mm_log(mm_log_level_t level, const char *format, ...) {
    log_level_t as = level == MM_LOG_DEBUG ? LOG_DEBUG : LOG_TRACE;
    if (LOG_IS_ON(as, mm)) {
        va_list args;
        va_start(args, format);
        log_vmessage(as, "mm", format, args);
        va_end(args);
    }
}
