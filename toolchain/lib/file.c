/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fileno */

#include "toolchain/lib/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "toolchain/lib/text.h"

/* Larger than any module a 32-bit offset can describe; it bounds what a FIFO may feed us. */
#define MAX_FILE ((size_t)1 << 31)

static status_t complain(const char *path, const char *what) {
    fprintf(stderr, "error: %s: %s\n", path, what);
    return ERR_IO;
}

status_t file_read(const char *path, uint8_t **data, size_t *len) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return complain(path, strerror(errno));
    }
    struct stat st;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        return complain(path, "is a directory");
    }
    text_t t = {0};
    char chunk[65536];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && t.len <= MAX_FILE) {
        text_add(&t, chunk, n);
    }
    bool failed = ferror(f) != 0;
    int saved = errno;
    fclose(f);
    if (failed || t.len > MAX_FILE) {
        text_free(&t);
        return complain(path, failed ? strerror(saved) : "larger than 2 GiB");
    }
    text_add(&t, "", 0);
    *data = (uint8_t *)t.data;
    *len = t.len;
    return STATUS_OK;
}

static bool same_contents(const char *path, const void *data, size_t len) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return false;
    }
    char chunk[65536];
    size_t at = 0, n;
    bool same = true;
    while (same && (n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        same = n <= len - at && memcmp(chunk, (const char *)data + at, n) == 0;
        at += n;
    }
    same = same && at == len && !ferror(f);
    fclose(f);
    return same;
}

status_t file_write(const char *path, const void *data, size_t len) {
    if (same_contents(path, data, len)) {
        return STATUS_OK;
    }
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        return complain(path, strerror(errno));
    }
    bool ok = fwrite(data, 1, len, f) == len;
    int saved = errno;
    ok = fclose(f) == 0 && ok;
    return ok ? STATUS_OK : complain(path, strerror(saved));
}

const char *file_basename(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
