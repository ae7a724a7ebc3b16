/* SPDX-License-Identifier: MIT */
/* The calls that need no file system: outcomes, layouts, and guest pointers at the edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/core/random.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/wasi.h"
#include "tests/host/wasi/guest.h"
#include "tests/host/wasi/machine.h"

#define SIZE 65536u
#define TOP (SIZE - 8u)

static int setup(void **state) {
    (void)state;
    machine_reset();
    guest_start(SIZE);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    guest_end();
    return 0;
}

static void put_iov(uint32_t at, uint32_t i, uint32_t buf, uint32_t len) {
    guest_put(at + i * 8, &(wasi_iovec_t){buf, len}, 8);
}

static void test_args(void **state) {
    (void)state;
    static const char *const args[] = {"prog", "", "two words"};
    bootargs = (bootargs_t){.args = args, .n_args = 3};
    assert_int_equal(wasi_args_sizes_get(guest, 0, 4), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(0), 3);
    assert_int_equal(guest_u32(4), 5 + 1 + 10);
    /* Exactly up to the end of memory is fine, one byte further is not. */
    assert_int_equal(wasi_args_get(guest, 100, SIZE - 16), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(100), SIZE - 16);
    assert_int_equal(guest_u32(108), SIZE - 10);
    assert_memory_equal(guest_memory.bytes + SIZE - 16, "prog\0\0two words", 16);
    assert_int_equal(wasi_args_get(guest, 100, SIZE - 15), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_args_get(guest, SIZE - 11, 200), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_args_sizes_get(guest, SIZE - 3, 0), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_args_sizes_get(guest, 0, UINT32_MAX), WASI_ERRNO_FAULT);
    /* No environment at all is a success. */
    assert_int_equal(wasi_environ_sizes_get(guest, 0, 4), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(0) | guest_u32(4), 0);
    assert_int_equal(wasi_environ_get(guest, SIZE, SIZE), WASI_ERRNO_SUCCESS);
}

static void test_module_without_memory(void **state) {
    (void)state;
    wasm_caller_t none = {0};
    assert_int_equal(wasi_environ_sizes_get(&none, 0, 0), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_fd_write(&none, 1, 0, 0, 0), WASI_ERRNO_FAULT);
}

static void test_clock(void **state) {
    (void)state;
    machine.monotonic = 123456789;
    assert_int_equal(wasi_clock_time_get(guest, WASI_CLOCKID_MONOTONIC, 1, 16), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(16), 123456789);
    assert_int_equal(wasi_clock_time_get(guest, WASI_CLOCKID_REALTIME, 1, 17), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(17), machine.realtime + machine.monotonic);
    assert_int_equal(wasi_clock_res_get(guest, WASI_CLOCKID_REALTIME, TOP), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(TOP), 100);
    assert_int_equal(wasi_clock_time_get(guest, 4, 1, 16), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_clock_res_get(guest, 4, 16), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_clock_time_get(guest, 1, 1, TOP + 1), WASI_ERRNO_FAULT);
    machine.has_realtime = false;
    assert_int_equal(wasi_clock_time_get(guest, WASI_CLOCKID_REALTIME, 1, 16), WASI_ERRNO_NOTSUP);
}

