/* SPDX-License-Identifier: MIT */
/* What every path_* call begins with: a directory descriptor and a path in guest memory. */
#ifndef INGOT_KERNEL_WASI_PATHARGS_H
#define INGOT_KERNEL_WASI_PATHARGS_H

#include <stdbool.h>

#include "kernel/fs/path.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasm/module.h"

/* The directory behind `fd`: BADF, NOTDIR when it is a file, NOTCAPABLE. Both stay the table's. */
wasi_errno_t path_dir(uint32_t fd, wasi_rights_t needed, file_t **file, vnode_t **dir);

/* path_dir, then path_resolve on the guest's path; FAULT. `lookup` are lookupflags: INVAL. */
wasi_errno_t path_arg(wasm_caller_t *c, uint32_t fd, wasi_rights_t needed, uint32_t lookup,
                      uint32_t path, uint32_t len, path_target_t *out);

/* path_arg for an entry that is made, removed or moved (PATH_ENTRY). */
wasi_errno_t path_entry_arg(wasm_caller_t *c, uint32_t fd, wasi_rights_t needed, uint32_t path,
                            uint32_t len, path_target_t *out);

#endif
