/* SPDX-License-Identifier: MIT */
/*
 * The host functions of WASI preview 1 and wasi_unstable, as functions.def lists them (a host test
 * compares the two, parameter by parameter). What each does is in the witx; what is said here is
 * what the witx leaves open.
 *
 * One outcome for each kind of bad argument, everywhere:
 *   FAULT          a pointer, or pointer + length, that is not inside the caller's memory. Arrays
 *                  of iovecs are checked whole before a byte is moved.
 *   BADF           a descriptor that is not open, or not open for reading (writing) when asked to
 *                  read (write)
 *   NOTCAPABLE     any other right that the descriptor lacks
 *   INVAL          unknown flags, clocks, whences, advices; lengths that overflow
 *   ILSEQ          a path that is not UTF-8
 *   NOENT          an empty path
 *   NAMETOOLONG    a path of VFS_PATH_MAX bytes or more, a component above VFS_NAME_MAX
 *   INVAL          a path with a NUL
 *   PERM           a path that leaves its preopen: "..", absolute, or through a symlink
 *   LOOP           more than 40 symlinks, or one where none may be followed
 * Results are written to guest memory only on success.
 */
#ifndef INGOT_KERNEL_WASI_WASI_H
#define INGOT_KERNEL_WASI_WASI_H

#include <stdint.h>

#include "kernel/wasm/module.h"

/* args.c. From the boot arguments, or as baked into the image; an empty environment is fine. */
uint32_t wasi_args_get(wasm_caller_t *c, uint32_t argv, uint32_t buf);
uint32_t wasi_args_sizes_get(wasm_caller_t *c, uint32_t argc, uint32_t buf_size);
uint32_t wasi_environ_get(wasm_caller_t *c, uint32_t environ, uint32_t buf);
uint32_t wasi_environ_sizes_get(wasm_caller_t *c, uint32_t count, uint32_t buf_size);

/* clock.c. Processor time is the time since boot: nothing else runs. NOTSUP where the machine does
 * not know the date. */
uint32_t wasi_clock_res_get(wasm_caller_t *c, uint32_t id, uint32_t resolution);
uint32_t wasi_clock_time_get(wasm_caller_t *c, uint32_t id, uint64_t precision, uint32_t time);

/* fd_io.c. Reading waits for at least one byte unless NONBLOCK is set; PIPE when the other side of
 * an output stream is gone. */
uint32_t wasi_fd_read(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t nread);
uint32_t wasi_fd_write(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t nwritten);
uint32_t wasi_fd_pread(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t offset,
                       uint32_t nread);
uint32_t wasi_fd_pwrite(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint64_t offset,
                        uint32_t nwritten);

/* fd_seek.c */
uint32_t wasi_fd_seek(wasm_caller_t *c, uint32_t fd, uint64_t delta, uint32_t whence,
                      uint32_t new_offset);
uint32_t wasi_unstable_fd_seek(wasm_caller_t *c, uint32_t fd, uint64_t delta, uint32_t whence,
                               uint32_t new_offset);
uint32_t wasi_fd_tell(wasm_caller_t *c, uint32_t fd, uint32_t offset);

/* fd_table.c. Renumbering needs both descriptors open. */
uint32_t wasi_fd_close(wasm_caller_t *c, uint32_t fd);
uint32_t wasi_fd_renumber(wasm_caller_t *c, uint32_t from, uint32_t to);
uint32_t wasi_fd_prestat_get(wasm_caller_t *c, uint32_t fd, uint32_t prestat);
uint32_t wasi_fd_prestat_dir_name(wasm_caller_t *c, uint32_t fd, uint32_t path, uint32_t len);

/* fd_stat.c. Rights can be given up, never gained. */
uint32_t wasi_fd_fdstat_get(wasm_caller_t *c, uint32_t fd, uint32_t fdstat);
uint32_t wasi_fd_fdstat_set_flags(wasm_caller_t *c, uint32_t fd, uint32_t flags);
uint32_t wasi_fd_fdstat_set_rights(wasm_caller_t *c, uint32_t fd, uint64_t base,
                                   uint64_t inheriting);
uint32_t wasi_fd_filestat_get(wasm_caller_t *c, uint32_t fd, uint32_t filestat);
uint32_t wasi_unstable_fd_filestat_get(wasm_caller_t *c, uint32_t fd, uint32_t filestat);

