/* SPDX-License-Identifier: MIT */
/*
 * The kernel on the module's stack: wherever the stack's next page begins, no demand fault may come
 * while a lock is held that the fault handler takes; it would wait for itself for ever.
 */
#include "kernel/wasm/stack.h"

#include "kernel/core/vmap.h"
#include "mm/mmap.h"
#include "tests/guest/groups.h"

/* One small step deeper at a time down to the floor, work that holds the locks of mm/. */
__attribute__((noinline)) static unsigned map_at_every_depth(const volatile unsigned *zero) {
    volatile uint8_t local[16] = {0};
    if ((uintptr_t)__builtin_frame_address(0) < wasm_stack_floor + 1024) {
        return 0;
    }
    wasm_host_entry();
    mmap_t map;
    mmap_opts_t opts = {.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "deep"};
    if (mmap_new_zeroed(&kernel_aspace, &opts, &map) != STATUS_OK) {
        return 1;
    }
    mmap_drop(&map);
    return map_at_every_depth(zero) + local[*zero];
}

bool stack_run(void) {
    volatile unsigned zero = 0;
    ktap_print("KTAP version 1\n1..1\n    1..1\n");
    bool ok = map_at_every_depth(&zero) == 0;
    const char *verdict = ok ? "ok" : "not ok";
    ktap_print("    %s 1 the kernel never waits for its own stack\n%s 1 stack\n", verdict, verdict);
    return ok;
}
