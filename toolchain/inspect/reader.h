/* SPDX-License-Identifier: MIT */
/*
 * Bounds-checked reading of the binary format. The first failure is kept; after it every read
 * answers zero and moves nothing, so that callers test `failed` once per loop instead of per read.
 */
#ifndef INGOT_TOOLCHAIN_READER_H
#define INGOT_TOOLCHAIN_READER_H

#include "toolchain/inspect/module.h"

typedef struct reader {
    const uint8_t *base; /* offsets in errors count from here */
    size_t pos, end;
    bool failed;
    parse_error_t *error;
} reader_t;

__attribute__((format(printf, 3, 4))) void reader_fail(reader_t *r, size_t offset,
                                                       const char *format, ...);

static inline size_t reader_left(const reader_t *r) {
    return r->end - r->pos;
}

uint8_t read_u8(reader_t *r, const char *what);
uint32_t read_u32_fixed(reader_t *r, const char *what); /* little-endian, four bytes */
uint32_t read_u32(reader_t *r, const char *what);       /* LEB128 from here on */
uint64_t read_u64(reader_t *r, const char *what);
int32_t read_s32(reader_t *r, const char *what);
int64_t read_s33(reader_t *r, const char *what);
int64_t read_s64(reader_t *r, const char *what);
void read_skip(reader_t *r, size_t n, const char *what);

/* A count of things that take at least one byte each: never more than what is left. */
uint32_t read_count(reader_t *r, const char *what);
/* A name, checked to be UTF-8. */
name_t read_name(reader_t *r, const char *what);
/* A reader of the next `size` bytes, which are passed over in `r`. It shares the error. */
reader_t read_part(reader_t *r, uint32_t size, const char *what);

#endif
