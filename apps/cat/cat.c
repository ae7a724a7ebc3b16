/* SPDX-License-Identifier: MIT */
/*
 * stdin to stdout, byte for byte, until stdin ends; or the files that the arguments name, one after
 * the other. The count goes to stderr.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The bytes copied, or -1. */
static long long copy(int from) {
    static char buffer[65536];
    long long total = 0;
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0) {
        for (ssize_t done = 0; done < n;) {
            ssize_t w = write(1, buffer + done, (size_t)(n - done));
            if (w <= 0) {
                return -1;
            }
            done += w;
        }
        total += n;
    }
    return n == 0 ? total : -1;
}

int main(int argc, char **argv) {
    long long total = argc > 1 ? 0 : copy(0);
    for (int i = 1; i < argc && total >= 0; i++) {
        int file = open(argv[i], O_RDONLY);
        if (file < 0) {
            perror(argv[i]);
            return 1;
        }
        long long n = copy(file);
        total = n < 0 ? -1 : total + n;
        close(file);
    }
    if (total < 0) {
        perror("cat");
        return 1;
    }
    fprintf(stderr, "%lld bytes\n", total);
    return 0;
}
