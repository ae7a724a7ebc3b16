/* SPDX-License-Identifier: MIT */
#include "tests/host/wasi/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/clock.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/virtio_rng.h"
#include "kernel/fs/vfs.h"

machine_t machine;
memory_stream_t machine_stdin, machine_stdout, machine_stderr;
stream_t *stream_stdin = &machine_stdin.base, *stream_stdout = &machine_stdout.base,
         *stream_stderr = &machine_stderr.base;
bootargs_t bootargs;

static status_t memory_ready(stream_t *s, size_t *n) {
    memory_stream_t *m = (memory_stream_t *)s;
    if (m->at == m->available && !m->closed) {
        return ERR_BUSY;
    }
    *n = m->available - m->at;
    return STATUS_OK;
}

static status_t memory_read(stream_t *s, void *buf, size_t len, size_t *got) {
    memory_stream_t *m = (memory_stream_t *)s;
    size_t n;
    status_t e = memory_ready(s, &n);
    if (e == STATUS_OK) {
        n = n < len ? n : len;
        if (n > 0) {
            memcpy(buf, m->input + m->at, n);
        }
        m->at += n;
        *got = n;
    }
    return e;
}

static status_t memory_write(stream_t *s, const void *buf, size_t len) {
    memory_stream_t *m = (memory_stream_t *)s;
    if (m->broken || len > sizeof m->output - m->written) {
        return ERR_IO;
    }
    memcpy(m->output + m->written, buf, len);
    m->written += len;
    m->writes++;
    return STATUS_OK;
}

void machine_reset(void) {
    uint64_t live = machine.live_blocks;
    memory_stream_t *streams[] = {&machine_stdin, &machine_stdout, &machine_stderr};
    for (int i = 0; i < 3; i++) {
        memset(streams[i], 0, sizeof *streams[i]);
        streams[i]->base.read = memory_read;
        streams[i]->base.write = memory_write;
        streams[i]->base.ready = memory_ready;
    }
    memset(&machine, 0, sizeof machine);
    memset(&bootargs, 0, sizeof bootargs);
    machine.allocations_left = UINT64_MAX;
    machine.live_blocks = live;
    machine.has_realtime = true;
    machine.realtime = UINT64_C(1700000000000000000);
}

uint64_t monotonic_ns(void) {
    return machine.monotonic;
}

uint64_t clock_resolution_ns(void) {
    return 100;
}

status_t clock_realtime_ns(uint64_t *out) {
    if (!machine.has_realtime) {
        return ERR_NOT_FOUND;
    }
    *out = machine.realtime + machine.monotonic;
    return STATUS_OK;
}

/* Time passes up to the deadline, or by a second; or something arrives first. */
void wait_for_interrupt(uint64_t deadline) {
    machine.waits++;
    if (machine.on_wait != NULL) {
        machine.on_wait();
    } else if (deadline == WAIT_FOREVER) {
        fputs("the code under test waits for ever\n", stderr);
        abort();
    } else if (deadline > machine.monotonic) {
        machine.monotonic = deadline;
    }
}

_Noreturn void machine_exit(int code) {
    machine.exit_code = code;
    longjmp(machine.exited, 1);
}

void log_message(log_level_t level, const char *room, const char *format, ...) {
    (void)level, (void)room, (void)format;
    machine.warnings++;
}

void machine_at_exit(void (*fn)(void)) {
    (void)fn;
}

_Noreturn void refuse(const char *format, ...) {
    fprintf(stderr, "the code under test refuses: %s\n", format);
    abort();
}

const char *bootargs_option(const char *key) {
    return strcmp(key, "tmp") == 0 ? machine.tmp : NULL;
}

const char *bootargs_option_nth(const char *key, unsigned n) {
    return strcmp(key, "mount") == 0 && n < 4 ? machine.mounts[n] : NULL;
}

static status_t no_entropy_device(void) {
    return STATUS_OK;
}
const service_t entropy_service = {.name = "none", .order = 10, .start = no_entropy_device};

wasi_errno_t ninep_mount(const char *tag, vnode_t **root) {
    (void)tag, (void)root;
    return WASI_ERRNO_NODEV;
}

/* The heap, which can run out at any wanted moment. */
static bool may_allocate(void) {
    if (machine.allocations_left == 0) {
        return false;
    }
    machine.allocations_left -= machine.allocations_left != UINT64_MAX;
    return true;
}

void *heap_alloc(size_t size) {
    if (!may_allocate()) {
        return NULL;
    }
    machine.live_blocks++;
    return malloc(size > 0 ? size : 1);
}

void *heap_zalloc(size_t size) {
    void *p = heap_alloc(size);
    return p == NULL ? NULL : memset(p, 0, size);
}

void *heap_realloc(void *block, size_t size) {
    if (!may_allocate()) {
        return NULL;
    }
    machine.live_blocks += block == NULL;
    return realloc(block, size > 0 ? size : 1);
}

void heap_free(void *block) {
    machine.live_blocks -= block != NULL;
    free(block);
}
