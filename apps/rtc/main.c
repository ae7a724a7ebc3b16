/* SPDX-License-Identifier: MIT */
/* Reads the machine's clock through a host function of its own, and compares it with WASI's. With
 * an argument: hands over an address outside of its memory. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

__attribute__((import_module("rtc"), import_name("now"))) int rtc_now(uint64_t *ns);

int main(int argc, char **argv) {
    (void)argv;
    uint64_t ns;
    if (argc > 1) {
        return rtc_now((uint64_t *)UINTPTR_MAX);
    }
    if (rtc_now(&ns) != 0) {
        puts("this machine has no goldfish clock");
        return 1;
    }
    int64_t apart = (int64_t)(ns / 1000000000) - (int64_t)time(NULL);
    puts(apart >= -1 && apart <= 1 ? "the device and WASI tell the same time"
                                   : "the device and WASI tell different times");
    return 0;
}
