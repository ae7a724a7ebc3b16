/* SPDX-License-Identifier: MIT */
/*
 * What a module's memories hold when it starts, worked out at build time: data segments laid out as
 * pages, which the kernel maps and nobody copies (kernel/wasm/initial.h).
 *
 * Taken are the first segments of a module, as far as they are passive (those stay as they are) or
 * will certainly succeed: of a memory that the module defines itself, 32-bit and with 64 KiB pages,
 * at a constant offset, and within the initial size. Later ones see what the earlier ones did, and
 * trap where the specification says so; they are left to wasm2c's C. Source: WebAssembly core
 * specification 3.0, section 4.7.2 (instantiation, steps 33 and 34).
 */
#ifndef INGOT_TOOLCHAIN_INITIAL_H
#define INGOT_TOOLCHAIN_INITIAL_H

#include "toolchain/inspect/module.h"
#include "toolchain/lib/text.h"

#define INITIAL_PAGE 4096u

/* Pages side by side, in a memory and among the stored ones. */
typedef struct initial_run {
    uint32_t memory; /* among those that the module defines, from 0 */
    uint32_t page, count;
} initial_run_t;

typedef struct initial {
    uint32_t n_segments;    /* passive ones among them included; 0: nothing is laid out */
    initial_run_t *runs;    /* in the order in which their pages are stored; the arena's */
    uint32_t n_runs, pages; /* in all runs together */
    const uint8_t *bytes;   /* INITIAL_PAGE * pages, the arena's: those that are not all zero */
} initial_t;

/*
 * n_segments is 0 where copying is as good: less than 64 KiB, which is soon copied, or segments so
 * far apart that pages would take much more room than they do.
 */
initial_t initial_lay_out(module_t *m);

#endif