/* fd_file.c: what only files have. */
uint32_t wasi_fd_advise(wasm_caller_t *c, uint32_t fd, uint64_t offset, uint64_t len,
                        uint32_t advice);
uint32_t wasi_fd_allocate(wasm_caller_t *c, uint32_t fd, uint64_t offset, uint64_t len);
uint32_t wasi_fd_datasync(wasm_caller_t *c, uint32_t fd);
uint32_t wasi_fd_sync(wasm_caller_t *c, uint32_t fd);
uint32_t wasi_fd_filestat_set_size(wasm_caller_t *c, uint32_t fd, uint64_t size);
uint32_t wasi_fd_filestat_set_times(wasm_caller_t *c, uint32_t fd, uint64_t atim, uint64_t mtim,
                                    uint32_t flags);
uint32_t wasi_fd_readdir(wasm_caller_t *c, uint32_t fd, uint32_t buf, uint32_t len, uint64_t cookie,
                         uint32_t used);

/* path_open.c */
uint32_t wasi_path_open(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup, uint32_t path,
                        uint32_t len, uint32_t oflags, uint64_t base, uint64_t inheriting,
                        uint32_t fdflags, uint32_t fd);

/* path.c */
uint32_t wasi_path_create_directory(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len);
uint32_t wasi_path_link(wasm_caller_t *c, uint32_t old_dirfd, uint32_t lookup, uint32_t old_path,
                        uint32_t old_len, uint32_t new_dirfd, uint32_t new_path, uint32_t new_len);
uint32_t wasi_path_readlink(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len,
                            uint32_t buf, uint32_t buf_len, uint32_t used);
uint32_t wasi_path_remove_directory(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len);
uint32_t wasi_path_rename(wasm_caller_t *c, uint32_t old_dirfd, uint32_t old_path, uint32_t old_len,
                          uint32_t new_dirfd, uint32_t new_path, uint32_t new_len);
uint32_t wasi_path_symlink(wasm_caller_t *c, uint32_t target, uint32_t target_len, uint32_t dirfd,
                           uint32_t path, uint32_t len);
uint32_t wasi_path_unlink_file(wasm_caller_t *c, uint32_t dirfd, uint32_t path, uint32_t len);

/* path_stat.c */
uint32_t wasi_path_filestat_get(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup, uint32_t path,
                                uint32_t len, uint32_t filestat);
uint32_t wasi_unstable_path_filestat_get(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup,
                                         uint32_t path, uint32_t len, uint32_t filestat);
uint32_t wasi_path_filestat_set_times(wasm_caller_t *c, uint32_t dirfd, uint32_t lookup,
                                      uint32_t path, uint32_t len, uint64_t atim, uint64_t mtim,
                                      uint32_t flags);

/* poll.c. Sleeps until the first subscription is due. */
uint32_t wasi_poll_oneoff(wasm_caller_t *c, uint32_t in, uint32_t out, uint32_t n,
                          uint32_t nevents);
uint32_t wasi_unstable_poll_oneoff(wasm_caller_t *c, uint32_t in, uint32_t out, uint32_t n,
                                   uint32_t nevents);

/* proc.c. Codes above 125 are an error and end with 1. A raised signal whose default is to end the
 * process ends as a trap does (134), one that stops it is NOTSUP, the others do nothing. */
void wasi_proc_exit(wasm_caller_t *c, uint32_t code);
uint32_t wasi_proc_raise(wasm_caller_t *c, uint32_t signal);

/* sched.c */
uint32_t wasi_sched_yield(wasm_caller_t *c);

/* random.c. NOTSUP, and one warning in the kernel's log, when the machine gave no seed. */
uint32_t wasi_random_get(wasm_caller_t *c, uint32_t buf, uint32_t len);

/* sock.c. Without a network no descriptor is a socket: NOTSOCK. */
uint32_t wasi_sock_accept(wasm_caller_t *c, uint32_t fd, uint32_t flags, uint32_t new_fd);
uint32_t wasi_sock_recv(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags,
                        uint32_t nread, uint32_t roflags);
uint32_t wasi_sock_send(wasm_caller_t *c, uint32_t fd, uint32_t iovs, uint32_t n, uint32_t flags,
                        uint32_t nwritten);
uint32_t wasi_sock_shutdown(wasm_caller_t *c, uint32_t fd, uint32_t how);

#endif
