/* SPDX-License-Identifier: MIT */
/*
 * 9P2000.L messages as bytes. Source: the Plan 9 manual, section 5 (intro, version, attach, walk,
 * read, write, clunk), and diod's protocol.md for the .L messages.
 *
 * A message is size[4] type[1] tag[2] and fields, all little-endian; size counts itself. Strings
 * are len[2] and bytes without NUL.
 *
 * Both directions go through a cursor that never leaves its buffer: the first field that does not
 * fit makes it `bad`, and from then on puts write nothing and gets answer zero. So a message is
 * built or taken apart without a check per field, and checked once, at the end.
 */
#ifndef INGOT_KERNEL_FS_NINEP_WIRE_H
#define INGOT_KERNEL_FS_NINEP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P9_RLERROR = 7,
    P9_TLOPEN = 12,
    P9_TLCREATE = 14,
    P9_TSYMLINK = 16,
    P9_TREADLINK = 22,
    P9_TGETATTR = 24,
    P9_TSETATTR = 26,
    P9_TREADDIR = 40,
    P9_TFSYNC = 50,
    P9_TLINK = 70,
    P9_TMKDIR = 72,
    P9_TRENAMEAT = 74,
    P9_TUNLINKAT = 76,
    P9_TVERSION = 100,
    P9_TATTACH = 104,
    P9_TWALK = 110,
    P9_TREAD = 116,
    P9_TWRITE = 118,
    P9_TCLUNK = 120,
    /* the reply to a T-message is its number plus one */
};

#define P9_NOTAG UINT16_C(0xffff)
#define P9_NOFID UINT32_C(0xffffffff)
#define P9_HEADER_LEN 7u
/* Bytes of a Twrite before its data, the most that any message needs beside its payload. */
#define P9_WRITE_OVERHEAD (P9_HEADER_LEN + 16u)

typedef struct p9_cursor {
    uint8_t *data;
    uint32_t len; /* writing: room; reading: bytes of the message */
    uint32_t at;
    bool bad;
} p9_cursor_t;

/* Writing. begin reserves the header; end fills in the size and answers it, 0 when bad. */
void p9_begin(p9_cursor_t *c, uint8_t *data, uint32_t room, uint8_t type, uint16_t tag);
uint32_t p9_end(p9_cursor_t *c);
void p9_put8(p9_cursor_t *c, uint8_t v);
void p9_put16(p9_cursor_t *c, uint16_t v);
void p9_put32(p9_cursor_t *c, uint32_t v);
void p9_put64(p9_cursor_t *c, uint64_t v);
void p9_put_string(p9_cursor_t *c, const char *s, size_t len);
void p9_put_bytes(p9_cursor_t *c, const void *p, size_t len);

/* Reading. open checks the header against the `len` bytes that arrived: a size that differs makes
 * the cursor bad. */
void p9_open(p9_cursor_t *c, uint8_t *data, uint32_t len, uint8_t *type, uint16_t *tag);
uint8_t p9_get8(p9_cursor_t *c);
uint16_t p9_get16(p9_cursor_t *c);
uint32_t p9_get32(p9_cursor_t *c);
uint64_t p9_get64(p9_cursor_t *c);
/* Points into the message; not terminated. An empty string when bad. */
const char *p9_get_string(p9_cursor_t *c, uint16_t *len);
const uint8_t *p9_get_bytes(p9_cursor_t *c, uint32_t len);
/* Nothing was bad and nothing is left over. */
bool p9_done(const p9_cursor_t *c);

#define P9_NAME_MAX 255u
/* A name that one directory entry can have: 1 to 255 bytes, no '/', no NUL, not "." or "..". */
bool p9_name_ok(const char *name, size_t len);

/* ---- structures ---- */

#define P9_QID_DIR 0x80u
#define P9_QID_SYMLINK 0x02u

typedef struct p9_qid {
    uint8_t type;
    uint32_t version;
    uint64_t path; /* unique within the server: the inode number */
} p9_qid_t;

p9_qid_t p9_get_qid(p9_cursor_t *c);

typedef struct p9_time {
    uint64_t sec;
    uint64_t nsec;
} p9_time_t;

#define P9_GETATTR_BASIC UINT64_C(0x000007ff)

typedef struct p9_attr {
    p9_qid_t qid;
    uint32_t mode; /* as in stat(2) on Linux */
    uint64_t nlink, size, blksize, blocks;
    p9_time_t atime, mtime, ctime;
} p9_attr_t;

/* The body of an Rgetattr. */
p9_attr_t p9_get_attr(p9_cursor_t *c);

enum {
    P9_SETATTR_SIZE = 0x08,
    P9_SETATTR_ATIME = 0x10,
    P9_SETATTR_MTIME = 0x20,
    P9_SETATTR_ATIME_SET = 0x80, /* to the value given, not to the server's now */
    P9_SETATTR_MTIME_SET = 0x100,
};

typedef struct p9_setattr {
    uint32_t valid; /* P9_SETATTR_* */
    uint64_t size;
    p9_time_t atime, mtime;
} p9_setattr_t;

void p9_put_setattr(p9_cursor_t *c, const p9_setattr_t *a);

typedef struct p9_dirent {
    p9_qid_t qid;
    uint64_t next; /* the offset that continues after this entry */
    uint8_t type;  /* DT_* of Linux */
    const char *name;
    uint16_t name_len;
} p9_dirent_t;

/* One entry of an Rreaddir's data. False at its end, or (c->bad) when it is malformed. Entries "."
 * and ".." are legal here. */
bool p9_get_dirent(p9_cursor_t *c, p9_dirent_t *out);

#endif
