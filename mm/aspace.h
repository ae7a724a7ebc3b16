/* SPDX-License-Identifier: MIT */
/*
 * An address space: a balanced tree of regions, and the page table that goes with it.
 *
 * Everything that is mapped is a region here: kernel segments, direct map, device windows, stacks,
 * heap, linear memories, guards. Ranges are page-granular; an operation on several regions is done
 * whole or refused whole. One lock; any hart may call. No call may come from code that runs while
 * the same address space's lock is held (there is none outside mm/).
 *
 * Zero length: an operation over zero bytes succeeds and changes nothing; a map of zero bytes
 * succeeds with the null address and makes no region.
 *
 * Errors, everywhere: ERR_INVALID misaligned; ERR_RANGE wraps, is not canonical or does not fit;
 * ERR_OVERLAP taken; ERR_NOT_FOUND some page belongs to no region; ERR_PERMISSION W+X, or rights
 * that the kind of region cannot have; ERR_NO_MEMORY frames, tables or nodes. A failed operation
 * leaves everything as it was.
 */
#ifndef INGOT_MM_ASPACE_H
#define INGOT_MM_ASPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/lock.h"
#include "hal/mmu.h"
#include "mm/batch.h"

typedef enum region_kind {
    REGION_RESERVED, /* takes addresses only; every access is FAULT_GUARD */
    REGION_WIRED,    /* owns frames, all present from the start */
    REGION_PHYS,     /* existing physical memory or a device; owns nothing */
    REGION_ZERO,     /* zeroed on demand; all its frames are promised when it is made */
    REGION_IMAGE,    /* pages of the boot image, copied on the first write; zeroes behind it */
    REGION_VIEW,     /* a second place for the pages of ZERO and IMAGE regions; owns nothing */
} region_kind_t;

/* Read-only for everybody else; valid until the next change to the address space. */
typedef struct region {
    vaddr_t start;
    uint64_t len;       /* bytes, whole pages */
    uint64_t committed; /* pages whose frames the region owns */
    const char *name;   /* not owned */
    paddr_t phys;       /* PHYS: of start. IMAGE: of the image byte at start */
    uint64_t image_len; /* IMAGE: bytes from start that come from the image */
    vaddr_t of;         /* VIEW: whose page is seen at start */
    region_kind_t kind;
    hal_perms_t perms; /* nothing in a RESERVED region */
    hal_mem_attr_t attr;

    /* The tree's own. */
    bool charged;      /* uncommitted pages are promised */
    uint8_t height;    /* AVL */
    uint32_t identity; /* pieces of what was mapped as one; only those merge again */
    struct region *left, *right;
    uint64_t low, high; /* the subtree's first byte, and its last byte */
    uint64_t max_gap;   /* the largest hole between regions of the subtree, bytes */
} region_t;

typedef struct aspace {
    hal_lock_t lock;
    hal_pt_t pt;
    region_t *root;
    uint64_t regions, views; /* views are among the regions */
    vrange_t window;
    bool seeded;
    uint64_t random; /* state of the placement generator */
    uint32_t next_identity;
    uint32_t open_scopes;
    uint64_t table_frames; /* page-table frames in use */
    uint64_t reserve;      /* promised frames that tables may take in the current operation */
    uint32_t fault_around; /* pages, a power of two, 1..512 */
    paddr_t zero_frame;    /* what reads of untouched pages see; never written */
    batch_t batch;
} aspace_t;

typedef struct aspace_config {
    unsigned levels; /* 3: Sv39, 4: Sv48 */
    vrange_t window; /* where map without a fixed place may go; page-aligned, one canonical half */
    bool seeded;     /* false: first fit. true: uniform over all fitting places */
    uint64_t seed;
} aspace_config_t;

#define ASPACE_FAULT_AROUND_PAGES 16u

status_t aspace_init(aspace_t *as, const aspace_config_t *config);
/* Unmaps everything and gives the root back. */
void aspace_destroy(aspace_t *as);

