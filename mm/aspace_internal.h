/* SPDX-License-Identifier: MIT */
/* What the files of the address space share. The caller of all these holds as->lock. */
#ifndef INGOT_MM_ASPACE_INTERNAL_H
#define INGOT_MM_ASPACE_INTERNAL_H

#include "mm/aspace.h"
#include "mm/tree.h"

static inline uint64_t pages_of(uint64_t len) {
    return len >> PAGE_SHIFT;
}

/* Start and length are page multiples, the last byte exists, and both ends are in one canonical
 * half. len > 0. */
status_t aspace_check_range(const aspace_t *as, vrange_t range);
/* ERR_NOT_FOUND unless every byte of the range lies in some region. */
status_t aspace_check_covered(const aspace_t *as, vrange_t range);

/* The regions of a covered range, one after the other:
 *     for (region_t *r = first; r != NULL; r = aspace_following(as, r, range)) */
region_t *aspace_following(const aspace_t *as, const region_t *r, vrange_t range);
/* The part of the range that lies in the region. */
vrange_t aspace_part(const region_t *r, vrange_t range);

/* The range and all around it that needs no tables, as far as one root entry reaches. */
vrange_t aspace_table_hole(const aspace_t *as, vrange_t range);

/* Discharges when an operation ends and no scope is open; unlocks. */
void aspace_finish(aspace_t *as);
/* What is retired and not swept yet in this range must be out of the way first. */
void aspace_make_way(aspace_t *as, vrange_t range);
/* Takes back a mapping that failed halfway: no region knows of it yet. */
void aspace_roll_back(aspace_t *as, vrange_t range);

/* Whether pages of such a region may turn into frames later, so that they are promised now. */
static inline bool aspace_needs_charge(region_kind_t kind, hal_perms_t perms) {
    return kind == REGION_ZERO || (kind == REGION_IMAGE && (perms.bits & HAL_W));
}

void aspace_insert_region(aspace_t *as, region_t *r);
void aspace_remove_region(aspace_t *as, region_t *r); /* out of the tree, and freed */
/* Retires what is mapped of a part of the region, and takes its promises back. */
void aspace_release_pages(aspace_t *as, region_t *r, vrange_t range);
/* Retires what is mapped, takes promises back, and removes the region. */
void aspace_release_region(aspace_t *as, region_t *r);

/* ---- Cutting ---- */

/* Everything that cutting regions at both ends of a range needs, taken in advance. */
typedef struct cuts {
    region_t *nodes[2];
} cuts_t;

/* Takes nodes and table frames, and `promise` frames more; then divides large leaves. */
status_t aspace_prepare_cuts(aspace_t *as, vrange_t range, uint64_t promise, cuts_t *cuts);
/* Cuts the regions, so that no region straddles an end of the range. Cannot fail. */
void aspace_cut(aspace_t *as, vrange_t range, cuts_t *cuts);
/* Joins pieces of one mapping that have become alike again, at and within the range's ends. */
void aspace_join(aspace_t *as, vrange_t range);

/* ---- Filling (mm/fault.c) ---- */

/* Makes the pages of `part`, which lies in region r, present for this access. True when an entry
 * that was valid changed. Cannot fail: r is charged, or its pages need no frames. */
bool aspace_populate(aspace_t *as, region_t *r, vrange_t part, fault_access_t access);

bool aspace_allows(hal_perms_t perms, fault_access_t access);

/* The aligned pages around `page` that are filled together, as far as the region goes. */
vrange_t aspace_fault_around(const aspace_t *as, const region_t *r, uint64_t page);

/* ---- Views (mm/view.c) ---- */

/* Lets the page of the view v be seen, and with it those around it that have frames, or for a write
 * get them. */
fault_result_t aspace_fault_in_view(aspace_t *as, const region_t *v, uint64_t page,
                                    fault_access_t access);
/* Lets all pages of `part`, which lies in v, be seen. ERR_NOT_FOUND, ERR_PERMISSION: those before
 * the first that cannot be are. */
status_t aspace_commit_view(aspace_t *as, const region_t *v, vrange_t part, fault_access_t access);
/* What lies in the range changes: no view shows it any longer. */
void aspace_hide(aspace_t *as, vrange_t range);

#endif
