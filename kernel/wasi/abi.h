/* SPDX-License-Identifier: MIT */
/*
 * The types of WASI preview 1 as they lie in a module's memory: names, values and offsets of
 * wasi_snapshot_preview1.witx (https://github.com/WebAssembly/WASI, tag snapshot-01), and the two
 * structures of wasi_unstable.witx that differ. Everything is little-endian; the structures below
 * are copied to and from guest memory as they are.
 */
#ifndef INGOT_KERNEL_WASI_ABI_H
#define INGOT_KERNEL_WASI_ABI_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t wasi_errno_t;
enum {
    WASI_ERRNO_SUCCESS = 0,
    WASI_ERRNO_2BIG,
    WASI_ERRNO_ACCES,
    WASI_ERRNO_ADDRINUSE,
    WASI_ERRNO_ADDRNOTAVAIL,
    WASI_ERRNO_AFNOSUPPORT,
    WASI_ERRNO_AGAIN,
    WASI_ERRNO_ALREADY,
    WASI_ERRNO_BADF,
    WASI_ERRNO_BADMSG,
    WASI_ERRNO_BUSY,
    WASI_ERRNO_CANCELED,
    WASI_ERRNO_CHILD,
    WASI_ERRNO_CONNABORTED,
    WASI_ERRNO_CONNREFUSED,
    WASI_ERRNO_CONNRESET,
    WASI_ERRNO_DEADLK,
    WASI_ERRNO_DESTADDRREQ,
    WASI_ERRNO_DOM,
    WASI_ERRNO_DQUOT,
    WASI_ERRNO_EXIST,
    WASI_ERRNO_FAULT,
    WASI_ERRNO_FBIG,
    WASI_ERRNO_HOSTUNREACH,
    WASI_ERRNO_IDRM,
    WASI_ERRNO_ILSEQ,
    WASI_ERRNO_INPROGRESS,
    WASI_ERRNO_INTR,
    WASI_ERRNO_INVAL,
    WASI_ERRNO_IO,
    WASI_ERRNO_ISCONN,
    WASI_ERRNO_ISDIR,
    WASI_ERRNO_LOOP,
    WASI_ERRNO_MFILE,
    WASI_ERRNO_MLINK,
    WASI_ERRNO_MSGSIZE,
    WASI_ERRNO_MULTIHOP,
    WASI_ERRNO_NAMETOOLONG,
    WASI_ERRNO_NETDOWN,
    WASI_ERRNO_NETRESET,
    WASI_ERRNO_NETUNREACH,
    WASI_ERRNO_NFILE,
    WASI_ERRNO_NOBUFS,
    WASI_ERRNO_NODEV,
    WASI_ERRNO_NOENT,
    WASI_ERRNO_NOEXEC,
    WASI_ERRNO_NOLCK,
    WASI_ERRNO_NOLINK,
    WASI_ERRNO_NOMEM,
    WASI_ERRNO_NOMSG,
    WASI_ERRNO_NOPROTOOPT,
    WASI_ERRNO_NOSPC,
    WASI_ERRNO_NOSYS,
    WASI_ERRNO_NOTCONN,
    WASI_ERRNO_NOTDIR,
    WASI_ERRNO_NOTEMPTY,
    WASI_ERRNO_NOTRECOVERABLE,
    WASI_ERRNO_NOTSOCK,
    WASI_ERRNO_NOTSUP,
    WASI_ERRNO_NOTTY,
    WASI_ERRNO_NXIO,
    WASI_ERRNO_OVERFLOW,
    WASI_ERRNO_OWNERDEAD,
    WASI_ERRNO_PERM,
    WASI_ERRNO_PIPE,
    WASI_ERRNO_PROTO,
    WASI_ERRNO_PROTONOSUPPORT,
    WASI_ERRNO_PROTOTYPE,
    WASI_ERRNO_RANGE,
    WASI_ERRNO_ROFS,
    WASI_ERRNO_SPIPE,
    WASI_ERRNO_SRCH,
    WASI_ERRNO_STALE,
    WASI_ERRNO_TIMEDOUT,
    WASI_ERRNO_TXTBSY,
    WASI_ERRNO_XDEV,
    WASI_ERRNO_NOTCAPABLE,
};
_Static_assert(WASI_ERRNO_BADF == 8 && WASI_ERRNO_INVAL == 28 && WASI_ERRNO_NOENT == 44 &&
                   WASI_ERRNO_PERM == 63 && WASI_ERRNO_NOTCAPABLE == 76,
               "errno values are the witx's");

typedef uint64_t wasi_timestamp_t; /* nanoseconds */
typedef uint64_t wasi_filesize_t;
typedef uint32_t wasi_fd_t;

typedef uint32_t wasi_clockid_t;
enum {
    WASI_CLOCKID_REALTIME,
    WASI_CLOCKID_MONOTONIC,
    WASI_CLOCKID_PROCESS_CPUTIME_ID,
    WASI_CLOCKID_THREAD_CPUTIME_ID,
};

