/* SPDX-License-Identifier: MIT */
#include "kernel/core/clock.h"

#include "kernel/core/wait.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

uint32_t wasi_clock_res_get(wasm_caller_t *c, uint32_t id, uint32_t resolution) {
    if (id > WASI_CLOCKID_THREAD_CPUTIME_ID) {
        return WASI_ERRNO_INVAL;
    }
    return guest_store_u64(c, resolution, clock_resolution_ns()) ? WASI_ERRNO_SUCCESS
                                                                 : WASI_ERRNO_FAULT;
}

uint32_t wasi_clock_time_get(wasm_caller_t *c, uint32_t id, uint64_t precision, uint32_t time) {
    (void)precision; /* reading the timebase is as precise as it is cheap */
    uint64_t now;
    switch (id) {
    case WASI_CLOCKID_REALTIME:
        if (clock_realtime_ns(&now) != STATUS_OK) {
            return WASI_ERRNO_NOTSUP;
        }
        break;
    case WASI_CLOCKID_MONOTONIC:
    case WASI_CLOCKID_PROCESS_CPUTIME_ID:
    case WASI_CLOCKID_THREAD_CPUTIME_ID:
        now = monotonic_ns();
        break;
    default:
        return WASI_ERRNO_INVAL;
    }
    return guest_store_u64(c, time, now) ? WASI_ERRNO_SUCCESS : WASI_ERRNO_FAULT;
}
