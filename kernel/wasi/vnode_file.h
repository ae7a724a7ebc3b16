/* SPDX-License-Identifier: MIT */
/* Descriptors over the VFS: open files and directories. */
#ifndef INGOT_KERNEL_WASI_VNODE_FILE_H
#define INGOT_KERNEL_WASI_VNODE_FILE_H

#include "kernel/fs/vfs.h"
#include "kernel/wasi/fdtable.h"

/* What a descriptor of a file, of a directory and of what is below a directory can have at most. */
#define FILE_RIGHTS                                                                                \
    (WASI_RIGHTS_FD_DATASYNC | WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_SEEK |                         \
     WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | WASI_RIGHTS_FD_SYNC | WASI_RIGHTS_FD_TELL |                 \
     WASI_RIGHTS_FD_WRITE | WASI_RIGHTS_FD_ADVISE | WASI_RIGHTS_FD_ALLOCATE |                      \
     WASI_RIGHTS_FD_FILESTAT_GET | WASI_RIGHTS_FD_FILESTAT_SET_SIZE |                              \
     WASI_RIGHTS_FD_FILESTAT_SET_TIMES | WASI_RIGHTS_POLL_FD_READWRITE)
#define DIRECTORY_RIGHTS                                                                           \
    (WASI_RIGHTS_FD_DATASYNC | WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | WASI_RIGHTS_FD_SYNC |             \
     WASI_RIGHTS_PATH_CREATE_DIRECTORY | WASI_RIGHTS_PATH_CREATE_FILE |                            \
     WASI_RIGHTS_PATH_LINK_SOURCE | WASI_RIGHTS_PATH_LINK_TARGET | WASI_RIGHTS_PATH_OPEN |         \
     WASI_RIGHTS_FD_READDIR | WASI_RIGHTS_PATH_READLINK | WASI_RIGHTS_PATH_RENAME_SOURCE |         \
     WASI_RIGHTS_PATH_RENAME_TARGET | WASI_RIGHTS_PATH_FILESTAT_GET |                              \
     WASI_RIGHTS_PATH_FILESTAT_SET_SIZE | WASI_RIGHTS_PATH_FILESTAT_SET_TIMES |                    \
     WASI_RIGHTS_FD_FILESTAT_GET | WASI_RIGHTS_FD_FILESTAT_SET_TIMES | WASI_RIGHTS_PATH_SYMLINK |  \
     WASI_RIGHTS_PATH_REMOVE_DIRECTORY | WASI_RIGHTS_PATH_UNLINK_FILE)
#define INHERITING_RIGHTS (FILE_RIGHTS | DIRECTORY_RIGHTS)

/* A descriptor object for `n`, whose reference it takes over when it succeeds. NOMEM. */
wasi_errno_t vnode_file_new(vnode_t *n, wasi_rights_t rights, wasi_rights_t inheriting,
                            wasi_fdflags_t flags, file_t **out);

wasi_errno_t vnode_stat(vnode_t *n, wasi_filestat_t *out);

#endif