typedef uint64_t wasi_rights_t;
#define WASI_RIGHT(bit) (UINT64_C(1) << (bit))
#define WASI_RIGHTS_FD_DATASYNC WASI_RIGHT(0)
#define WASI_RIGHTS_FD_READ WASI_RIGHT(1)
#define WASI_RIGHTS_FD_SEEK WASI_RIGHT(2)
#define WASI_RIGHTS_FD_FDSTAT_SET_FLAGS WASI_RIGHT(3)
#define WASI_RIGHTS_FD_SYNC WASI_RIGHT(4)
#define WASI_RIGHTS_FD_TELL WASI_RIGHT(5)
#define WASI_RIGHTS_FD_WRITE WASI_RIGHT(6)
#define WASI_RIGHTS_FD_ADVISE WASI_RIGHT(7)
#define WASI_RIGHTS_FD_ALLOCATE WASI_RIGHT(8)
#define WASI_RIGHTS_PATH_CREATE_DIRECTORY WASI_RIGHT(9)
#define WASI_RIGHTS_PATH_CREATE_FILE WASI_RIGHT(10)
#define WASI_RIGHTS_PATH_LINK_SOURCE WASI_RIGHT(11)
#define WASI_RIGHTS_PATH_LINK_TARGET WASI_RIGHT(12)
#define WASI_RIGHTS_PATH_OPEN WASI_RIGHT(13)
#define WASI_RIGHTS_FD_READDIR WASI_RIGHT(14)
#define WASI_RIGHTS_PATH_READLINK WASI_RIGHT(15)
#define WASI_RIGHTS_PATH_RENAME_SOURCE WASI_RIGHT(16)
#define WASI_RIGHTS_PATH_RENAME_TARGET WASI_RIGHT(17)
#define WASI_RIGHTS_PATH_FILESTAT_GET WASI_RIGHT(18)
#define WASI_RIGHTS_PATH_FILESTAT_SET_SIZE WASI_RIGHT(19)
#define WASI_RIGHTS_PATH_FILESTAT_SET_TIMES WASI_RIGHT(20)
#define WASI_RIGHTS_FD_FILESTAT_GET WASI_RIGHT(21)
#define WASI_RIGHTS_FD_FILESTAT_SET_SIZE WASI_RIGHT(22)
#define WASI_RIGHTS_FD_FILESTAT_SET_TIMES WASI_RIGHT(23)
#define WASI_RIGHTS_PATH_SYMLINK WASI_RIGHT(24)
#define WASI_RIGHTS_PATH_REMOVE_DIRECTORY WASI_RIGHT(25)
#define WASI_RIGHTS_PATH_UNLINK_FILE WASI_RIGHT(26)
#define WASI_RIGHTS_POLL_FD_READWRITE WASI_RIGHT(27)
#define WASI_RIGHTS_SOCK_SHUTDOWN WASI_RIGHT(28)
#define WASI_RIGHTS_SOCK_ACCEPT WASI_RIGHT(29)

typedef uint8_t wasi_filetype_t;
enum {
    WASI_FILETYPE_UNKNOWN,
    WASI_FILETYPE_BLOCK_DEVICE,
    WASI_FILETYPE_CHARACTER_DEVICE,
    WASI_FILETYPE_DIRECTORY,
    WASI_FILETYPE_REGULAR_FILE,
    WASI_FILETYPE_SOCKET_DGRAM,
    WASI_FILETYPE_SOCKET_STREAM,
    WASI_FILETYPE_SYMBOLIC_LINK,
};

/* Preview 1's values of whence; preview 0 has CUR 0, END 1, SET 2. */
enum { WASI_WHENCE_SET, WASI_WHENCE_CUR, WASI_WHENCE_END };

typedef uint16_t wasi_fdflags_t;
enum {
    WASI_FDFLAGS_APPEND = 1,
    WASI_FDFLAGS_DSYNC = 2,
    WASI_FDFLAGS_NONBLOCK = 4,
    WASI_FDFLAGS_RSYNC = 8,
    WASI_FDFLAGS_SYNC = 16,
    WASI_FDFLAGS_ALL = 31,
};

enum {
    WASI_LOOKUPFLAGS_SYMLINK_FOLLOW = 1,
    WASI_LOOKUPFLAGS_ALL = 1,
};

enum {
    WASI_OFLAGS_CREAT = 1,
    WASI_OFLAGS_DIRECTORY = 2,
    WASI_OFLAGS_EXCL = 4,
    WASI_OFLAGS_TRUNC = 8,
    WASI_OFLAGS_ALL = 15,
};

enum {
    WASI_FSTFLAGS_ATIM = 1,
    WASI_FSTFLAGS_ATIM_NOW = 2,
    WASI_FSTFLAGS_MTIM = 4,
    WASI_FSTFLAGS_MTIM_NOW = 8,
    WASI_FSTFLAGS_ALL = 15,
};

enum { WASI_ADVICE_COUNT = 6 }; /* normal .. noreuse */

