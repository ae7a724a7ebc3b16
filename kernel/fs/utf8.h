/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8: Unicode 15, table 3-7 (no surrogates, no overlong forms). */
#ifndef INGOT_KERNEL_FS_UTF8_H
#define INGOT_KERNEL_FS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text, size_t len);

#endif