/* Before any seed: a documented refusal, and one warning. */
static void test_random(void **state) {
    (void)state;
    assert_int_equal(wasi_random_get(guest, 0, 16), WASI_ERRNO_NOTSUP);
    assert_int_equal(wasi_random_get(guest, 0, 16), WASI_ERRNO_NOTSUP);
    assert_int_equal(machine.warnings, 1);
    assert_int_equal(guest_u64(0), 0);
    random_seed("0123456789abcdef", 16);
    assert_int_equal(wasi_random_get(guest, 0, SIZE), WASI_ERRNO_SUCCESS);
    assert_true(guest_u64(0) != 0);
    assert_int_equal(wasi_random_get(guest, SIZE, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_random_get(guest, 1, SIZE), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_random_get(guest, SIZE + 1, 0), WASI_ERRNO_FAULT);
}

/* Small pieces become one write; large ones go through uncopied, in order. */
static void test_write_gathers(void **state) {
    (void)state;
    uint32_t n = 0, at = 1000;
    char expected[4096];
    size_t len = 0;
    static const uint32_t lengths[] = {1, 2, 0, 100, 255, 256, 257, 700, 3, 4, 600, 5};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(guest_memory.bytes + at, 'a' + (int)i, lengths[i]);
        memset(expected + len, 'a' + (int)i, lengths[i]);
        put_iov(0, n++, at, lengths[i]);
        at += lengths[i];
        len += lengths[i];
    }
    assert_int_equal(wasi_fd_write(guest, 1, 0, n, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), len);
    assert_int_equal(machine_stdout.written, len);
    assert_memory_equal(machine_stdout.output, expected, len);
    assert_true(machine_stdout.writes <= 8);

    /* printf's many pieces: one device write for a line */
    machine_stdout.writes = 0;
    for (uint32_t i = 0; i < 50; i++) {
        put_iov(0, i, 1000 + i, 5);
    }
    assert_int_equal(wasi_fd_write(guest, 1, 0, 50, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine_stdout.writes, 1);
    assert_int_equal(wasi_fd_write(guest, 2, 0, 0, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), 0);
    assert_int_equal(machine_stderr.writes, 0);
}

/* Nothing is written when any pointer is bad. */
static void test_write_faults(void **state) {
    (void)state;
    put_iov(0, 0, 100, 10);
    put_iov(0, 1, SIZE - 4, 5);
    assert_int_equal(wasi_fd_write(guest, 1, 0, 2, 900), WASI_ERRNO_FAULT);
    put_iov(0, 1, UINT32_MAX, UINT32_MAX);
    assert_int_equal(wasi_fd_write(guest, 1, 0, 2, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_fd_write(guest, 1, SIZE - 7, 1, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_fd_write(guest, 1, 0, UINT32_MAX, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_fd_write(guest, 1, 0, 1, SIZE - 3), WASI_ERRNO_FAULT);
    assert_int_equal(machine_stdout.written, 0);
    /* The array may lie in what is written, and be as long as memory. What went out is told, though
     * the stream broke on the way. */
    uint32_t n = SIZE / 8;
    for (uint32_t i = 0; i < n; i++) {
        put_iov(0, i, 0, SIZE);
    }
    assert_int_equal(wasi_fd_write(guest, 1, 0, n, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), SIZE);
    put_iov(0, 0, 100, 10);
    machine_stdout.written = 0;
    assert_int_equal(wasi_fd_write(guest, 0, 0, 1, 900), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_read(guest, 1, 0, 1, 900), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_write(guest, 77, 0, 1, 900), WASI_ERRNO_BADF);
    machine_stdout.broken = true;
    put_iov(0, 0, 100, 10);
    assert_int_equal(wasi_fd_write(guest, 1, 0, 1, 900), WASI_ERRNO_PIPE);
    assert_int_equal(wasi_fd_pwrite(guest, 1, 0, 1, 0, 900), WASI_ERRNO_SPIPE);
    assert_int_equal(wasi_fd_pread(guest, 0, 0, 1, 0, 900), WASI_ERRNO_SPIPE);
}

static void more_input(void) {
    machine_stdin.available += 4;
}

static void test_read(void **state) {
    (void)state;
    machine_stdin.input = "abcdefgh";
    machine.on_wait = more_input;
    put_iov(0, 0, 100, 3);
    put_iov(0, 1, 200, 3);
    /* Waits for the first bytes only; the second buffer gets what is there, and no more. */
    assert_int_equal(wasi_fd_read(guest, 0, 0, 2, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine.waits, 1);
    assert_int_equal(guest_u32(900), 4);
    assert_memory_equal(guest_memory.bytes + 100, "abc", 3);
    assert_memory_equal(guest_memory.bytes + 200, "d", 2);
    assert_int_equal(wasi_fd_fdstat_set_flags(guest, 0, WASI_FDFLAGS_NONBLOCK), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_read(guest, 0, 0, 2, 900), WASI_ERRNO_AGAIN);
    assert_int_equal(wasi_fd_fdstat_set_flags(guest, 0, 0), WASI_ERRNO_SUCCESS);
    machine_stdin.closed = true;
    assert_int_equal(wasi_fd_read(guest, 0, 0, 2, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), 0);
    put_iov(0, 0, 100, 0);
    assert_int_equal(wasi_fd_read(guest, 0, 0, 1, 900), WASI_ERRNO_SUCCESS);
}

static void test_fdstat(void **state) {
    (void)state;
    wasi_fdstat_t s;
    wasi_rights_t position = WASI_RIGHTS_FD_SEEK | WASI_RIGHTS_FD_TELL;
    for (uint32_t fd = 0; fd < 3; fd++) {
        assert_int_equal(wasi_fd_fdstat_get(guest, fd, 64), WASI_ERRNO_SUCCESS);
        memcpy(&s, guest_memory.bytes + 64, sizeof s);
        assert_int_equal(s.fs_filetype, WASI_FILETYPE_UNKNOWN);
        assert_int_equal(s.fs_rights_base & position, 0);
    }
    machine_stdout.base.is_terminal = true;
    assert_int_equal(wasi_fd_fdstat_get(guest, 1, 64), WASI_ERRNO_SUCCESS);
    memcpy(&s, guest_memory.bytes + 64, sizeof s);
    assert_int_equal(s.fs_filetype, WASI_FILETYPE_CHARACTER_DEVICE);
    assert_int_equal(s.fs_rights_base & position, 0);
    assert_int_equal(wasi_fd_fdstat_get(guest, 1, SIZE - 23), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_fd_fdstat_set_flags(guest, 1, 32), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_fdstat_set_rights(guest, 1, WASI_RIGHTS_FD_SEEK, 0),
                     WASI_ERRNO_NOTCAPABLE);
    assert_int_equal(wasi_fd_seek(guest, 1, 0, WASI_WHENCE_CUR, 64), WASI_ERRNO_SPIPE);
    assert_int_equal(wasi_fd_tell(guest, 1, 64), WASI_ERRNO_SPIPE);
    assert_int_equal(wasi_fd_filestat_get(guest, 1, SIZE - 64), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_filestat_get(guest, 1, SIZE - 63), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_unstable_fd_filestat_get(guest, 1, SIZE - 56), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_prestat_get(guest, 3, 64), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_prestat_get(guest, 0, 64), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_prestat_dir_name(guest, 3, 64, 1), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_readdir(guest, 0, 64, 8, 0, 0), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_sync(guest, 1), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_path_unlink_file(guest, 0, 64, 1), WASI_ERRNO_BADF);
}

static void test_exit(void **state) {
    (void)state;
    static const uint32_t codes[][2] = {{0, 0}, {7, 7}, {125, 125}, {126, 1}, {UINT32_MAX, 1}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        machine_stderr.written = 0;
        if (setjmp(machine.exited) == 0) {
            wasi_proc_exit(guest, codes[i][0]);
        }
        assert_int_equal(machine.exit_code, codes[i][1]);
        assert_int_equal(machine_stderr.written > 0, codes[i][0] > 125);
    }
    assert_int_equal(wasi_proc_raise(guest, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_proc_raise(guest, 31), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_proc_raise(guest, 18), WASI_ERRNO_NOTSUP);
    if (setjmp(machine.exited) == 0) {
        wasi_proc_raise(guest, 6);
    }
    assert_int_equal(machine.exit_code, 134);
    assert_int_equal(wasi_sched_yield(guest), WASI_ERRNO_SUCCESS);
}

static void put_clock(uint32_t i, uint64_t userdata, uint32_t id, uint64_t timeout,
                      uint16_t flags) {
    wasi_subscription_t s = {.userdata = userdata, .type = WASI_EVENTTYPE_CLOCK};
    s.clock.id = id;
    s.clock.timeout = timeout;
    s.clock.flags = flags;
    guest_put(i * (uint32_t)sizeof s, &s, sizeof s);
}

static void put_fd(uint32_t i, uint64_t userdata, uint8_t type, uint32_t fd) {
    wasi_subscription_t s = {.userdata = userdata, .type = type};
    s.fd = fd;
    guest_put(i * (uint32_t)sizeof s, &s, sizeof s);
}

static wasi_event_t event(uint32_t i) {
    wasi_event_t e;
    memcpy(&e, guest_memory.bytes + 1000 + i * sizeof e, sizeof e);
    return e;
}

static void test_poll_clocks(void **state) {
    (void)state;
    const uint16_t absolute = WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
    machine.monotonic = 5000;
    put_clock(0, 10, WASI_CLOCKID_MONOTONIC, 900, 0);
    put_clock(1, 11, WASI_CLOCKID_MONOTONIC, 5500, absolute);
    put_clock(2, 12, WASI_CLOCKID_REALTIME, machine.realtime + 5500, absolute);
    put_clock(3, 13, WASI_CLOCKID_REALTIME, UINT64_MAX, 0);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 4, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine.monotonic, 5500);
    assert_int_equal(machine.waits, 1);
    assert_int_equal(guest_u32(900), 2);
    assert_int_equal(event(0).userdata, 11);
    assert_int_equal(event(1).userdata, 12);
    assert_int_equal(event(1).type, WASI_EVENTTYPE_CLOCK);
    /* What has passed is due at once. */
    put_clock(0, 14, WASI_CLOCKID_REALTIME, 1, absolute);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 1, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine.waits, 1);
    /* Errors are events. */
    put_clock(0, 15, 9, 1, 0);
    put_clock(1, 16, WASI_CLOCKID_MONOTONIC, 1, 2);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 2, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), 2);
    assert_int_equal(event(0).error, WASI_ERRNO_INVAL);
    assert_int_equal(event(1).error, WASI_ERRNO_INVAL);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 0, 900), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_poll_oneoff(guest, SIZE - 47, 1000, 1, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_poll_oneoff(guest, 0, SIZE - 31, 1, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, UINT32_MAX, 900), WASI_ERRNO_FAULT);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 1, SIZE - 3), WASI_ERRNO_FAULT);
}

