/* SPDX-License-Identifier: MIT */
#include <stdint.h>

#define FIRST_PRIME 2
