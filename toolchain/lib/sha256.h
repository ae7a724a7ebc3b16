/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4). */
#ifndef INGOT_TOOLCHAIN_SHA256_H
#define INGOT_TOOLCHAIN_SHA256_H

#include <stddef.h>
#include <stdint.h>

void sha256(const uint8_t *data, size_t len, uint8_t digest[32]);

/* 64 lower-case hex digits and a NUL. */
void sha256_hex(const uint8_t *data, size_t len, char hex[65]);

#endif