typedef struct aspace_request {
    uint64_t len;          /* bytes, page multiple; mapped */
    uint64_t capacity;     /* 0, or a page multiple >= len: [len, capacity) is a guard, into which
                              aspace_grow() grows (ZERO, IMAGE and VIEW only) */
    uint64_t guard_before; /* page multiple: a guard in front; `align` and `at` mean what follows */
    uint64_t align;        /* 0: a page; else a power of two >= a page */
    bool fixed;            /* at `at` exactly, in or outside the window; else anywhere in it */
    vaddr_t at;
    region_kind_t kind;
    hal_perms_t perms;
    hal_mem_attr_t attr;
    bool contiguous;    /* WIRED: one run of frames */
    paddr_t phys;       /* PHYS, IMAGE: page-aligned */
    uint64_t image_len; /* IMAGE: bytes, <= len; the rest of its last page is zero in the image */
    vaddr_t of;         /* VIEW: page-aligned */
    const char *name;
} aspace_request_t;

/*
 * A VIEW shows at start + i what is at `of` + i, with rights of its own: for the kernel, what is
 * mapped for user level. It shows only regions that are writable and not executable, so that it
 * gives no right that they do not have, and only pages that own a frame; touching another gives
 * that page one, as a write would. What is not there, or goes or changes its rights there, is not
 * there in the view either. Views are never executable.
 *
 * *out is the first byte after guard_before.
 */
status_t aspace_map(aspace_t *as, const aspace_request_t *request, vaddr_t *out);
/* The pages of the range, all in one ZERO region and none touched before, hold the boot image's
 * from `phys` on instead of zeroes: they become an IMAGE region, and stay part of their mapping,
 * which grows and goes as one. Copies nothing. ERR_INVALID for other pages, or a misaligned `phys`.
 */
status_t aspace_overlay(aspace_t *as, vrange_t range, paddr_t phys);
/* Every page of the range must belong to a region. Regions are cut where needed. */
status_t aspace_unmap(aspace_t *as, vrange_t range);
/* No page may be RESERVED; device windows cannot become executable. W on IMAGE promises frames. */
status_t aspace_protect(aspace_t *as, vrange_t range, hal_perms_t perms);
/* The mapping [start, ...) of `len` bytes, which ends with a ZERO, IMAGE or VIEW region, takes
 * `extra` more from the guard behind it, zeroed or seen like the rest; where len is 0, the guard
 * itself starts at `start` and gives the first pages, with these perms. */
status_t aspace_grow(aspace_t *as, vaddr_t start, uint64_t len, uint64_t extra, hal_perms_t perms);
/* The other way: the last `less` bytes of the ZERO region [start, start + len) become guard. What
 * was in them is gone. ERR_INVALID where they are of another mapping or kind. */
status_t aspace_shrink(aspace_t *as, vaddr_t start, uint64_t len, uint64_t less);

typedef enum fault_access {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_EXECUTE,
} fault_access_t;

/* Makes every page of the range present for this access. Needs no page alignment: exactly the
 * pages that the range touches. ERR_PERMISSION where a region does not allow the access. */
status_t aspace_commit(aspace_t *as, vrange_t range, fault_access_t access);

typedef enum fault_result {
    FAULT_RESOLVED,   /* continue */
    FAULT_UNMAPPED,   /* no region */
    FAULT_GUARD,      /* a RESERVED region: aspace_find() names it */
    FAULT_PERMISSION, /* the region does not allow it, or not at this level */
    FAULT_BUSY,       /* the code that faulted holds the address space's lock, which it must not */
} fault_result_t;

/* Who makes the access, and which pages it may be to. */
typedef enum fault_level {
    LEVEL_KERNEL, /* not HAL_USER */
    LEVEL_USER,   /* HAL_USER only */
    LEVEL_BOTH,   /* the kernel while it is let to both; executes no HAL_USER */
} fault_level_t;

fault_result_t aspace_handle_fault(aspace_t *as, vaddr_t address, fault_access_t access,
                                   fault_level_t level);

/* Whether the lock is held: a panic must then not look at regions. There is one hart; with several
 * the owner would have to be asked. */
bool aspace_is_busy(const aspace_t *as);
/* The region that holds the address, or NULL. */
const region_t *aspace_find(aspace_t *as, vaddr_t address);
/* The first region whose last byte is at or behind the address, or NULL: for iteration. */
const region_t *aspace_next(aspace_t *as, vaddr_t address);
/* What the tables say. ERR_NOT_FOUND where no page is present. */
status_t aspace_translate(aspace_t *as, vaddr_t address, hal_pt_entry_t *out);

/* Prints the memory map: a line for each region, then totals. */
typedef void (*aspace_print_t)(const char *format, ...) __attribute__((format(printf, 1, 2)));
void aspace_dump(aspace_t *as, aspace_print_t print);

const char *region_kind_text(region_kind_t kind);

#endif
