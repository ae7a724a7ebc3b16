/* SPDX-License-Identifier: MIT */
/*
 * Runs one translated WASI module natively: its C and glue, this file, and kernel/wasi with
 * kernel/fs as they are. For debugging them without a machine.
 *
 *   native-run [--env NAME=VALUE]... [--baked BLOB] [--tmp] [--] [ARG]...
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/clock.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/random.h"
#include "kernel/core/stream.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/virtio_rng.h"
#include "kernel/fs/baked.h"
#include "kernel/wasi/preopen.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/run.h"

#define WORDS_MAX 256

typedef struct host_stream {
    stream_t base;
    int fd;
} host_stream_t;

static status_t host_read(stream_t *s, void *buf, size_t len, size_t *got) {
    ssize_t n = read(((host_stream_t *)s)->fd, buf, len);
    if (n < 0) {
        return ERR_IO;
    }
    *got = (size_t)n;
    return STATUS_OK;
}

static status_t host_write(stream_t *s, const void *buf, size_t len) {
    while (len > 0) {
        ssize_t n = write(((host_stream_t *)s)->fd, buf, len);
        if (n < 0) {
            return ERR_IO;
        }
        buf = (const char *)buf + n;
        len -= (size_t)n;
    }
    return STATUS_OK;
}

static status_t host_ready(stream_t *s, size_t *n) {
    (void)s;
    *n = 1;
    return STATUS_OK;
}

static host_stream_t streams[3];
stream_t *stream_stdin, *stream_stdout, *stream_stderr;
bootargs_t bootargs;
const baked_image_t ingot_baked_image; /* --baked takes its place */
static const char *tmp_option;

static uint64_t host_clock(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t monotonic_ns(void) {
    return host_clock(CLOCK_MONOTONIC);
}

uint64_t clock_resolution_ns(void) {
    return 1;
}

status_t clock_realtime_ns(uint64_t *out) {
    *out = host_clock(CLOCK_REALTIME);
    return STATUS_OK;
}

void wait_for_interrupt(uint64_t deadline) {
    struct timespec t = {.tv_sec = (time_t)(deadline / 1000000000u),
                         .tv_nsec = (long)(deadline % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

_Noreturn void machine_exit(int code) {
    exit(code);
}

void log_message(log_level_t level, const char *room, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "log %d %s: ", (int)level, room);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

const char *bootargs_option(const char *key) {
    return strcmp(key, "tmp") == 0 ? tmp_option : NULL;
}

const char *bootargs_option_nth(const char *key, unsigned n) {
    (void)key, (void)n;
    return NULL;
}

static status_t seed(void) {
    uint8_t bytes[32];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        return ERR_IO;
    }
    random_seed(bytes, sizeof bytes);
    return STATUS_OK;
}
const service_t entropy_service = {.name = "host", .order = 10, .start = seed};

wasi_errno_t ninep_mount(const char *tag, vnode_t **root) {
    (void)tag, (void)root;
    return WASI_ERRNO_NODEV;
}

void *heap_alloc(size_t size) {
    return malloc(size > 0 ? size : 1);
}

void *heap_zalloc(size_t size) {
    return calloc(1, size > 0 ? size : 1);
}

void *heap_realloc(void *block, size_t size) {
    return realloc(block, size > 0 ? size : 1);
}

void heap_free(void *block) {
    free(block);
}

static void mount_blob(const char *path) {
    static baked_tree_t tree;
    FILE *in = fopen(path, "rb");
    const char *why = strerror(errno);
    if (in != NULL) {
        fseek(in, 0, SEEK_END);
        size_t size = (size_t)ftell(in);
        uint8_t *blob = malloc(size);
        rewind(in);
        if (fread(blob, 1, size, in) == size && baked_open(blob, size, &tree, &why) == STATUS_OK) {
            for (uint32_t i = 0; i < tree.n_roots; i++) {
                vnode_t *root;
                const char *name;
                size_t len;
                baked_root_name(&tree, i, &name, &len);
                if (baked_mount(&tree, i, &root) == WASI_ERRNO_SUCCESS) {
                    preopen_add(name, len, root);
                }
            }
            return;
        }
    }
    fprintf(stderr, "%s: %s\n", path, why);
    exit(EXIT_CODE_START);
}

_Noreturn void wasm_run_image(void) {
    for (uint32_t k = 0; k < wasm_image.n_instances; k++) {
        wasm_image.instances[k]->instantiate();
    }
    wasm_image.instances[wasm_image.main]->start_export();
    exit(0);
}

int main(int argc, char **argv) {
    static const char *args[WORDS_MAX], *env[WORDS_MAX];
    for (int i = 0; i < 3; i++) {
        streams[i] = (host_stream_t){{host_read, host_write, NULL, host_ready, isatty(i) != 0}, i};
    }
    stream_stdin = &streams[0].base;
    stream_stdout = &streams[1].base;
    stream_stderr = &streams[2].base;

    const char *blob = NULL;
    int i = 1;
    args[bootargs.n_args++] = argv[0];
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argv[i], "--tmp") == 0) {
            tmp_option = "";
        } else if (i + 1 < argc && strcmp(argv[i], "--env") == 0 && bootargs.n_env < WORDS_MAX) {
            env[bootargs.n_env++] = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--baked") == 0) {
            blob = argv[++i];
        } else {
            fprintf(stderr, "native-run: unknown flag %s\n", argv[i]);
            return EXIT_CODE_START;
        }
    }
    for (; i < argc && bootargs.n_args < WORDS_MAX; i++) {
        args[bootargs.n_args++] = argv[i];
    }
    bootargs.args = args;
    bootargs.env = env;

    seed();
    if (blob != NULL) {
        mount_blob(blob);
    }
    if (preopen_service.start() != STATUS_OK) {
        return EXIT_CODE_START;
    }
    wasm_image.run();
}