enum { WASI_EVENTTYPE_CLOCK, WASI_EVENTTYPE_FD_READ, WASI_EVENTTYPE_FD_WRITE };
enum { WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP = 1 };
enum { WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME = 1 };
enum { WASI_PREOPENTYPE_DIR = 0 };
enum { WASI_SDFLAGS_RD = 1, WASI_SDFLAGS_WR = 2, WASI_SDFLAGS_ALL = 3 };
enum { WASI_SIGNAL_COUNT = 31 }; /* none .. sys */

#define WASI_FIELD(type, member, at)                                                               \
    _Static_assert(offsetof(type, member) == (at), #type "." #member " lies at " #at)
#define WASI_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has " #size " bytes")

/* iovec and ciovec */
typedef struct wasi_iovec {
    uint32_t buf, buf_len;
} wasi_iovec_t;
WASI_SIZE(wasi_iovec_t, 8);

typedef struct wasi_prestat {
    uint8_t tag, pad[3];
    uint32_t dir_name_len;
} wasi_prestat_t;
WASI_SIZE(wasi_prestat_t, 8);
WASI_FIELD(wasi_prestat_t, dir_name_len, 4);

typedef struct wasi_fdstat {
    wasi_filetype_t fs_filetype;
    uint8_t pad0;
    wasi_fdflags_t fs_flags;
    uint32_t pad1;
    wasi_rights_t fs_rights_base, fs_rights_inheriting;
} wasi_fdstat_t;
WASI_SIZE(wasi_fdstat_t, 24);
WASI_FIELD(wasi_fdstat_t, fs_flags, 2);
WASI_FIELD(wasi_fdstat_t, fs_rights_base, 8);
WASI_FIELD(wasi_fdstat_t, fs_rights_inheriting, 16);

typedef struct wasi_filestat {
    uint64_t dev, ino;
    wasi_filetype_t filetype;
    uint8_t pad[7];
    uint64_t nlink;
    wasi_filesize_t size;
    wasi_timestamp_t atim, mtim, ctim;
} wasi_filestat_t;
WASI_SIZE(wasi_filestat_t, 64);
WASI_FIELD(wasi_filestat_t, filetype, 16);
WASI_FIELD(wasi_filestat_t, nlink, 24);
WASI_FIELD(wasi_filestat_t, ctim, 56);

/* Preview 0: nlink has 32 bits. */
typedef struct wasi_unstable_filestat {
    uint64_t dev, ino;
    wasi_filetype_t filetype;
    uint8_t pad[3];
    uint32_t nlink;
    wasi_filesize_t size;
    wasi_timestamp_t atim, mtim, ctim;
} wasi_unstable_filestat_t;
WASI_SIZE(wasi_unstable_filestat_t, 56);
WASI_FIELD(wasi_unstable_filestat_t, nlink, 20);
WASI_FIELD(wasi_unstable_filestat_t, ctim, 48);

/* Before each name in what fd_readdir writes; the name is not terminated. */
typedef struct wasi_dirent {
    uint64_t d_next, d_ino;
    uint32_t d_namlen;
    wasi_filetype_t d_type;
    uint8_t pad[3];
} wasi_dirent_t;
WASI_SIZE(wasi_dirent_t, 24);
WASI_FIELD(wasi_dirent_t, d_namlen, 16);
WASI_FIELD(wasi_dirent_t, d_type, 20);

typedef struct wasi_subscription {
    uint64_t userdata;
    uint8_t type, pad0[7];
    union {
        struct {
            wasi_clockid_t id;
            uint32_t pad1;
            wasi_timestamp_t timeout, precision;
            uint16_t flags;
        } clock;
        wasi_fd_t fd;
    };
} wasi_subscription_t;
WASI_SIZE(wasi_subscription_t, 48);
WASI_FIELD(wasi_subscription_t, clock.id, 16);
WASI_FIELD(wasi_subscription_t, clock.timeout, 24);
WASI_FIELD(wasi_subscription_t, clock.flags, 40);

/* Preview 0: the clock has an identifier of its own in front. */
typedef struct wasi_unstable_subscription {
    uint64_t userdata;
    uint8_t type, pad0[7];
    union {
        struct {
            uint64_t identifier;
            wasi_clockid_t id;
            uint32_t pad1;
            wasi_timestamp_t timeout, precision;
            uint16_t flags;
        } clock;
        wasi_fd_t fd;
    };
} wasi_unstable_subscription_t;
WASI_SIZE(wasi_unstable_subscription_t, 56);
WASI_FIELD(wasi_unstable_subscription_t, clock.id, 24);
WASI_FIELD(wasi_unstable_subscription_t, clock.flags, 48);

typedef struct wasi_event {
    uint64_t userdata;
    wasi_errno_t error;
    uint8_t type, pad0[5];
    wasi_filesize_t nbytes; /* fd_readwrite */
    uint16_t flags;
    uint8_t pad1[6];
} wasi_event_t;
WASI_SIZE(wasi_event_t, 32);
WASI_FIELD(wasi_event_t, error, 8);
WASI_FIELD(wasi_event_t, type, 10);
WASI_FIELD(wasi_event_t, nbytes, 16);
WASI_FIELD(wasi_event_t, flags, 24);

#undef WASI_FIELD
#undef WASI_SIZE

#endif
