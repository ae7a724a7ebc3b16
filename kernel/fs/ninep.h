/* SPDX-License-Identifier: MIT */
/*
 * A 9P2000.L client: one session with a server, one request at a time.
 *
 * The server is not trusted. A reply of the wrong type, tag or size, a count beyond what was asked
 * for or a name that no directory entry can have is P9_EPROTO, after which the session is dead and
 * every call answers P9_EIO. Otherwise the server's own errors come through.
 */
#ifndef INGOT_KERNEL_FS_NINEP_H
#define INGOT_KERNEL_FS_NINEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/status.h"
#include "kernel/fs/ninep_wire.h"

/* 0, or an errno as Linux numbers them: that is what the protocol carries. */
typedef uint32_t p9_error_t;
#define P9_EIO 5u
#define P9_ENOMEM 12u
#define P9_EINVAL 22u
#define P9_ENFILE 23u
#define P9_ENAMETOOLONG 36u
#define P9_EPROTO 71u

/* How messages travel. The request stands in `request`; exchange() sends its first `len` bytes and
 * answers with *reply_len bytes in `reply`. Both buffers hold `capacity` bytes. */
typedef struct p9_transport p9_transport_t;
struct p9_transport {
    status_t (*exchange)(p9_transport_t *t, uint32_t len, uint32_t *reply_len);
    uint8_t *request;
    uint8_t *reply;
    uint32_t capacity;
};

#define P9_MAX_FIDS 4096u

typedef struct p9_session {
    p9_transport_t *transport;
    uint32_t msize;
    uint32_t payload; /* most bytes of one read or write */
    uint32_t root;    /* fid of the attached tree */
    bool dead;
    uint64_t fids[P9_MAX_FIDS / 64]; /* set bits are in use */
    unsigned hint;
} p9_session_t;

/* Agrees on the version and attaches to the tree `aname`. */
p9_error_t p9_attach(p9_session_t *s, p9_transport_t *t, const char *aname, p9_qid_t *root);

/* A new fid for the entry `name` of directory `dir`; name NULL: another fid for `dir` itself. */
p9_error_t p9_walk(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t *fid,
                   p9_qid_t *qid);
/* Gives a fid back; it is free afterwards, whatever the server says. */
p9_error_t p9_clunk(p9_session_t *s, uint32_t fid);

/* Flags as Linux numbers them on most machines: the protocol's own. */
enum {
    P9_O_RDONLY = 0,
    P9_O_WRONLY = 1,
    P9_O_RDWR = 2,
    P9_O_CREAT = 0100,
    P9_O_EXCL = 0200,
    P9_O_TRUNC = 01000,
    P9_O_NONBLOCK = 04000,
    P9_O_DIRECTORY = 0200000,
    P9_O_NOFOLLOW = 0400000,
};
p9_error_t p9_lopen(p9_session_t *s, uint32_t fid, uint32_t flags, p9_qid_t *qid);
/* Creates and opens `name`; `fid`, until now the directory, becomes the open file. */
p9_error_t p9_lcreate(p9_session_t *s, uint32_t fid, const char *name, size_t len, uint32_t flags,
                      uint32_t mode, p9_qid_t *qid);

/* At most one payload each; *done may be less than `len`, and 0 is the end of the file. */
p9_error_t p9_read(p9_session_t *s, uint32_t fid, uint64_t offset, void *buf, size_t len,
                   size_t *done);
p9_error_t p9_write(p9_session_t *s, uint32_t fid, uint64_t offset, const void *buf, size_t len,
                    size_t *done);
p9_error_t p9_fsync(p9_session_t *s, uint32_t fid, bool data_only);

p9_error_t p9_getattr(p9_session_t *s, uint32_t fid, p9_attr_t *out);
p9_error_t p9_setattr(p9_session_t *s, uint32_t fid, const p9_setattr_t *attr);

/* Entries of an open directory from `offset` (0, or a `next`) on: *entries reads them with
 * p9_get_dirent until the next call on the session. An empty one is the end. */
p9_error_t p9_readdir(p9_session_t *s, uint32_t fid, uint64_t offset, p9_cursor_t *entries);

p9_error_t p9_mkdir(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t mode);
p9_error_t p9_symlink(p9_session_t *s, uint32_t dir, const char *name, size_t len,
                      const char *target, size_t target_len);
p9_error_t p9_link(p9_session_t *s, uint32_t dir, uint32_t fid, const char *name, size_t len);
/* *target points into the session until the next call; not terminated. */
p9_error_t p9_readlink(p9_session_t *s, uint32_t fid, const char **target, uint16_t *len);
p9_error_t p9_renameat(p9_session_t *s, uint32_t old_dir, const char *old_name, size_t old_len,
                       uint32_t new_dir, const char *new_name, size_t new_len);
#define P9_AT_REMOVEDIR 0x200u
p9_error_t p9_unlinkat(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t flags);

#endif
