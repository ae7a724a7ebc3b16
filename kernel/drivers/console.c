/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/console.h"

#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"
#include "kernel/drivers/sbi_console.h"
#include "kernel/drivers/uart.h"
#include "kernel/drivers/virtio_console.h"

static status_t ended_read(stream_t *s, void *buf, size_t len, size_t *got) {
    (void)s;
    (void)buf;
    (void)len;
    *got = 0;
    return STATUS_OK;
}

static status_t ended_ready(stream_t *s, size_t *n) {
    (void)s;
    *n = 0;
    return STATUS_OK;
}

static status_t ended_write(stream_t *s, const void *buf, size_t len) {
    (void)s;
    (void)buf;
    (void)len;
    return ERR_PERMISSION;
}

static status_t ended_flush(stream_t *s) {
    (void)s;
    return STATUS_OK;
}

static stream_t ended = {
    .read = ended_read, .write = ended_write, .flush = ended_flush, .ready = ended_ready};

/* The serial console as one of the module's streams: one device, but the host may say different
 * things of the streams, so each has a copy. */
static stream_t *serial(unsigned fd) {
    static stream_t *found;
    static stream_t copies[3];
    if (found == NULL && uart_open_console(&found) != STATUS_OK) {
        found = sbi_console_stream();
    }
    copies[fd] = *found;
    return &copies[fd];
}

void console_choose_streams(void) {
    virtio_console_t ports = virtio_console_streams();
    bool any = ports.in != NULL || ports.out != NULL || ports.err != NULL;
    stream_stdin = ports.in != NULL ? ports.in : any ? &ended : serial(0);
    stream_stdout = ports.out != NULL ? ports.out : serial(1);
    stream_stderr = ports.err != NULL ? ports.err : serial(2);

    LOG(LOG_INFO, drivers, "console: stdin %s, stdout %s, stderr %s",
        ports.in != NULL ? "virtio"
        : any            ? "ended"
                         : "serial",
        ports.out != NULL ? "virtio" : "serial", ports.err != NULL ? "virtio" : "serial");
    const char *tty = bootargs_option("tty");
    if (tty != NULL) {
        stream_stdin->is_terminal = strchr(tty, '0') != NULL;
        stream_stdout->is_terminal = strchr(tty, '1') != NULL;
        stream_stderr->is_terminal = strchr(tty, '2') != NULL;
    }
}
