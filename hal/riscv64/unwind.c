/* SPDX-License-Identifier: MIT */
#include "hal/unwind.h"

#include <stddef.h>

_Static_assert(offsetof(hal_frame_t, pc) == 0 && offsetof(hal_frame_t, sp) == 8 &&
                   offsetof(hal_frame_t, fp) == 16 && offsetof(hal_frame_t, link) == 24 &&
                   offsetof(hal_frame_t, calls) == 32,
               "hal_frame_here knows the layout");

__attribute__((naked)) void hal_frame_here(hal_frame_t *out __attribute__((unused))) {
    __asm__ volatile("sd ra, 0(a0)\n"
                     "sd sp, 8(a0)\n"
                     "sd s0, 16(a0)\n"
                     "sd zero, 24(a0)\n"
                     "li a1, 1\n"
                     "sb a1, 32(a0)\n"
                     "ret\n");
}

void hal_frame_of_trap(const hal_trap_t *t, hal_frame_t *out) {
    *out = (hal_frame_t){
        .pc = hal_trap_pc(t), .sp = hal_trap_sp(t), .fp = hal_trap_fp(t), .link = hal_trap_ra(t)};
}

/* The word `below` bytes under the frame's end. */
static bool saved(uint64_t end, uint32_t below, uint64_t low, uint64_t high, uint64_t *out) {
    uint64_t at = end - below;
    if (below > end || at < low || at > high - 8 || at % 8 != 0) {
        return false;
    }
    *out = *(const uint64_t *)(uintptr_t)at;
    return true;
}

bool hal_frame_step(hal_frame_t *frame, const hal_frame_rule_t *rule, uint64_t low, uint64_t high) {
    uint64_t end = (rule->from_fp ? frame->fp : frame->sp) + rule->size;
    hal_frame_t caller = {.pc = frame->link, .sp = end, .fp = frame->fp, .calls = true};
    if (end < frame->sp || end > high || end % 16 != 0 || (frame->calls && end == frame->sp)) {
        return false;
    }
    if (rule->link_saved != 0 ? !saved(end, rule->link_saved, low, high, &caller.pc)
                              : frame->calls) {
        return false;
    }
    if ((rule->fp_saved != 0 && !saved(end, rule->fp_saved, low, high, &caller.fp)) ||
        caller.pc == 0) {
        return false;
    }
    *frame = caller;
    return true;
}
