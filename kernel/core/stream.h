/* SPDX-License-Identifier: MIT */
/*
 * Byte streams between the module and the outside: what stdin, stdout and stderr are made of.
 * A driver (virtio-serial port, UART, SBI console) provides one; WASI consumes it.
 *
 * read:  copies up to `len` bytes that are there now into `buf`. STATUS_OK with *got > 0; ERR_BUSY
 *        when nothing is there yet; STATUS_OK with *got == 0 at the end of the stream (sticky).
 * ready: tells about the next read without doing it: STATUS_OK with *n bytes that are there now (0
 * at the end), ERR_BUSY when read would answer that. NULL on a stream that is never read. write:
 * takes all `len` bytes (waiting for the device when it must), or fails with ERR_IO when the other
 * side is gone. flush: returns when the device has taken everything that was written.
 */
#ifndef INGOT_KERNEL_CORE_STREAM_H
#define INGOT_KERNEL_CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/status.h"

typedef struct stream stream_t;
struct stream {
    status_t (*read)(stream_t *s, void *buf, size_t len, size_t *got);
    status_t (*write)(stream_t *s, const void *buf, size_t len);
    status_t (*flush)(stream_t *s);
    status_t (*ready)(stream_t *s, size_t *n);
    bool is_terminal; /* what fd_fdstat_get tells: character device or not */
};

/* Set at boot, before the module runs; never NULL afterwards. */
extern stream_t *stream_stdin, *stream_stdout, *stream_stderr;

#endif
