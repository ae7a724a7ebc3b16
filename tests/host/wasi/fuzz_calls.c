/* SPDX-License-Identifier: MIT */
/*
 * Every call with any arguments over any memory: the input is a short program of calls. Memory is a
 * block of its own, so one byte beyond it shows; afterwards nothing is left on the heap.
 *
 * Input: the first 256 bytes fill guest memory at 256 (paths, iovecs, subscriptions); then records
 * of a call number and its arguments, each argument one byte that selects a value.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/preopen.h"
#include "kernel/wasi/wasi.h"
#include "tests/host/wasi/guest.h"
#include "tests/host/wasi/machine.h"
#include "tests/host/wasi/tree.h"

#define SIZE 4096u
#define SCRATCH 256u
#define MAX_CALLS 64

typedef struct input {
    const uint8_t *p, *end;
} input_t;

/* Small numbers, places in the scratch area, the edges of memory and of 32 and 64 bits. */
static uint64_t argument(input_t *in) {
    static const uint64_t edges[] = {SIZE,      SIZE - 1,   SIZE - 8,  SIZE - 64,  UINT32_MAX,
                                     INT32_MAX, UINT64_MAX, INT64_MAX, 1ull << 32, SIZE + 1};
    uint8_t b = in->p < in->end ? *in->p++ : 0;
    if (b < 64) {
        return b;
    }
    if (b < 240) {
        return SCRATCH + (b - 64u) * 2;
    }
    return edges[(b - 240u) % (sizeof edges / sizeof *edges)];
}

static void input_arrives(void) {
    machine_stdin.closed = true;
    machine.monotonic = UINT64_MAX;
}

/* The n-th argument as i32 and as i64. */
#define A(n) (uint32_t)v[n]
#define W(n) v[n]
#define RUN(name, ...)                                                                             \
    static void run_##name(const uint64_t *v) {                                                    \
        (void)v;                                                                                   \
        wasi_##name(__VA_ARGS__);                                                                  \
    }
RUN(args_get, guest, A(0), A(1))
RUN(args_sizes_get, guest, A(0), A(1))
RUN(environ_get, guest, A(0), A(1))
RUN(environ_sizes_get, guest, A(0), A(1))
RUN(clock_res_get, guest, A(0), A(1))
RUN(clock_time_get, guest, A(0), W(1), A(2))
RUN(fd_advise, guest, A(0), W(1), W(2), A(3))
RUN(fd_allocate, guest, A(0), W(1), W(2))
RUN(fd_close, guest, A(0))
RUN(fd_datasync, guest, A(0))
RUN(fd_fdstat_get, guest, A(0), A(1))
RUN(fd_fdstat_set_flags, guest, A(0), A(1))
RUN(fd_fdstat_set_rights, guest, A(0), W(1), W(2))
RUN(fd_filestat_get, guest, A(0), A(1))
RUN(unstable_fd_filestat_get, guest, A(0), A(1))
RUN(fd_filestat_set_size, guest, A(0), W(1))
RUN(fd_filestat_set_times, guest, A(0), W(1), W(2), A(3))
RUN(fd_pread, guest, A(0), A(1), A(2), W(3), A(4))
RUN(fd_prestat_get, guest, A(0), A(1))
RUN(fd_prestat_dir_name, guest, A(0), A(1), A(2))
RUN(fd_pwrite, guest, A(0), A(1), A(2), W(3), A(4))
RUN(fd_read, guest, A(0), A(1), A(2), A(3))
RUN(fd_readdir, guest, A(0), A(1), A(2), W(3), A(4))
RUN(fd_renumber, guest, A(0), A(1))
RUN(fd_seek, guest, A(0), W(1), A(2), A(3))
RUN(unstable_fd_seek, guest, A(0), W(1), A(2), A(3))
RUN(fd_sync, guest, A(0))
RUN(fd_tell, guest, A(0), A(1))
RUN(fd_write, guest, A(0), A(1), A(2), A(3))
RUN(path_create_directory, guest, A(0), A(1), A(2))
RUN(path_filestat_get, guest, A(0), A(1), A(2), A(3), A(4))
RUN(unstable_path_filestat_get, guest, A(0), A(1), A(2), A(3), A(4))
RUN(path_filestat_set_times, guest, A(0), A(1), A(2), A(3), W(4), W(5), A(6))
RUN(path_link, guest, A(0), A(1), A(2), A(3), A(4), A(5), A(6))
RUN(path_open, guest, A(0), A(1), A(2), A(3), A(4), W(5), W(6), A(7), A(8))
RUN(path_readlink, guest, A(0), A(1), A(2), A(3), A(4), A(5))
RUN(path_remove_directory, guest, A(0), A(1), A(2))
RUN(path_rename, guest, A(0), A(1), A(2), A(3), A(4), A(5))
RUN(path_symlink, guest, A(0), A(1), A(2), A(3), A(4))
RUN(path_unlink_file, guest, A(0), A(1), A(2))
RUN(poll_oneoff, guest, A(0), A(1), A(2), A(3))
RUN(unstable_poll_oneoff, guest, A(0), A(1), A(2), A(3))
RUN(proc_exit, guest, A(0))
RUN(proc_raise, guest, A(0))
RUN(random_get, guest, A(0), A(1))
RUN(sched_yield, guest)
RUN(sock_accept, guest, A(0), A(1), A(2))
RUN(sock_recv, guest, A(0), A(1), A(2), A(3), A(4), A(5))
RUN(sock_send, guest, A(0), A(1), A(2), A(3), A(4))
RUN(sock_shutdown, guest, A(0), A(1))

