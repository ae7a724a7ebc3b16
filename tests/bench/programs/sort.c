/* SPDX-License-Identifier: MIT */
/* Quicksort with insertion sort at its ends, then heap sort of the same numbers. */
#include "bench.h"

#define COUNT 12000u

static uint32_t numbers[COUNT];

static void insertion_sort(uint32_t *a, size_t len) {
    for (size_t i = 1; i < len; i++) {
        uint32_t v = a[i];
        size_t j = i;
        for (; j > 0 && a[j - 1] > v; j--) {
            a[j] = a[j - 1];
        }
        a[j] = v;
    }
}

static NOINLINE void quick_sort(uint32_t *a, size_t len) {
    while (len > 16) {
        uint32_t pivot = a[len / 2];
        size_t i = 0, j = len - 1;
        for (;;) {
            while (a[i] < pivot) {
                i++;
            }
            while (a[j] > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            uint32_t t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
        quick_sort(a, i);
        a += i;
        len -= i;
    }
    insertion_sort(a, len);
}

static void sift_down(uint32_t *a, size_t at, size_t len) {
    uint32_t v = a[at];
    for (size_t child; (child = 2 * at + 1) < len; at = child) {
        if (child + 1 < len && a[child + 1] > a[child]) {
            child++;
        }
        if (a[child] <= v) {
            break;
        }
        a[at] = a[child];
    }
    a[at] = v;
}

static NOINLINE void heap_sort(uint32_t *a, size_t len) {
    for (size_t i = len / 2; i-- > 0;) {
        sift_down(a, i, len);
    }
    for (size_t end = len; end-- > 1;) {
        uint32_t t = a[0];
        a[0] = a[end];
        a[end] = t;
        sift_down(a, 0, end);
    }
}

static uint64_t fill_and_sort(uint32_t seed, void (*sort)(uint32_t *, size_t)) {
    uint64_t hash = MIX_START;
    for (size_t i = 0; i < COUNT; i++) {
        numbers[i] = next_random(&seed);
    }
    sort(numbers, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        hash = mix(hash, numbers[i]);
    }
    return hash;
}

BENCH(sort) {
    uint64_t quick = fill_and_sort(n, quick_sort);
    uint64_t heap = fill_and_sort(n, heap_sort);
    return quick == heap ? quick : 0;
}
