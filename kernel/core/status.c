/* SPDX-License-Identifier: MIT */
#include "hal/status.h"

const char *status_text(status_t s) {
    static const char *const texts[] = {
        [STATUS_OK] = "ok",
        [ERR_NO_MEMORY] = "out of memory",
        [ERR_INVALID] = "invalid argument",
        [ERR_RANGE] = "out of range",
        [ERR_OVERLAP] = "range is taken",
        [ERR_NOT_FOUND] = "not found",
        [ERR_PERMISSION] = "not permitted",
        [ERR_UNSUPPORTED] = "not supported",
        [ERR_CORRUPT] = "malformed data",
        [ERR_IO] = "device error",
        [ERR_BUSY] = "busy",
        [ERR_TIMEOUT] = "timed out",
    };
    return (unsigned)s < sizeof texts / sizeof *texts ? texts[s] : "unknown error";
}
