/* SPDX-License-Identifier: MIT */
#include <ingot/host.h>

#include "counter.h"

INGOT_HOST("counter", "next", int32_t, counter_next) {
    static int32_t count = COUNTER_START;
    return ++count;
}
