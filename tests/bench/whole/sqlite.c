/* SPDX-License-Identifier: MIT */
/*
 * SQLite: its own speedtest1 on a database in memory, with SQLite's own allocator (MEMSYS5). The
 * output, with speedtest1's hash of all results, is the checksum. No file is ever opened, and time
 * stands still.
 */
#include <string.h>

#include "sqlite3.h"

/* Of a VFS without files, and of arithmetic that is never done. */
#pragma clang diagnostic ignored "-Wunused-parameter"

#include "../programs/bench.h"
#include "libc.h"

int speedtest1_main(int argc, char **argv);

static int no_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    file->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int no_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    return SQLITE_IOERR_DELETE;
}

static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *found) {
    *found = 0;
    return SQLITE_OK;
}

static int same_path(sqlite3_vfs *vfs, const char *name, int len, char *path) {
    sqlite3_snprintf(len, path, "%s", name);
    return SQLITE_OK;
}

static int no_chance(sqlite3_vfs *vfs, int len, char *bytes) {
    memset(bytes, 7, (size_t)len);
    return len;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds) {
    return microseconds;
}

static int no_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    *milliseconds = 0;
    return SQLITE_OK;
}

static int no_day(sqlite3_vfs *vfs, double *day) {
    *day = 0;
    return SQLITE_OK;
}

static int no_error(sqlite3_vfs *vfs, int len, char *text) {
    return 0;
}

int sqlite3_os_init(void) {
    static sqlite3_vfs none = {
        .iVersion = 2,
        .szOsFile = sizeof(sqlite3_file),
        .mxPathname = 64,
        .zName = "none",
        .xOpen = no_file,
        .xDelete = no_delete,
        .xAccess = no_access,
        .xFullPathname = same_path,
        .xRandomness = no_chance,
        .xSleep = no_sleep,
        .xCurrentTime = no_day,
        .xGetLastError = no_error,
        .xCurrentTimeInt64 = no_time,
    };
    return sqlite3_vfs_register(&none, 1);
}

int sqlite3_os_end(void) {
    return SQLITE_OK;
}

/*
 * SQLite's literals of 128-bit floats: LONGDOUBLE_TYPE is double here, and what they are for is
 * never reached.
 */
#define NO_LONG_DOUBLE(result, name, ...)                                                          \
    result name(__VA_ARGS__);                                                                      \
    result name(__VA_ARGS__) {                                                                     \
        __builtin_trap();                                                                          \
    }
NO_LONG_DOUBLE(long double, __extenddftf2, double a)
NO_LONG_DOUBLE(double, __trunctfdf2, long double a)
NO_LONG_DOUBLE(long double, __multf3, long double a, long double b)
NO_LONG_DOUBLE(int, __getf2, long double a, long double b)
NO_LONG_DOUBLE(int, __gttf2, long double a, long double b)
NO_LONG_DOUBLE(int, __lttf2, long double a, long double b)

BENCH(sqlite) {
    char size[] = {(char)('0' + n), '\0'};
    char *arguments[] = {"speedtest1", "--heap", "12000000", "64",
                         "--verify",   "--size", size,       ":memory:"};
    libc_start();
    if (speedtest1_main(sizeof arguments / sizeof *arguments, arguments) != 0 ||
        sqlite3_shutdown() != SQLITE_OK) {
        __builtin_trap();
    }
    return libc_output();
}
