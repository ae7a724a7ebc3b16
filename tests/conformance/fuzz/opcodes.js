/* SPDX-License-Identifier: MIT */
/*
 * What the generator can make, by result type: [operand types, opcode bytes, options]. `nan` marks
 * results whose NaN payload the specification leaves open; they are made canonical. Loads and
 * stores take their natural alignment and a memory argument after the opcode.
 */
'use strict';

const simd = (op) => [0xfd, ...(op < 0x80 ? [op] : [(op & 0x7f) | 0x80, op >> 7])];
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const each = (ops, operands, nan) => ops.map((op) => [operands, [op], nan]);
const eachSimd = (ops, operands) => ops.map((op) => [operands, simd(op)]);

const PURE = {
    i32: [
        ...each([0x67, 0x68, 0x69, 0x45, 0xc0, 0xc1], ['i32']),
        ...each(range(0x6a, 0x78), ['i32', 'i32']),
        ...each(range(0x46, 0x4f), ['i32', 'i32']),
        ...each(range(0x51, 0x5a), ['i64', 'i64']),
        ...each(range(0x5b, 0x60), ['f32', 'f32']),
        ...each(range(0x61, 0x66), ['f64', 'f64']),
        ...each([0x50, 0xa7], ['i64']),
        ...each([0xa8, 0xa9, 0xbc], ['f32']),
        ...each([0xaa, 0xab], ['f64']),
        [['f32'], [0xfc, 0]], [['f32'], [0xfc, 1]], [['f64'], [0xfc, 2]], [['f64'], [0xfc, 3]],
        ...eachSimd([0x53, 0x63, 0x64, 0x83, 0x84, 0xa3, 0xa4, 0xc3, 0xc4], ['v128']),
        [['v128'], [...simd(0x15), 3]], [['v128'], [...simd(0x16), 15]],
        [['v128'], [...simd(0x18), 5]], [['v128'], [...simd(0x19), 0]],
        [['v128'], [...simd(0x1b), 2]],
    ],
    i64: [
        ...each([0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4], ['i64']),
        ...each(range(0x7c, 0x8a), ['i64', 'i64']),
        ...each([0xac, 0xad], ['i32']),
        ...each([0xae, 0xaf], ['f32']),
        ...each([0xb0, 0xb1, 0xbd], ['f64']),
        [['f32'], [0xfc, 4]], [['f32'], [0xfc, 5]], [['f64'], [0xfc, 6]], [['f64'], [0xfc, 7]],
        [['v128'], [...simd(0x1d), 1]],
    ],
    f32: [
        ...each([0x8b, 0x8c], ['f32']),
        ...each([0x8d, 0x8e, 0x8f, 0x90, 0x91], ['f32'], true),
        ...each(range(0x92, 0x97), ['f32', 'f32'], true),
        ...each([0x98], ['f32', 'f32']),
        ...each([0xb2, 0xb3, 0xbe], ['i32']),
        ...each([0xb4, 0xb5], ['i64']),
        ...each([0xb6], ['f64'], true),
        [['v128'], [...simd(0x1f), 2]],
    ],
    f64: [
        ...each([0x99, 0x9a], ['f64']),
        ...each([0x9b, 0x9c, 0x9d, 0x9e, 0x9f], ['f64'], true),
        ...each(range(0xa0, 0xa5), ['f64', 'f64'], true),
        ...each([0xa6], ['f64', 'f64']),
        ...each([0xb7, 0xb8], ['i32']),
        ...each([0xb9, 0xba, 0xbf], ['i64']),
        ...each([0xbb], ['f32'], true),
        [['v128'], [...simd(0x21), 1]],
    ],
    v128: [
        ...eachSimd([0x0f, 0x10, 0x11], ['i32']),
        ...eachSimd([0x12], ['i64']),
        ...eachSimd([0x13], ['f32']),
        ...eachSimd([0x14], ['f64']),
        ...eachSimd([0x0e, ...range(0x23, 0x40), ...range(0x41, 0x4c), 0x4e, 0x4f, 0x50, 0x51],
            ['v128', 'v128']),
        ...eachSimd([0x4d, 0x60, 0x61, 0x62, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x87, 0x88, 0x89,
            0x8a, 0xa0, 0xa1, 0xa7, 0xa8, 0xa9, 0xaa, 0xc0, 0xc1, 0xc7, 0xc8, 0xc9, 0xca, 0xe0, 0xe1,
            0xec, 0xed, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff], ['v128']),
        ...eachSimd([0x52], ['v128', 'v128', 'v128']),
        ...eachSimd([0x65, 0x66, ...range(0x6e, 0x73), ...range(0x76, 0x79), 0x7b, 0x82, 0x85, 0x86,
            ...range(0x8e, 0x93), ...range(0x95, 0x99), 0x9b, ...range(0x9c, 0x9f), 0xae, 0xb1, 0xb5,
            ...range(0xb6, 0xba), ...range(0xbc, 0xbf), 0xce, 0xd1, 0xd5, ...range(0xd6, 0xdb),
            ...range(0xdc, 0xdf)], ['v128', 'v128']),
        ...eachSimd([0x6b, 0x6c, 0x6d, 0x8b, 0x8c, 0x8d, 0xab, 0xac, 0xad, 0xcb, 0xcc, 0xcd],
            ['v128', 'i32']),
        [['v128', 'i32'], [...simd(0x17), 9]], [['v128', 'i32'], [...simd(0x1a), 6]],
        [['v128', 'i32'], [...simd(0x1c), 3]], [['v128', 'i64'], [...simd(0x1e), 0]],
        [['v128', 'f32'], [...simd(0x20), 1]], [['v128', 'f64'], [...simd(0x22), 0]],
    ],
};

/* [opcode bytes, log2 of the natural alignment] */
const LOADS = {
    i32: [[[0x28], 2], [[0x2c], 0], [[0x2d], 0], [[0x2e], 1], [[0x2f], 1]],
    i64: [[[0x29], 3], [[0x30], 0], [[0x31], 0], [[0x32], 1], [[0x33], 1], [[0x34], 2],
        [[0x35], 2]],
    f32: [[[0x2a], 2]],
    f64: [[[0x2b], 3]],
    v128: [[simd(0x00), 4], ...range(0x01, 0x06).map((op) => [simd(op), 3]), [simd(0x07), 0],
        [simd(0x08), 1], [simd(0x09), 2], [simd(0x0a), 3], [simd(0x5c), 2], [simd(0x5d), 3]],
};

const STORES = {
    i32: [[[0x36], 2], [[0x3a], 0], [[0x3b], 1]],
    i64: [[[0x37], 3], [[0x3c], 0], [[0x3d], 1], [[0x3e], 2]],
    f32: [[[0x38], 2]],
    f64: [[[0x39], 3]],
    v128: [[simd(0x0b), 4]],
};

/* Atomic read-modify-write with one operand: the natural alignment is demanded. */
const ATOMICS = {
    i32: [[0x1e, 2], [0x25, 2], [0x2c, 2], [0x33, 2], [0x3a, 2], [0x41, 2], [0x20, 0], [0x28, 1],
        [0x43, 0]],
    i64: [[0x1f, 3], [0x26, 3], [0x2d, 3], [0x34, 3], [0x3b, 3], [0x42, 3], [0x45, 0], [0x22, 0],
        [0x23, 1], [0x24, 2]],
};

module.exports = { PURE, LOADS, STORES, ATOMICS };
