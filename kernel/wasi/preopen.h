/* SPDX-License-Identifier: MIT */
/*
 * The preopened directories, descriptors 3 and on: first the trees baked into the image, in the
 * order of the build's --dir flags; then the host directories of ingot.mount; then /tmp when
 * ingot.tmp asks for it. A mount with the name of one before it takes its place.
 *
 * They are set up at boot, by a service that every call which needs files keeps in the image. With
 * fd_prestat_get alone there are no files, and no file system is linked.
 */
#ifndef INGOT_KERNEL_WASI_PREOPEN_H
#define INGOT_KERNEL_WASI_PREOPEN_H

#include "kernel/core/registry.h"
#include "kernel/fs/vfs.h"

extern const service_t preopen_service;

/* Makes `root` (a reference that is taken over when it succeeds) the preopened directory `name`,
 * which must outlive the kernel. */
wasi_errno_t preopen_add(const char *name, size_t len, vnode_t *root);

#endif
