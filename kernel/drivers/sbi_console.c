/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/sbi_console.h"

#include <string.h>

#include "hal/firmware.h"

/* The firmware takes many bytes at once only from the kernel's own memory. */
#define BOUNCE_LEN 256u
static uint8_t bounce[BOUNCE_LEN];

/* A byte that was taken to learn whether there is one. */
static bool held;
static uint8_t held_byte;

static status_t sbi_write(stream_t *s, const void *buf, size_t len) {
    (void)s;
    const uint8_t *from = buf;
    while (len > 0) {
        size_t n = len < BOUNCE_LEN ? len : BOUNCE_LEN;
        memcpy(bounce, from, n);
        for (size_t at = 0; at < n;) {
            size_t done;
            status_t status = hal_console_write(bounce + at, n - at, &done);
            if (status != STATUS_OK) {
                return ERR_IO;
            }
            at += done;
        }
        from += n;
        len -= n;
    }
    return STATUS_OK;
}

static status_t sbi_flush(stream_t *s) {
    (void)s; /* the firmware hands bytes to the port before it returns */
    return STATUS_OK;
}

static status_t sbi_read(stream_t *s, void *buf, size_t len, size_t *got) {
    (void)s;
    if (len > 0 && held) {
        *(uint8_t *)buf = held_byte;
        held = false;
        *got = 1;
        return STATUS_OK;
    }
    status_t status = hal_console_read(buf, len, got);
    if (status == ERR_UNSUPPORTED) { /* nothing will ever come */
        *got = 0;
        return STATUS_OK;
    }
    return status;
}

static status_t sbi_ready(stream_t *s, size_t *n) {
    if (!held) {
        size_t got;
        status_t status = sbi_read(s, &held_byte, 1, &got);
        if (status != STATUS_OK) {
            return status;
        }
        held = got == 1;
    }
    *n = held ? 1 : 0;
    return STATUS_OK;
}

static stream_t sbi_stream = {.read = sbi_read,
                              .write = sbi_write,
                              .flush = sbi_flush,
                              .ready = sbi_ready,
                              .is_terminal = true};

stream_t *sbi_console_stream(void) {
    return &sbi_stream;
}
