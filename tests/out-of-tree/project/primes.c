/* SPDX-License-Identifier: MIT */
/* A library: no _start. */
#include "primes.h"

__attribute__((export_name("nth_prime"))) int32_t nth_prime(int32_t n) {
    int32_t candidate = FIRST_PRIME;
    for (;; candidate++) {
        int32_t divisor = FIRST_PRIME;
        while (divisor * divisor <= candidate && candidate % divisor != 0) {
            divisor++;
        }
        if (divisor * divisor > candidate && --n == 0) {
            return candidate;
        }
    }
}
