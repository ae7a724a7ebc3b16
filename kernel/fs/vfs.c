/* SPDX-License-Identifier: MIT */
#include "kernel/fs/vfs.h"

#include "kernel/core/clock.h"
#include "kernel/core/wait.h"

uint64_t vfs_new_dev(void) {
    static uint64_t last;
    return ++last;
}

wasi_timestamp_t vfs_now(void) {
    uint64_t now;
    return clock_realtime_ns(&now) == STATUS_OK ? now : monotonic_ns();
}
