/* SPDX-License-Identifier: MIT */
/* Exits with the code that the first argument names. */
#include <stdlib.h>

int main(int argc, char **argv) {
    return argc > 1 ? atoi(argv[1]) : 0;
}
