/* SPDX-License-Identifier: MIT */
/*
 * Mmap: the owning handle of a mapping. The rest of the kernel uses this instead of regions.
 *
 * Offsets and lengths are bytes, and need no alignment: an operation touches exactly the pages
 * [align_down(offset), align_up(offset + len)). [offset, offset + len) must lie in [0, len());
 * else ERR_RANGE and nothing changes. Zero length succeeds and changes nothing, where the offset
 * is within [0, len()].
 *
 * A handle is moved by assignment, and never copied: mmap_drop() it exactly once. It is not
 * locked: one owner at a time.
 */
#ifndef INGOT_MM_MMAP_H
#define INGOT_MM_MMAP_H

#include "mm/aspace.h"

typedef struct mmap {
    aspace_t *as; /* NULL: empty */
    vaddr_t start;
    uint64_t len;      /* as requested, not padded */
    uint64_t capacity; /* addresses that are ours, from start's page on: a page multiple */
    uint64_t guard_before;
    hal_perms_t perms; /* new pages get these */
    bool growable;
} mmap_t;

typedef struct mmap_opts {
    uint64_t len;
    uint64_t capacity;     /* 0, or >= len: reserved addresses; [len, capacity) faults */
    uint64_t guard_before; /* bytes of guard in front, rounded up to pages; for stacks */
    uint64_t align;        /* 0: a page */
    bool fixed;            /* at `at` exactly, and not where there is room: ERR_OVERLAP */
    vaddr_t at;            /* page-aligned, and as `align` says */
    hal_perms_t perms;
    const char *name; /* not owned */
} mmap_opts_t;

mmap_t mmap_new_empty(void);
/* Zeroed on demand; the frames are promised now: ERR_NO_MEMORY when there are not enough. */
status_t mmap_new_zeroed(aspace_t *as, const mmap_opts_t *opts, mmap_t *out);
/* Zeroed frames, present from the start; contiguous: side by side in RAM (DMA). */
status_t mmap_new_wired(aspace_t *as, const mmap_opts_t *opts, bool contiguous, mmap_t *out);
/* A window onto existing physical memory. phys may be unaligned within its page: as_ptr() points
 * to that byte. opts->len is the length; capacity and align are not used. */
status_t mmap_new_phys(aspace_t *as, paddr_t phys, hal_mem_attr_t attr, const mmap_opts_t *opts,
                       mmap_t *out);
/* The first image.len bytes come from the boot image (page-aligned, the rest of the last page
 * zero), copied when first written; opts->len may be more: zeroes. */
status_t mmap_new_image(aspace_t *as, prange_t image, const mmap_opts_t *opts, mmap_t *out);

/* A second place for the bytes from the page-aligned address `of` on, which lie in zeroed or image
 * mappings (aspace.h, VIEW). It grows by itself alone. It may outlive what it shows, and then
 * faults. ERR_INVALID for no bytes. */
status_t mmap_new_view(aspace_t *as, vaddr_t of, const mmap_opts_t *opts, mmap_t *out);

/* The pages at `offset`, untouched so far, hold the image's from now on, copied when first written.
 * `offset` and `image` are page-aligned. Zeroed mappings only: ERR_INVALID. */
status_t mmap_overlay(mmap_t *m, uint64_t offset, prange_t image);

vrange_t mmap_range(const mmap_t *m); /* [start, start + len()) */
uint64_t mmap_len(const mmap_t *m);
uint64_t mmap_capacity(const mmap_t *m);
bool mmap_is_empty(const mmap_t *m); /* len() is 0 */
const void *mmap_as_ptr(const mmap_t *m);
void *mmap_as_mut_ptr(mmap_t *m);

status_t mmap_commit(mmap_t *m, uint64_t offset, uint64_t len, fault_access_t access);
/* The user bit stays as the mapping has it. */
status_t mmap_protect(mmap_t *m, uint64_t offset, uint64_t len, hal_perms_t perms);
status_t mmap_make_readonly(mmap_t *m, uint64_t offset, uint64_t len);
/* R+X; every hart fetches what was written before, when this returns (or the batch scope ends). */
status_t mmap_make_executable(mmap_t *m, uint64_t offset, uint64_t len);

/* ERR_PERMISSION when some page does not allow it, ERR_UNSUPPORTED for device memory, which is
 * accessed register by register; then nothing is copied. */
status_t mmap_copy_in(mmap_t *m, uint64_t offset, const void *from, uint64_t len);
status_t mmap_copy_out(mmap_t *m, uint64_t offset, void *to, uint64_t len);

/* Commits the bytes, then calls fn with them. fn may fail: its status is the result. */
typedef status_t (*mmap_slice_fn)(const void *bytes, uint64_t len, void *context);
typedef status_t (*mmap_slice_mut_fn)(void *bytes, uint64_t len, void *context);
status_t mmap_with_slice(mmap_t *m, uint64_t offset, uint64_t len, mmap_slice_fn fn, void *context);
status_t mmap_with_slice_mut(mmap_t *m, uint64_t offset, uint64_t len, mmap_slice_mut_fn fn,
                             void *context);

/* Makes len() new_len (not less than now) within the capacity; nothing moves, nothing is copied,
 * new bytes are zero. ERR_RANGE beyond the capacity; ERR_NO_MEMORY. Zeroed mappings and
 * views only. */
status_t mmap_grow(mmap_t *m, uint64_t new_len);

/* Makes len() new_len (not more than now); whole pages behind it go back and fault from now on.
 * Zeroed mappings only. */
status_t mmap_shrink(mmap_t *m, uint64_t new_len);

/* Unmaps and empties. Dropping an empty handle is fine. */
void mmap_drop(mmap_t *m);

#endif
