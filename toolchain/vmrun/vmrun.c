/* SPDX-License-Identifier: MIT */
/*
 * vmrun: runs QEMU as if the module in it were this process.
 *
 *     vmrun [--timeout SECONDS [--grace SECONDS]] QEMU ARGUMENT...
 *
 * Adds the virtio-serial ports that carry the module's streams (kernel/drivers/virtio_console.h) to
 * QEMU's arguments, and sees to what QEMU itself does not do:
 *   - it drives a terminal raw: a terminal's input is passed on from here, so that it stays as the
 *     user has it;
 *   - it never notices that a pipe's reader is gone: then it is ended here, as SIGPIPE would;
 *   - it opens an inherited descriptor only for writing alone: one for reading and writing (a
 *     terminal, a socket) is written from here.
 * A closed stdin is no port at all. Nothing is read from a pipe or a file before the module reads.
 *
 * With --grace the kernel in QEMU has the time-out itself, and QEMU is ended only when that much later
 * it still runs. A time-out from here is told on stderr.
 *
 * Exit status: QEMU's; 141 when stdout's or stderr's reader went away, 142 after the time-out, 128
 * + signal when told to stop by one, 126 when QEMU cannot be started or dies by a signal of its
 * own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_START = 126, EXIT_PIPE = 141, EXIT_TIMEOUT = 142 };

#define MAX_ARGUMENTS 512
#define OUT_FD 3 /* QEMU's numbers for the module's stdout and stderr */
#define ERR_FD 4
#define COPY_LEN 65536

/* One of the module's streams. Direct: QEMU has `host` itself. Relayed: QEMU has the other end of
 * the pipe `ours`. */
typedef struct line {
    int host;
    int ours, theirs; /* -1: direct */
    bool present;
    bool watch; /* direct, and a pipe or socket whose reader can go away */
} line_t;

static line_t lines[3];
static int child_pipe[2]; /* written by the signal handlers */
static pid_t qemu;

_Noreturn static void die(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fprintf(stderr, "ingot: ");
    vfprintf(stderr, format, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(EXIT_START);
}

static void relay(line_t *l, bool to_qemu) {
    int p[2];
    if (pipe2(p, O_CLOEXEC) != 0) {
        die("pipe: %s", strerror(errno));
    }
    l->ours = p[to_qemu ? 1 : 0];
    l->theirs = p[to_qemu ? 0 : 1];
    if (fcntl(l->ours, F_SETFL, O_NONBLOCK) != 0) {
        die("fcntl: %s", strerror(errno));
    }
}

static void choose_lines(void) {
    for (int fd = 0; fd < 3; fd++) {
        line_t *l = &lines[fd];
        *l = (line_t){.host = fd, .ours = -1, .theirs = -1};
        int flags = fcntl(fd, F_GETFL);
        int mode = flags & O_ACCMODE;
        struct stat st;
        if (flags < 0 || fstat(fd, &st) != 0 || mode == (fd == 0 ? O_WRONLY : O_RDONLY)) {
            continue;
        }
        l->present = true;
        if (fd == 0) {
            if (isatty(0)) {
                relay(l, true);
            }
        } else if (mode == O_RDWR) {
            relay(l, false);
        } else {
            l->watch = S_ISFIFO(st.st_mode);
        }
    }
}

/* A descriptor that is missing becomes /dev/null, so that no file opened later takes its number. */
static void fill_holes(void) {
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
        if (fd < 0) {
            _exit(EXIT_START);
        }
    } while (fd <= 2);
    close(fd);
}

static const char *const in_arguments[] = {"-chardev", "stdio,id=ingot-in,signal=off", "-device",
                                           "virtserialport,chardev=ingot-in,name=ingot.stdin"};
static const char *const out_arguments[] = {
    "-add-fd",  "fd=3,set=3",
    "-chardev", "file,id=ingot-out,path=/dev/fdset/3,append=on",
    "-device",  "virtserialport,chardev=ingot-out,name=ingot.stdout"};
static const char *const err_arguments[] = {
    "-add-fd",  "fd=4,set=4",
    "-chardev", "file,id=ingot-err,path=/dev/fdset/4,append=on",
    "-device",  "virtserialport,chardev=ingot-err,name=ingot.stderr"};

static unsigned append(const char **argv, unsigned n, const char *const *more, unsigned count) {
    if (n + count >= MAX_ARGUMENTS) {
        die("more than %d arguments", MAX_ARGUMENTS);
    }
    memcpy(argv + n, more, count * sizeof *more);
    return n + count;
}

