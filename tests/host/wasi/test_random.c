/* SPDX-License-Identifier: MIT */
/* The ChaCha20 block function against RFC 8439, and the generator around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/core/chacha20.h"
#include "kernel/core/random.h"

/* The RFC's counter has 32 bits and its nonce 96: they are words 12 and 13 to 15. */
static void check_block(const uint8_t key[32], uint32_t counter, const uint8_t nonce[12],
                        const uint8_t expected[64]) {
    uint32_t k[8], n[3], out[16];
    memcpy(k, key, sizeof k);
    memcpy(n, nonce, sizeof n);
    chacha20_block(k, counter | (uint64_t)n[0] << 32, n + 1, out);
    assert_memory_equal(out, expected, 64);
}

/* RFC 8439, section 2.3.2 */
static void test_block_of_section_2(void **state) {
    (void)state;
    uint8_t key[32];
    for (unsigned i = 0; i < 32; i++) {
        key[i] = (uint8_t)i;
    }
    static const uint8_t nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0};
    static const uint8_t expected[64] = {
        0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
        0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
        0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
        0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
        0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
    };
    check_block(key, 1, nonce, expected);
}

/* RFC 8439, appendix A.1, test vectors 1 and 2 */
static void test_blocks_of_appendix_a(void **state) {
    (void)state;
    static const uint8_t zeros[32];
    static const uint8_t first[64] = {
        0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53,
        0x86, 0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36,
        0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7, 0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48,
        0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8, 0xf4,
        0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
    };
    static const uint8_t second[64] = {
        0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a, 0x98, 0xba, 0x97, 0x7c, 0x73,
        0x2d, 0x08, 0x0d, 0xcb, 0x0f, 0x29, 0xa0, 0x48, 0xe3, 0x65, 0x69, 0x12, 0xc6,
        0x53, 0x3e, 0x32, 0xee, 0x7a, 0xed, 0x29, 0xb7, 0x21, 0x76, 0x9c, 0xe6, 0x4e,
        0x43, 0xd5, 0x71, 0x33, 0xb0, 0x74, 0xd8, 0x39, 0xd5, 0x31, 0xed, 0x1f, 0x28,
        0x51, 0x0a, 0xfb, 0x45, 0xac, 0xe1, 0x0a, 0x1f, 0x4b, 0x79, 0x4d, 0x6f,
    };
    check_block(zeros, 0, zeros, first);
    check_block(zeros, 1, zeros, second);
}

/* Runs first: the generator of this process is not seeded yet. */
static void test_needs_a_seed(void **state) {
    (void)state;
    uint8_t out[8] = {1, 2, 3};
    assert_int_equal(random_bytes(out, sizeof out), ERR_NOT_FOUND);
    random_seed("fifteen bytes..", 15);
    assert_int_equal(random_bytes(out, sizeof out), ERR_NOT_FOUND);
    assert_int_equal(out[0], 1);
    random_seed("x", 1);
    assert_int_equal(random_bytes(out, sizeof out), STATUS_OK);
    assert_int_equal(random_bytes(out, 0), STATUS_OK);
}

/* Every length comes out whole and unlike the one before; nothing is written beyond it. */
static void test_lengths(void **state) {
    (void)state;
    static uint8_t a[300], b[300];
    random_seed("a seed of more than 32 bytes, so that it is mixed in twice", 58);
    for (size_t len = 16; len < sizeof a - 1; len++) {
        memset(a, 0xaa, sizeof a);
        memset(b, 0xaa, sizeof b);
        assert_int_equal(random_bytes(a, len), STATUS_OK);
        assert_int_equal(random_bytes(b, len), STATUS_OK);
        assert_memory_not_equal(a, b, len);
        assert_memory_not_equal(a, b, 16);
        assert_memory_not_equal(a + len - 16, b + len - 16, 16);
        assert_int_equal(a[len], 0xaa);
        assert_int_equal(b[len], 0xaa);
    }
}

/* A broken generator is usually far off: the ones among a million bits. */
static void test_bits_are_balanced(void **state) {
    (void)state;
    static uint8_t out[131072];
    unsigned ones = 0;
    assert_int_equal(random_bytes(out, sizeof out), STATUS_OK);
    for (size_t i = 0; i < sizeof out; i++) {
        ones += (unsigned)__builtin_popcount(out[i]);
    }
    /* ten standard deviations */
    assert_in_range(ones, 524288 - 5120, 524288 + 5120);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needs_a_seed),         cmocka_unit_test(test_block_of_section_2),
        cmocka_unit_test(test_blocks_of_appendix_a), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_bits_are_balanced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