#define ENTRY(name, n) {n, run_##name}
static const struct {
    unsigned n;
    void (*run)(const uint64_t *v);
} calls[] = {
    ENTRY(args_get, 2),
    ENTRY(args_sizes_get, 2),
    ENTRY(environ_get, 2),
    ENTRY(environ_sizes_get, 2),
    ENTRY(clock_res_get, 2),
    ENTRY(clock_time_get, 3),
    ENTRY(fd_advise, 4),
    ENTRY(fd_allocate, 3),
    ENTRY(fd_close, 1),
    ENTRY(fd_datasync, 1),
    ENTRY(fd_fdstat_get, 2),
    ENTRY(fd_fdstat_set_flags, 2),
    ENTRY(fd_fdstat_set_rights, 3),
    ENTRY(fd_filestat_get, 2),
    ENTRY(unstable_fd_filestat_get, 2),
    ENTRY(fd_filestat_set_size, 2),
    ENTRY(fd_filestat_set_times, 4),
    ENTRY(fd_pread, 5),
    ENTRY(fd_prestat_get, 2),
    ENTRY(fd_prestat_dir_name, 3),
    ENTRY(fd_pwrite, 5),
    ENTRY(fd_read, 4),
    ENTRY(fd_readdir, 5),
    ENTRY(fd_renumber, 2),
    ENTRY(fd_seek, 4),
    ENTRY(unstable_fd_seek, 4),
    ENTRY(fd_sync, 1),
    ENTRY(fd_tell, 2),
    ENTRY(fd_write, 4),
    ENTRY(path_create_directory, 3),
    ENTRY(path_filestat_get, 5),
    ENTRY(unstable_path_filestat_get, 5),
    ENTRY(path_filestat_set_times, 7),
    ENTRY(path_link, 7),
    ENTRY(path_open, 9),
    ENTRY(path_readlink, 6),
    ENTRY(path_remove_directory, 3),
    ENTRY(path_rename, 6),
    ENTRY(path_symlink, 5),
    ENTRY(path_unlink_file, 3),
    ENTRY(poll_oneoff, 4),
    ENTRY(unstable_poll_oneoff, 4),
    ENTRY(proc_exit, 1),
    ENTRY(proc_raise, 1),
    ENTRY(random_get, 2),
    ENTRY(sched_yield, 0),
    ENTRY(sock_accept, 3),
    ENTRY(sock_recv, 6),
    ENTRY(sock_send, 5),
    ENTRY(sock_shutdown, 2),
};

static void run_program(input_t *in) {
    for (int n = 0; n < MAX_CALLS && in->p < in->end; n++) {
        uint64_t v[9];
        unsigned call = *in->p++ % (sizeof calls / sizeof *calls);
        for (unsigned i = 0; i < calls[call].n; i++) {
            v[i] = argument(in);
        }
        machine.on_wait = input_arrives;
        if (setjmp(machine.exited) == 0) {
            calls[call].run(v);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const args[] = {"a", "bc"};
    vnode_t *root;
    uint32_t fd;
    machine_reset();
    guest_start(SIZE);
    bootargs = (bootargs_t){.args = args, .n_args = 2, .env = args, .n_env = 1};
    machine_stdin.input = "some input";
    machine_stdin.available = 10;

    /* Descriptor 3 is a preopen again; the standard ones may have been closed by an earlier run. */
    if (ramfs_mount(&root) != 0 || preopen_add("/", 1, vnode_ref(root)) != 0) {
        abort();
    }
    size_t n = size < 256 ? size : 256;
    guest_put(SCRATCH, data, n);
    input_t in = {data + n, data + size};
    run_program(&in);

    for (fd = 0; fd < 200; fd++) {
        file_t *f;
        if (fd_remove(fd, &f) == WASI_ERRNO_SUCCESS) {
            file_close(f);
        }
    }
    for (int i = 0; i < 3; i++) {
        stdio_files[i]->flags = 0;
        if (fd_install(stdio_files[i], &fd) != 0) {
            abort();
        }
    }
    tree_remove_all(root);
    tree_unmount(root);
    guest_end();
    if (machine.live_blocks > 1) { /* the grown table of descriptors stays */
        abort();
    }
    return 0;
}