#define APPEND(list) n = append(argv, n, list, sizeof list / sizeof *list)

static const char **qemu_arguments(char **given) {
    static const char *argv[MAX_ARGUMENTS];
    static const char *const bus[] = {"-device", "virtio-serial-device,max_ports=4"};
    unsigned n = 0;
    for (; *given != NULL; given++) {
        n = append(argv, n, (const char *const *)given, 1);
    }
    APPEND(bus);
    if (lines[0].present) {
        APPEND(in_arguments);
    }
    if (lines[1].present) {
        APPEND(out_arguments);
    }
    if (lines[2].present) {
        APPEND(err_arguments);
    }
    argv[n] = NULL;
    return argv;
}

static void on_signal(int number) {
    unsigned char byte = (unsigned char)number;
    int saved = errno;
    ssize_t ignored = write(child_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

/* Puts `fd` at `number` without the flag that would close it. */
static void place(int fd, int number) {
    if (fd != number && dup2(fd, number) < 0) {
        _exit(EXIT_START);
    }
    fcntl(number, F_SETFD, 0);
}

static void start(char **given) {
    const char **argv = qemu_arguments(given);
    /* Above the numbers that the child gives out. */
    int out = fcntl(lines[1].theirs >= 0 ? lines[1].theirs : 1, F_DUPFD_CLOEXEC, 16);
    int err = fcntl(lines[2].theirs >= 0 ? lines[2].theirs : 2, F_DUPFD_CLOEXEC, 16);
    qemu = fork();
    if (qemu < 0) {
        die("fork: %s", strerror(errno));
    }
    if (qemu == 0) {
        if (lines[0].theirs >= 0) {
            place(lines[0].theirs, 0);
        } else if (!lines[0].present) {
            int null = open("/dev/null", O_RDONLY);
            place(null, 0);
        }
        if (lines[1].present) {
            place(out, OUT_FD);
        }
        if (lines[2].present) {
            place(err, ERR_FD);
        }
        /* QEMU's own words are errors; they belong to our stderr, never to our stdout. */
        dup2(2, 1);
        signal(SIGPIPE, SIG_DFL);
        execvp(argv[0], (char *const *)argv);
        fprintf(stderr, "ingot: cannot start %s: %s\n", argv[0], strerror(errno));
        _exit(EXIT_START);
    }
    for (int i = 0; i < 3; i++) {
        if (lines[i].theirs >= 0) {
            close(lines[i].theirs);
        }
    }
    close(out);
    close(err);
}

static void close_line(line_t *l) {
    close(l->ours);
    l->ours = -1;
}

/* From the terminal to QEMU, without ever waiting: what QEMU has no room for stays here. */
static char input[COPY_LEN];
static ssize_t input_at, input_end;

static void read_input(line_t *l) {
    ssize_t n = read(l->host, input, sizeof input);
    if (n > 0) {
        input_at = 0;
        input_end = n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_line(l); /* the end of the terminal's input */
    }
}

static void pass_input(line_t *l) {
    ssize_t done = write(l->ours, input + input_at, (size_t)(input_end - input_at));
    if (done > 0) {
        input_at += done;
    } else if (errno != EAGAIN && errno != EINTR) {
        input_at = input_end = 0;
        close_line(l); /* nobody to give it to */
    }
}

/* From QEMU to where the output goes. False when that is gone. */
static bool pass_output(line_t *l) {
    static char buf[COPY_LEN];
    ssize_t n = read(l->ours, buf, sizeof buf);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n <= 0) {
        close_line(l);
        return true;
    }
    for (ssize_t at = 0; at < n;) {
        ssize_t done = write(l->host, buf + at, (size_t)(n - at));
        if (done < 0 && errno == EAGAIN) {
            struct pollfd p = {l->host, POLLOUT, 0};
            poll(&p, 1, -1);
        } else if (done < 0 && errno != EINTR) {
            return false;
        } else if (done > 0) {
            at += done;
        }
    }
    return true;
}

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What is still in the pipes after QEMU's end. */
static void drain(void) {
    for (int i = 1; i < 3; i++) {
        while (lines[i].ours >= 0 && pass_output(&lines[i])) {
        }
    }
}

static int end_qemu(int status) {
    kill(qemu, SIGKILL);
    waitpid(qemu, NULL, 0);
    if (status == EXIT_TIMEOUT) {
        drain();
    }
    return status;
}

static int finish(int status) {
    drain();
    if (WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    fprintf(stderr, "ingot: QEMU died by signal %d\n", WTERMSIG(status));
    return EXIT_START;
}

/* A terminal may be read only by the job that has it. */
static bool terminal_is_ours(void) {
    return tcgetpgrp(0) == getpgrp();
}

enum { ON_SIGNAL, ON_INPUT, ON_OUTPUT, ON_ERROR, N_EVENTS };

/* What to wait for, and how long at most in milliseconds. */
static int prepare(struct pollfd p[N_EVENTS]) {
    p[ON_SIGNAL] = (struct pollfd){child_pipe[0], POLLIN, 0};
    p[ON_INPUT] = (struct pollfd){-1, 0, 0};
    int wait = -1;
    if (lines[0].ours >= 0 && input_at < input_end) {
        p[ON_INPUT] = (struct pollfd){lines[0].ours, POLLOUT, 0};
    } else if (lines[0].ours >= 0 && terminal_is_ours()) {
        p[ON_INPUT] = (struct pollfd){0, POLLIN, 0};
    } else if (lines[0].ours >= 0) {
        wait = 500; /* a job in the background looks whether it was brought to the front */
    }
    for (int i = 1; i < 3; i++) {
        p[ON_INPUT + i] = lines[i].ours >= 0 ? (struct pollfd){lines[i].ours, POLLIN, 0}
                                             : (struct pollfd){lines[i].watch ? i : -1, 0, 0};
    }
    return wait;
}

/* False when an output has nowhere to go any more. */
static bool attend(const struct pollfd p[N_EVENTS]) {
    if (p[ON_INPUT].revents != 0) {
        if (input_at < input_end) {
            pass_input(&lines[0]);
        } else {
            read_input(&lines[0]);
        }
    }
    for (int i = 1; i < 3; i++) {
        short got = p[ON_INPUT + i].revents;
        if (lines[i].ours >= 0 ? got != 0 && !pass_output(&lines[i])
                               : (got & (POLLERR | POLLNVAL)) != 0) {
            return false;
        }
    }
    return true;
}

/* `timeout` is as the user wrote it, for the message. */
static int supervise(int64_t timeout_ms, const char *timeout) {
    int64_t deadline = timeout_ms > 0 ? now_ms() + timeout_ms : INT64_MAX;
    for (;;) {
        struct pollfd p[N_EVENTS];
        int wait = prepare(p);
        if (deadline != INT64_MAX) {
            int64_t left = deadline - now_ms();
            if (left <= 0) {
                fprintf(stderr, "ingot: timed out after %s s\n", timeout);
                return end_qemu(EXIT_TIMEOUT);
            }
            left = left < 1000000 ? left : 1000000;
            wait = wait < 0 || left < wait ? (int)left : wait;
        }
        if (poll(p, N_EVENTS, wait) < 0) {
            if (errno == EINTR) {
                continue;
            }
            die("poll: %s", strerror(errno));
        }
        if (!attend(p)) {
            return end_qemu(EXIT_PIPE);
        }
        unsigned char number;
        while (read(child_pipe[0], &number, 1) == 1) {
            int status;
            if (number != SIGCHLD) {
                return end_qemu(128 + number);
            }
            if (waitpid(qemu, &status, WNOHANG) == qemu) {
                return finish(status);
            }
        }
    }
}

static int64_t parse_seconds(const char *option, const char *text) {
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != 0 || !(seconds > 0) || seconds > 1e9) {
        die("%s: \"%s\" is not a number of seconds", option, text);
    }
    return (int64_t)(seconds * 1000);
}

int main(int argc, char **argv) {
    int at = 1;
    int64_t timeout_ms = 0;
    const char *timeout = NULL;
    if (argc > 2 && strcmp(argv[1], "--timeout") == 0) {
        timeout_ms = parse_seconds("--timeout", timeout = argv[2]);
        at = 3;
    }
    if (argc > at + 1 && timeout_ms > 0 && strcmp(argv[at], "--grace") == 0) {
        timeout_ms += parse_seconds("--grace", argv[at + 1]);
        at += 2;
    }
    if (at >= argc) {
        die("usage: vmrun [--timeout SECONDS [--grace SECONDS]] QEMU ARGUMENT...");
    }
    choose_lines();
    fill_holes();
    if (pipe2(child_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        die("pipe: %s", strerror(errno));
    }
    static const int handled[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    for (unsigned i = 0; i < sizeof handled / sizeof *handled; i++) {
        sigaction(handled[i], &(struct sigaction){.sa_handler = on_signal}, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    start(argv + at);
    return supervise(timeout_ms, timeout);
}
