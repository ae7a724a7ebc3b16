/* SPDX-License-Identifier: MIT */
/* Arguments, environment, clock and random numbers, through wasi-libc. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *greeting = getenv("GREETING");
    for (int i = 1; i < argc; i++) {
        printf("%s, %s!\n", greeting != NULL ? greeting : "Hello", argv[i]);
    }

    struct timespec before, after, wall;
    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    clock_gettime(CLOCK_REALTIME, &wall);
    long long slept =
        (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec);
    printf("slept: %s\n", slept >= 10000000 ? "at least 10 ms" : "too short");
    printf("year: %s\n", wall.tv_sec > 1735689600 ? "2025 or later" : "before 2025");

    unsigned char a[32] = {0}, b[32] = {0};
    if (getentropy(a, sizeof a) != 0 || getentropy(b, sizeof b) != 0) {
        printf("random: none\n");
        return 1;
    }
    int same = 0;
    for (unsigned i = 0; i < sizeof a; i++) {
        same += a[i] == b[i];
    }
    printf("random: %s\n", same < 16 ? "differs" : "repeats");
    return 0;
}
