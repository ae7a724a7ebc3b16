/* SPDX-License-Identifier: MIT */
/* zlib: text and noise are deflated at two levels and inflated again; CRC-32 and Adler-32 of all.
 */
#include <stdlib.h>
#include <string.h>

#include "zlib.h"

#include "../programs/bench.h"
#include "libc.h"

enum { PLAIN = 192 << 10, PACKED = PLAIN + 4096 };

static unsigned char plain[PLAIN], packed[PACKED], again[PLAIN];

/* Three parts of four are words out of a small dictionary, the last is noise. */
static void fill(uint32_t seed) {
    static const char words[16][8] = {"memory ", "table ", "guest ",  "page ", "trap, ", "frame ",
                                      "the ",    "of ",    "region ", "and ",  "hart ",  "module ",
                                      "a ",      "is ",    "call. ",  "\n"};
    size_t at = 0;
    while (at < PLAIN / 4 * 3) {
        const char *word = words[next_random(&seed) >> 28];
        size_t len = strlen(word);
        memcpy(plain + at, word, len);
        at += len;
    }
    while (at < PLAIN) {
        plain[at++] = (unsigned char)next_random(&seed);
    }
}

static voidpf allocate(voidpf opaque, uInt n, uInt size) {
    (void)opaque;
    return malloc((size_t)n * size);
}

static void release(voidpf opaque, voidpf memory) {
    (void)opaque;
    free(memory);
}

static uLong deflate_all(int level) {
    z_stream z = {.zalloc = allocate, .zfree = release};
    z.next_in = plain;
    z.avail_in = PLAIN;
    z.next_out = packed;
    z.avail_out = PACKED;
    if (deflateInit(&z, level) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    deflateEnd(&z);
    return z.total_out;
}

static void inflate_all(uLong len) {
    z_stream z = {.zalloc = allocate, .zfree = release};
    z.next_in = packed;
    z.avail_in = (uInt)len;
    z.next_out = again;
    z.avail_out = PLAIN;
    if (inflateInit(&z) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END || z.total_out != PLAIN ||
        memcmp(plain, again, PLAIN) != 0) {
        abort();
    }
    inflateEnd(&z);
}

BENCH(zlib) {
    static const int levels[] = {1, 6};
    uint64_t hash = MIX_START;
    libc_start();
    fill(n);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        uLong len = deflate_all(levels[i]);
        inflate_all(len);
        hash = mix(mix(hash, len), crc32(0, packed, (uInt)len));
        hash = mix(hash, adler32(1, packed, (uInt)len));
    }
    return hash;
}
