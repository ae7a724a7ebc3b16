/* SPDX-License-Identifier: MIT */
/*
 * Changes to one page table that still have to reach the hardware: gathered, then flushed once.
 *
 * The address space keeps one batch and discharges it at the end of every operation. A caller who
 * makes several operations at once opens a scope; the flush happens at its end:
 *
 *     BATCH_SCOPE(scope, as);
 *     aspace_unmap(as, a);
 *     aspace_unmap(as, b);
 *     batch_scope_end(&scope);
 *
 * Leaving the block without batch_scope_end(), or destroying an address space with something left
 * to flush, panics. Until the end, what was unmapped may still be reachable, and its frames are
 * not free yet.
 */
#ifndef INGOT_MM_BATCH_H
#define INGOT_MM_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/mmu.h"

#define BATCH_RANGES 16u
/* More pages than this are cheaper to flush all at once. */
#define BATCH_FLUSH_ALL_PAGES 64u

typedef struct batch {
    hal_pt_t *pt;
    unsigned count;
    bool retired;    /* entries wait for hal_pt_sweep() */
    bool tables;     /* tables are among them: caches of inner entries have to go, too */
    bool sync_fetch; /* something became executable */
    vrange_t ranges[BATCH_RANGES];
} batch_t;

void batch_init(batch_t *b, hal_pt_t *pt);
/* Notes that entries in `range` changed from valid to something else. When the list is full and
 * the range cannot be joined to another one, what was gathered is discharged first. */
void batch_note_changed(batch_t *b, vrange_t range);
/* The same, for entries that hal_pt_unmap() retired. */
void batch_note_retired(batch_t *b, vrange_t range, bool tables);
void batch_note_executable(batch_t *b);
/* Retired entries may be in the way of a new mapping. */
bool batch_has_retired_in(const batch_t *b, vrange_t range);
bool batch_is_empty(const batch_t *b);
/* Flush, then free the frames, then synchronise instruction fetch. */
void batch_discharge(batch_t *b);

struct aspace;

typedef struct batch_scope {
    struct aspace *as; /* NULL once ended */
} batch_scope_t;

batch_scope_t batch_scope_begin(struct aspace *as);
void batch_scope_end(batch_scope_t *scope);
void batch_scope_check(batch_scope_t *scope);

#define BATCH_SCOPE(name, as)                                                                      \
    batch_scope_t name __attribute__((cleanup(batch_scope_check))) = batch_scope_begin(as)

#endif
