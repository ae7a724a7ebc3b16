/* SPDX-License-Identifier: MIT */
/* Whole files in and out. Errors are told on stderr, with the file's name and the reason. */
#ifndef INGOT_TOOLCHAIN_FILE_H
#define INGOT_TOOLCHAIN_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"

/* The caller frees *data, which has a NUL after its end that is not counted. */
status_t file_read(const char *path, uint8_t **data, size_t *len);

/* Leaves the file, and its time stamp, alone when it already has these contents. */
status_t file_write(const char *path, const void *data, size_t len);

/* The part after the last '/'. */
const char *file_basename(const char *path);

#endif
