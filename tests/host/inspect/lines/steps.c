/* SPDX-License-Identifier: MIT */
/*
 * What steps4.wasm and steps5.wasm are made of, whose lines test_lines.c expects:
 *     clang-19 --target=wasm32 -nostdlib -O1 -g -gdwarf-N -fdebug-compilation-dir=/project \
 *         -Wl,--no-entry -Wl,--export=start steps.c -o stepsN.wasm
 */
extern int next(int) __attribute__((import_module("env"), import_name("next")));

__attribute__((noinline)) static int divide(int a, int b) {
    int c = next(a);
    return c / b;
}

__attribute__((noinline)) int dropped(int a) {
    return next(a) + 1000;
}

int start(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += divide(i, n);
        next(sum);
    }
    return sum;
}
