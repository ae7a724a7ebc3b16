/* SPDX-License-Identifier: MIT */
#include <ingot/host.h>

#include "mm/frame.h"
#include "mm/heap.h"

INGOT_HOST("counts", "free_frames", int64_t, counts_free_frames) {
    return (int64_t)frame_free_count();
}

INGOT_HOST("counts", "heap_blocks", int64_t, counts_heap_blocks) {
    return (int64_t)heap_stats().live_blocks;
}

INGOT_HOST("counts", "heap_bytes", int64_t, counts_heap_bytes) {
    return (int64_t)heap_stats().live_bytes;
}
