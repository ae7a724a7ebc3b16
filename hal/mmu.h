/* SPDX-License-Identifier: MIT */
/*
 * Page tables, the TLB and instruction fetch, as mm/ sees them.
 *
 * A level is counted from the leaves: level 0 entries map 4 KiB, level 1 2 MiB, level 2 1 GiB.
 * Table operations take no lock: the owner of the hal_pt_t holds its own. They never flush; the
 * caller does, between hal_pt_unmap() and hal_pt_sweep().
 * Ranges are page-aligned and canonical; anything else is a bug of the caller, checked by mm/.
 * Source: RISC-V Privileged Architecture 20211203, 4.3 to 4.5; a leaf's A and D bits are preset,
 * so hardware that does not update them works.
 */
#ifndef INGOT_HAL_MMU_H
#define INGOT_HAL_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/addr.h"
#include "hal/status.h"

/* ---- Permissions ---- */

enum { HAL_R = 1, HAL_W = 2, HAL_X = 4, HAL_USER = 8 };

/* Made by hal_perms_make() or one of the constants below only, so that W+X cannot exist. */
typedef struct hal_perms {
    uint8_t bits;
} hal_perms_t;

#define HAL_PERMS_R ((hal_perms_t){HAL_R})
#define HAL_PERMS_RW ((hal_perms_t){HAL_R | HAL_W})
#define HAL_PERMS_RX ((hal_perms_t){HAL_R | HAL_X})
#define HAL_PERMS_USER_RW ((hal_perms_t){HAL_R | HAL_W | HAL_USER})
#define HAL_PERMS_USER_RX ((hal_perms_t){HAL_R | HAL_X | HAL_USER})

/* ERR_PERMISSION for W+X; ERR_INVALID for unknown bits, for no access at all (that is what a
 * reservation is for) and for W without R, which the architecture reserves. */
static inline status_t hal_perms_make(unsigned bits, hal_perms_t *out) {
    if ((bits & (HAL_W | HAL_X)) == (HAL_W | HAL_X)) {
        return ERR_PERMISSION;
    }
    if ((bits & ~(unsigned)(HAL_R | HAL_W | HAL_X | HAL_USER)) != 0 ||
        (bits & (HAL_R | HAL_X)) == 0) {
        return ERR_INVALID;
    }
    out->bits = (uint8_t)bits;
    return STATUS_OK;
}

static inline bool hal_perms_have(hal_perms_t p, unsigned bits) {
    return (p.bits & bits) == bits;
}

static inline bool hal_perms_equal(hal_perms_t a, hal_perms_t b) {
    return a.bits == b.bits;
}

/* Never makes W+X out of what was not. */
static inline hal_perms_t hal_perms_without_write(hal_perms_t p) {
    return (hal_perms_t){(uint8_t)(p.bits & ~(unsigned)HAL_W)};
}

typedef enum hal_mem_attr {
    HAL_MEM_NORMAL,
    HAL_MEM_DEVICE, /* uncached, ordered; on RISC-V without Svpbmt the platform already says so */
} hal_mem_attr_t;

/* ---- Page tables ---- */

typedef struct hal_pt hal_pt_t;

/* Where table frames come from, and where frames go when hal_pt_sweep() lets go of them. */
typedef struct hal_pt_ops {
    status_t (*get_table)(hal_pt_t *pt, paddr_t *frame); /* a zeroed frame, or ERR_NO_MEMORY */
    void (*put_table)(hal_pt_t *pt, paddr_t frame);
    void (*put_leaf)(hal_pt_t *pt, paddr_t pa, unsigned level); /* an owned leaf */
} hal_pt_ops_t;

struct hal_pt {
    paddr_t root;
    unsigned levels; /* 3: Sv39, 4: Sv48 */
    const hal_pt_ops_t *ops;
};

typedef struct hal_pt_entry {
    paddr_t pa;        /* of the queried byte, not of the leaf's start */
    hal_perms_t perms; /* what the hardware enforces */
    uint8_t level;     /* size of the leaf: 4 KiB << (9 * level) */
    bool owned;        /* its frame belongs to the mapping and is put back with it */
} hal_pt_entry_t;

#define HAL_PT_MAX_LEVEL 2u /* the largest leaf that is used: 1 GiB */

static inline uint64_t hal_pt_leaf_size(unsigned level) {
    return PAGE_SIZE << (9 * level);
}

