/* SPDX-License-Identifier: MIT */
/*
 * Where a function has no frame, though its call frame information says so. clang 19 describes
 * prologues only: in a function whose frame is made on some paths (shrink wrapping), what follows
 * an epilogue in memory but comes from before the prologue would be told to have the frame.
 */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_FLOW_H
#define INGOT_TOOLCHAIN_SYMBOLS_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum flow_state {
    FLOW_UNKNOWN, /* not reached by jumps that can be followed */
    FLOW_FRAMED,
    FLOW_UNFRAMED,
} flow_state_t;

/* Whether the instruction at `code` reads or writes memory, and so may fault. */
bool flow_accesses(const uint8_t *code, size_t len);

/* Whether a backtrace can have an address in [code, code + len): something there faults or calls. */
bool flow_matters(const uint8_t *code, size_t len);

/* Follows the RISC-V code of one function; states has one entry for each two bytes, for those where
 * an instruction starts. */
void flow_follow(const uint8_t *code, size_t len, flow_state_t *states);

#endif
