/* SPDX-License-Identifier: MIT */
/* The errors of 9P2000.L (Linux's numbers, asm-generic/errno.h) as WASI's. */
#ifndef INGOT_KERNEL_FS_NINEP_ERRNO_H
#define INGOT_KERNEL_FS_NINEP_ERRNO_H

#include "kernel/fs/ninep.h"
#include "kernel/wasi/abi.h"

/* SUCCESS for 0; IO for what WASI has no name for. */
wasi_errno_t p9_wasi_errno(p9_error_t e);

#endif
