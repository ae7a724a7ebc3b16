/* SPDX-License-Identifier: MIT */
#include "toolchain/inspect/reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "toolchain/lib/utf8.h"

void reader_fail(reader_t *r, size_t offset, const char *format, ...) {
    if (r->failed) {
        return;
    }
    r->failed = true;
    r->error->offset = offset;
    va_list args;
    va_start(args, format);
    vsnprintf(r->error->message, sizeof r->error->message, format, args);
    va_end(args);
}

uint8_t read_u8(reader_t *r, const char *what) {
    if (r->failed) {
        return 0;
    }
    if (r->pos == r->end) {
        reader_fail(r, r->pos, "unexpected end: %s", what);
        return 0;
    }
    return r->base[r->pos++];
}

uint32_t read_u32_fixed(reader_t *r, const char *what) {
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        v |= (uint32_t)read_u8(r, what) << 8 * i;
    }
    return v;
}

/*
 * LEB128 of at most `bits` bits. The unused bits of the last possible byte must be zero (unsigned)
 * or copies of the sign (core spec, section 5.2.2).
 */
static uint64_t read_leb(reader_t *r, unsigned bits, bool is_signed, const char *what) {
    size_t start = r->pos;
    uint64_t v = 0;
    unsigned shift = 0;
    for (;;) {
        uint8_t byte = read_u8(r, what);
        if (r->failed) {
            return 0;
        }
        if (shift + 7 >= bits) {
            unsigned used = bits - shift; /* 1..7 bits of this byte count */
            if (byte & 0x80) {
                reader_fail(r, start, "integer representation too long: %s", what);
                return 0;
            }
            uint8_t unused = (uint8_t)(byte & 0x7f & ~((1u << used) - 1));
            uint8_t sign = (uint8_t)(0x7f & ~((1u << used) - 1));
            bool negative = is_signed && (byte >> (used - 1) & 1);
            if (unused != (negative ? sign : 0)) {
                reader_fail(r, start, "integer too large: %s", what);
                return 0;
            }
        }
        v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80)) {
            if (is_signed && shift < 64 && (byte & 0x40)) {
                v |= UINT64_MAX << shift;
            }
            return v;
        }
    }
}

uint32_t read_u32(reader_t *r, const char *what) {
    return (uint32_t)read_leb(r, 32, false, what);
}

uint64_t read_u64(reader_t *r, const char *what) {
    return read_leb(r, 64, false, what);
}

int32_t read_s32(reader_t *r, const char *what) {
    return (int32_t)read_leb(r, 32, true, what);
}

int64_t read_s33(reader_t *r, const char *what) {
    return (int64_t)read_leb(r, 33, true, what);
}

int64_t read_s64(reader_t *r, const char *what) {
    return (int64_t)read_leb(r, 64, true, what);
}

void read_skip(reader_t *r, size_t n, const char *what) {
    if (r->failed) {
        return;
    }
    if (n > reader_left(r)) {
        reader_fail(r, r->pos, "unexpected end: %s", what);
        return;
    }
    r->pos += n;
}

uint32_t read_count(reader_t *r, const char *what) {
    size_t at = r->pos;
    uint32_t n = read_u32(r, what);
    if (!r->failed && n > reader_left(r)) {
        reader_fail(r, at, "%s: %u announced, but only %zu bytes are left", what, n,
                    reader_left(r));
        return 0;
    }
    return n;
}

name_t read_name(reader_t *r, const char *what) {
    uint32_t len = read_count(r, what);
    name_t name = {(const char *)r->base + r->pos, len};
    if (!r->failed && !utf8_valid(r->base + r->pos, len)) {
        reader_fail(r, r->pos, "malformed UTF-8 encoding: %s", what);
    }
    read_skip(r, len, what);
    return r->failed ? (name_t){"", 0} : name;
}

reader_t read_part(reader_t *r, uint32_t size, const char *what) {
    reader_t part = *r;
    if (!r->failed && size > reader_left(r)) {
        reader_fail(r, r->pos, "%s of %u bytes, but only %zu are left", what, size, reader_left(r));
    }
    if (r->failed) {
        part.failed = true;
        return part;
    }
    part.end = r->pos + size;
    r->pos = part.end;
    return part;
}
