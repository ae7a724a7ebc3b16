/* SPDX-License-Identifier: MIT */
/* The time of day: read from the device once, then carried on by the timebase. */
#include "kernel/core/bootargs.h"
#include "kernel/core/clock.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/rtc.h"

status_t clock_realtime_ns(uint64_t *out) {
    static bool known;
    static uint64_t offset; /* of realtime to monotonic time, modulo 2^64 */
    if (!known) {
        uint64_t now;
        const char *given = bootargs_option("time");
        if (rtc_read_ns(&now) == STATUS_OK) {
            offset = now - monotonic_ns();
        } else if (given != NULL && parse_u64(given, &now)) {
            offset = now; /* the time at boot, where the timebase starts near 0 */
        } else {
            return ERR_NOT_FOUND;
        }
        known = true;
    }
    *out = monotonic_ns() + offset;
    return STATUS_OK;
}