static void test_poll_unstable(void **state) {
    (void)state;
    wasi_unstable_subscription_t s = {.userdata = 21, .type = WASI_EVENTTYPE_CLOCK};
    s.clock.identifier = 0xdead;
    s.clock.id = WASI_CLOCKID_MONOTONIC;
    s.clock.timeout = 70;
    guest_put(0, &s, sizeof s);
    s = (wasi_unstable_subscription_t){.userdata = 22, .type = WASI_EVENTTYPE_FD_READ};
    s.fd = 0;
    guest_put(sizeof s, &s, sizeof s);
    assert_int_equal(wasi_unstable_poll_oneoff(guest, 0, 1000, 2, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine.monotonic, 70);
    assert_int_equal(guest_u32(900), 1);
    assert_int_equal(event(0).userdata, 21);
}

static void test_poll_fds(void **state) {
    (void)state;
    machine_stdin.input = "abcdefgh";
    machine.on_wait = more_input;
    put_fd(0, 1, WASI_EVENTTYPE_FD_READ, 0);
    put_clock(1, 2, WASI_CLOCKID_MONOTONIC, 1000, 0);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 2, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine.waits, 1);
    assert_int_equal(guest_u32(900), 1);
    assert_int_equal(event(0).userdata, 1);
    assert_int_equal(event(0).nbytes, 4);
    assert_int_equal(event(0).flags, 0);
    machine_stdin.at = machine_stdin.available;
    machine_stdin.closed = true;
    put_fd(1, 3, WASI_EVENTTYPE_FD_WRITE, 1);
    put_fd(2, 4, WASI_EVENTTYPE_FD_WRITE, 0);
    put_fd(3, 5, WASI_EVENTTYPE_FD_READ, 99);
    put_fd(4, 6, 7, 0);
    assert_int_equal(wasi_poll_oneoff(guest, 0, 1000, 5, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(900), 5);
    assert_int_equal(event(0).flags, WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP);
    assert_int_equal(event(1).error, WASI_ERRNO_SUCCESS);
    assert_int_equal(event(2).error, WASI_ERRNO_BADF);
    assert_int_equal(event(3).error, WASI_ERRNO_BADF);
    assert_int_equal(event(4).error, WASI_ERRNO_INVAL);
}

static void test_sockets(void **state) {
    (void)state;
    assert_int_equal(wasi_sock_accept(guest, 0, 0, 64), WASI_ERRNO_NOTSOCK);
    assert_int_equal(wasi_sock_accept(guest, 50, 0, 64), WASI_ERRNO_BADF);
    assert_int_equal(wasi_sock_recv(guest, 0, 0, 0, 0, 64, 68), WASI_ERRNO_NOTSOCK);
    assert_int_equal(wasi_sock_send(guest, 50, 0, 0, 0, 64), WASI_ERRNO_BADF);
    assert_int_equal(wasi_sock_shutdown(guest, 0, WASI_SDFLAGS_RD), WASI_ERRNO_NOTSOCK);
    assert_int_equal(wasi_sock_shutdown(guest, 0, 4), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_sock_shutdown(guest, 50, 4), WASI_ERRNO_BADF);
}

/* Last: what is closed here does not come back. */
static void test_close(void **state) {
    (void)state;
    put_iov(0, 0, 100, 3);
    assert_int_equal(wasi_fd_renumber(guest, 2, 9), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_renumber(guest, 2, 2), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_renumber(guest, 2, 1), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_write(guest, 1, 0, 1, 900), WASI_ERRNO_SUCCESS);
    assert_int_equal(machine_stderr.written, 3);
    assert_int_equal(wasi_fd_write(guest, 2, 0, 1, 900), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_close(guest, 1), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_close(guest, 1), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_close(guest, UINT32_MAX), WASI_ERRNO_BADF);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_args),          TEST(test_module_without_memory),
        TEST(test_clock),         TEST(test_random),
        TEST(test_write_gathers), TEST(test_write_faults),
        TEST(test_read),          TEST(test_fdstat),
        TEST(test_exit),          TEST(test_poll_clocks),
        TEST(test_poll_unstable), TEST(test_poll_fds),
        TEST(test_sockets),       TEST(test_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
