/* SPDX-License-Identifier: MIT */
/* stdin to stdout, byte for byte, until stdin ends; the count goes to stderr. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    static char buffer[65536];
    long long total = 0;
    ssize_t n;
    while ((n = read(0, buffer, sizeof buffer)) > 0) {
        for (ssize_t done = 0; done < n;) {
            ssize_t w = write(1, buffer + done, (size_t)(n - done));
            if (w <= 0) {
                return 1;
            }
            done += w;
        }
        total += n;
    }
    fprintf(stderr, "%lld bytes\n", total);
    return n == 0 ? 0 : 1;
}
