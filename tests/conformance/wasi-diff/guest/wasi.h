/* SPDX-License-Identifier: MIT */
/*
 * The raw preview 1 calls, as the witx has them: paths with a length (they may hold a NUL), nothing
 * checked or translated by a C library in between.
 */
#ifndef WASI_DIFF_WASI_H
#define WASI_DIFF_WASI_H

#include <stdint.h>

typedef struct iovec32 {
    uint8_t *buf;
    uint32_t len;
} iovec32_t;

typedef struct fdstat {
    uint8_t type;
    uint16_t flags;
    uint64_t rights, inheriting;
} fdstat_t;

typedef struct filestat {
    uint64_t dev, ino;
    uint8_t type;
    uint64_t nlink, size, atim, mtim, ctim;
} filestat_t;

typedef struct dirent32 {
    uint64_t next, ino;
    uint32_t namlen;
    uint8_t type;
} dirent32_t;

enum { ERRNO_SUCCESS = 0, TYPE_DIRECTORY = 3, TYPE_SYMLINK = 7, OFLAGS_DIRECTORY = 2 };

/*
 * All but those of sockets; and of these, what a directory has use for: asking for the right to
 * write, to allocate or to sync data, an open directory is an error to one host or another.
 */
#define ALL_RIGHTS ((UINT64_C(1) << 28) - 1)
#define DIRECTORY_RIGHTS (ALL_RIGHTS & ~UINT64_C(0x400167))

#define CALL(name)                                                                                 \
    __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) uint32_t name

CALL(fd_advise)(uint32_t fd, uint64_t offset, uint64_t len, uint32_t advice);
CALL(fd_allocate)(uint32_t fd, uint64_t offset, uint64_t len);
CALL(fd_close)(uint32_t fd);
CALL(fd_datasync)(uint32_t fd);
CALL(fd_fdstat_get)(uint32_t fd, fdstat_t *out);
CALL(fd_fdstat_set_flags)(uint32_t fd, uint32_t flags);
CALL(fd_fdstat_set_rights)(uint32_t fd, uint64_t base, uint64_t inheriting);
CALL(fd_filestat_get)(uint32_t fd, filestat_t *out);
CALL(fd_filestat_set_size)(uint32_t fd, uint64_t size);
CALL(fd_filestat_set_times)(uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags);
CALL(fd_pread)(uint32_t fd, const iovec32_t *iovs, uint32_t n, uint64_t offset, uint32_t *got);
CALL(fd_prestat_get)(uint32_t fd, uint32_t *out);
CALL(fd_pwrite)(uint32_t fd, const iovec32_t *iovs, uint32_t n, uint64_t offset, uint32_t *done);
CALL(fd_read)(uint32_t fd, const iovec32_t *iovs, uint32_t n, uint32_t *got);
CALL(fd_readdir)(uint32_t fd, uint8_t *buf, uint32_t len, uint64_t cookie, uint32_t *used);
CALL(fd_renumber)(uint32_t from, uint32_t to);
CALL(fd_seek)(uint32_t fd, int64_t delta, uint32_t whence, uint64_t *position);
CALL(fd_sync)(uint32_t fd);
CALL(fd_tell)(uint32_t fd, uint64_t *position);
CALL(fd_write)(uint32_t fd, const iovec32_t *iovs, uint32_t n, uint32_t *done);
CALL(path_create_directory)(uint32_t dir, const char *path, uint32_t len);
CALL(path_filestat_get)(uint32_t dir, uint32_t lookup, const char *path, uint32_t len,
                        filestat_t *out);
CALL(path_filestat_set_times)(uint32_t dir, uint32_t lookup, const char *path, uint32_t len,
                              uint64_t atim, uint64_t mtim, uint32_t flags);
CALL(path_link)(uint32_t old_dir, uint32_t lookup, const char *old_path, uint32_t old_len,
                uint32_t new_dir, const char *new_path, uint32_t new_len);
CALL(path_open)(uint32_t dir, uint32_t lookup, const char *path, uint32_t len, uint32_t oflags,
                uint64_t base, uint64_t inheriting, uint32_t fdflags, uint32_t *fd);
CALL(path_readlink)(uint32_t dir, const char *path, uint32_t len, char *buf, uint32_t cap,
                    uint32_t *used);
CALL(path_remove_directory)(uint32_t dir, const char *path, uint32_t len);
CALL(path_rename)(uint32_t old_dir, const char *old_path, uint32_t old_len, uint32_t new_dir,
                  const char *new_path, uint32_t new_len);
CALL(path_symlink)(const char *target, uint32_t target_len, uint32_t dir, const char *path,
                   uint32_t len);
CALL(path_unlink_file)(uint32_t dir, const char *path, uint32_t len);

#endif
