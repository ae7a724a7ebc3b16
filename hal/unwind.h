/* SPDX-License-Identifier: MIT */
/*
 * Walking up the stack, one frame at a time, by rules that say how each function's frame looks.
 * Where the rules come from is the kernel's business (kernel/debug/symbols.h).
 */
#ifndef INGOT_HAL_UNWIND_H
#define INGOT_HAL_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/trap.h"

/* A function that runs, or waits for one it called. */
typedef struct hal_frame {
    uint64_t pc; /* the instruction, or with `calls` the one after the call */
    uint64_t sp, fp;
    uint64_t link; /* the register of the return address; meaningful without `calls` only */
    bool calls;
} hal_frame_t;

/*
 * How the caller's state is found at one instruction. The frame's end (the caller's sp) is `size`
 * above sp, or above fp with `from_fp`. A saved register lies that many bytes below the end; 0: it
 * was not saved and is still in its place.
 */
typedef struct hal_frame_rule {
    uint64_t size;
    bool from_fp;
    uint32_t link_saved, fp_saved;
} hal_frame_rule_t;

/* The function that calls this one. */
void hal_frame_here(hal_frame_t *out);

/* The interrupted function. */
void hal_frame_of_trap(const hal_trap_t *t, hal_frame_t *out);

/*
 * To the caller's frame. Memory is read only within [low, high), the stack that holds the frame;
 * false, with the frame as it was, when the rule leads out of it, or not upward, or nowhere.
 */
bool hal_frame_step(hal_frame_t *frame, const hal_frame_rule_t *rule, uint64_t low, uint64_t high);

#endif