/* Gets the root frame. ERR_NO_MEMORY; ERR_INVALID for other levels than 3 and 4. */
status_t hal_pt_init(hal_pt_t *pt, unsigned levels, const hal_pt_ops_t *ops);
/* Puts the root frame back. Nothing may be mapped any more. */
void hal_pt_destroy(hal_pt_t *pt);

/* Maps `range` to phys.. with the largest leaves that alignment and `max_level` allow. Nothing is
 * mapped in it yet. ERR_NO_MEMORY leaves a part mapped: the caller unmaps the range again. */
status_t hal_pt_map(hal_pt_t *pt, vrange_t range, paddr_t phys, hal_perms_t perms,
                    hal_mem_attr_t attr, bool owned, unsigned max_level);

/* Makes all tables that level 0 leaves in `range` need, so that hal_pt_set() cannot fail there.
 * ERR_NO_MEMORY leaves some made: the caller unmaps the range again. */
status_t hal_pt_prepare(hal_pt_t *pt, vrange_t range);

/* The prepared level 0 entries of one page, or NULL where no level 0 table is: entry i of the
 * result belongs to page va + i * 4 KiB, up to the next 2 MiB border. For hal_pt_slot_*() only. */
uint64_t *hal_pt_slots(hal_pt_t *pt, vaddr_t va);
bool hal_pt_slot_is_empty(uint64_t slot);
bool hal_pt_slot_is_owned(uint64_t slot);
void hal_pt_slot_set(uint64_t *slot, paddr_t pa, hal_perms_t perms, bool owned);

/* Replaces the prepared level 0 table below the 2 MiB at `va`, whose slots are all empty, by one
 * leaf. The answer is the table's frame: the caller flushes everything, then puts it. */
paddr_t hal_pt_promote(hal_pt_t *pt, vaddr_t va, paddr_t phys, hal_perms_t perms, bool owned);

/* How many tables hal_pt_split() would need at `va`; 0 when no leaf straddles it. */
unsigned hal_pt_split_cost(const hal_pt_t *pt, vaddr_t va);
/* Divides leaves until none straddles `va`. The translation stays the same. ERR_NO_MEMORY. */
status_t hal_pt_split(hal_pt_t *pt, vaddr_t va);

/* Gives every leaf in `range` new permissions: `owned` for those that own their frame, `borrowed`
 * for the others. No leaf straddles a border. True when an entry changed. */
bool hal_pt_protect(hal_pt_t *pt, vrange_t range, hal_perms_t owned, hal_perms_t borrowed);

/* Retires every leaf in `range`, and every table whose whole span lies in `hole` (which contains
 * `range`, and in which nothing else is mapped; or one page, so that no table goes): they are
 * invalid for the hardware from now on, but still remember their frames. No leaf straddles a
 * border. *tables tells whether a table was among them: then hal_tlb_flush_all() is needed. Returns
 * how many pages were owned. */
uint64_t hal_pt_unmap(hal_pt_t *pt, vrange_t range, vrange_t hole, bool *tables);
/* After the flush: puts the frames of all that is retired in `range`, and forgets them. */
void hal_pt_sweep(hal_pt_t *pt, vrange_t range);

/* False where nothing is mapped. */
bool hal_pt_query(const hal_pt_t *pt, vaddr_t va, hal_pt_entry_t *entry);
/* Pages in `range` whose frames are owned. */
uint64_t hal_pt_count_owned(const hal_pt_t *pt, vrange_t range);

/* ---- The hardware ---- */

/* Whether the address exists with this many levels (sign-extended from bit 38 or 47). */
static inline bool hal_va_is_canonical(unsigned levels, vaddr_t va) {
    unsigned unused = 64 - (12 + 9 * levels);
    return (uint64_t)((int64_t)(va.raw << unused) >> unused) == va.raw;
}

/* Forget cached translations, on every running hart, before returning. By range: leaves only. */
void hal_tlb_flush_range(vrange_t range);
void hal_tlb_flush_all(void);
/* Instruction fetch on every running hart sees all stores made before. */
void hal_fence_i_all(void);

/* Puts these tables in force on this hart, and flushes. Where the hart lacks the mode, the old
 * tables stay in force: ask hal_mmu_is_active(). */
void hal_mmu_activate(const hal_pt_t *pt);
bool hal_mmu_is_active(const hal_pt_t *pt);

#endif
