/* SPDX-License-Identifier: MIT */
/*
 * Descriptors 0, 1 and 2 over the kernel's streams. A terminal is a character device without the
 * rights to seek and tell, which is what isatty() looks at; a pipe is of unknown type, as wasmtime
 * says.
 */
#include <string.h>

#include "kernel/core/stream.h"
#include "kernel/core/wait.h"
#include "kernel/wasi/fdtable.h"

typedef struct stdio_file {
    file_t base;
    stream_t **stream; /* the variable that the boot sets */
} stdio_file_t;

static stream_t *stream_of(file_t *f) {
    return *((stdio_file_t *)f)->stream;
}

static wasi_filetype_t stdio_filetype(file_t *f) {
    return stream_of(f)->is_terminal ? WASI_FILETYPE_CHARACTER_DEVICE : WASI_FILETYPE_UNKNOWN;
}

static wasi_errno_t stdio_read(file_t *f, void *buf, size_t len, size_t *got) {
    stream_t *s = stream_of(f);
    if (len == 0) {
        *got = 0;
        return WASI_ERRNO_SUCCESS;
    }
    for (;;) {
        status_t e = s->read(s, buf, len, got);
        if (e == STATUS_OK) {
            return WASI_ERRNO_SUCCESS;
        }
        if (e != ERR_BUSY) {
            return WASI_ERRNO_IO;
        }
        if (f->flags & WASI_FDFLAGS_NONBLOCK) {
            return WASI_ERRNO_AGAIN;
        }
        wait_for_interrupt(WAIT_FOREVER);
    }
}

static wasi_errno_t stdio_write(file_t *f, const void *buf, size_t len, size_t *done) {
    stream_t *s = stream_of(f);
    if (s->write(s, buf, len) != STATUS_OK) {
        return WASI_ERRNO_PIPE;
    }
    *done = len;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t stdio_readable(file_t *f, uint64_t *n) {
    stream_t *s = stream_of(f);
    size_t now;
    status_t e = s->ready(s, &now);
    if (e != STATUS_OK) {
        return e == ERR_BUSY ? WASI_ERRNO_AGAIN : WASI_ERRNO_IO;
    }
    *n = now;
    return WASI_ERRNO_SUCCESS;
}

static wasi_errno_t stdio_stat(file_t *f, wasi_filestat_t *out) {
    memset(out, 0, sizeof *out);
    out->filetype = stdio_filetype(f);
    out->nlink = 1;
    return WASI_ERRNO_SUCCESS;
}

/* Bytes that were written are with the device, not lost with us: syncing waits for it. */
static wasi_errno_t stdio_sync(file_t *f, bool data_only) {
    (void)data_only;
    stream_t *s = stream_of(f);
    if (s->flush != NULL && s->flush(s) != STATUS_OK) {
        return WASI_ERRNO_IO;
    }
    return WASI_ERRNO_SUCCESS;
}

static const file_ops_t input_ops = {
    .filetype = stdio_filetype,
    .read = stdio_read,
    .readable = stdio_readable,
    .stat = stdio_stat,
};

static const file_ops_t output_ops = {
    .filetype = stdio_filetype,
    .write = stdio_write,
    .stat = stdio_stat,
    .sync = stdio_sync,
};

#define RIGHTS_ANY                                                                                 \
    (WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | WASI_RIGHTS_FD_FILESTAT_GET | WASI_RIGHTS_POLL_FD_READWRITE)
#define RIGHTS_IN (WASI_RIGHTS_FD_READ | RIGHTS_ANY)
#define RIGHTS_OUT                                                                                 \
    (WASI_RIGHTS_FD_WRITE | WASI_RIGHTS_FD_DATASYNC | WASI_RIGHTS_FD_SYNC | RIGHTS_ANY)

static stdio_file_t in = {{.ops = &input_ops, .rights = RIGHTS_IN}, &stream_stdin};
static stdio_file_t out = {{.ops = &output_ops, .rights = RIGHTS_OUT}, &stream_stdout};
static stdio_file_t err = {{.ops = &output_ops, .rights = RIGHTS_OUT}, &stream_stderr};

file_t *const stdio_files[3] = {&in.base, &out.base, &err.base};
