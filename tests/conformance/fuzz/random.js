/* SPDX-License-Identifier: MIT */
/* A small seeded generator (xorshift64*): the same seed gives the same modules everywhere. */
'use strict';

const MASK = (1n << 64n) - 1n;

class Random {
    constructor(seed) {
        this.state = (BigInt(seed) * 0x9e3779b97f4a7c15n + 0x1234567n) & MASK || 1n;
    }

    bits64() {
        let x = this.state;
        x ^= x >> 12n;
        x = (x ^ (x << 25n)) & MASK;
        x ^= x >> 27n;
        this.state = x;
        return (x * 0x2545f4914f6cdd1dn) & MASK;
    }

    /* 0 .. n - 1 */
    below(n) {
        return Number((this.bits64() >> 33n) % BigInt(n));
    }

    chance(percent) {
        return this.below(100) < percent;
    }

    pick(list) {
        return list[this.below(list.length)];
    }

    bytes(n) {
        return Array.from({ length: n }, () => this.below(256));
    }
}

module.exports = { Random };
