/* SPDX-License-Identifier: MIT */
/* What the fstflags of fd_ and path_filestat_set_times ask for. */
#ifndef INGOT_KERNEL_WASI_FSTTIMES_H
#define INGOT_KERNEL_WASI_FSTTIMES_H

#include "kernel/fs/vfs.h"

typedef struct fst_times {
    unsigned which; /* VFS_ATIME, VFS_MTIME */
    wasi_timestamp_t atime, mtime;
} fst_times_t;

static inline wasi_errno_t fst_times(wasi_timestamp_t atim, wasi_timestamp_t mtim, uint32_t flags,
                                     fst_times_t *out) {
    const uint32_t atimes = WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_ATIM_NOW;
    const uint32_t mtimes = WASI_FSTFLAGS_MTIM | WASI_FSTFLAGS_MTIM_NOW;
    if ((flags & ~(uint32_t)WASI_FSTFLAGS_ALL) != 0 || (flags & atimes) == atimes ||
        (flags & mtimes) == mtimes) {
        return WASI_ERRNO_INVAL;
    }
    wasi_timestamp_t now =
        flags & (WASI_FSTFLAGS_ATIM_NOW | WASI_FSTFLAGS_MTIM_NOW) ? vfs_now() : 0;
    *out = (fst_times_t){
        .which = (flags & atimes ? VFS_ATIME : 0u) | (flags & mtimes ? VFS_MTIME : 0u),
        .atime = flags & WASI_FSTFLAGS_ATIM_NOW ? now : atim,
        .mtime = flags & WASI_FSTFLAGS_MTIM_NOW ? now : mtim,
    };
    return WASI_ERRNO_SUCCESS;
}

#endif
