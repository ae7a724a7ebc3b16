/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ninep_errno.h"

static const uint8_t table[] = {
    [1] = WASI_ERRNO_PERM,       [2] = WASI_ERRNO_NOENT,        [4] = WASI_ERRNO_INTR,
    [5] = WASI_ERRNO_IO,         [6] = WASI_ERRNO_NXIO,         [7] = WASI_ERRNO_2BIG,
    [9] = WASI_ERRNO_BADF,       [11] = WASI_ERRNO_AGAIN,       [12] = WASI_ERRNO_NOMEM,
    [13] = WASI_ERRNO_ACCES,     [16] = WASI_ERRNO_BUSY,        [17] = WASI_ERRNO_EXIST,
    [18] = WASI_ERRNO_XDEV,      [19] = WASI_ERRNO_NODEV,       [20] = WASI_ERRNO_NOTDIR,
    [21] = WASI_ERRNO_ISDIR,     [22] = WASI_ERRNO_INVAL,       [23] = WASI_ERRNO_NFILE,
    [24] = WASI_ERRNO_MFILE,     [25] = WASI_ERRNO_NOTTY,       [26] = WASI_ERRNO_TXTBSY,
    [27] = WASI_ERRNO_FBIG,      [28] = WASI_ERRNO_NOSPC,       [29] = WASI_ERRNO_SPIPE,
    [30] = WASI_ERRNO_ROFS,      [31] = WASI_ERRNO_MLINK,       [32] = WASI_ERRNO_PIPE,
    [34] = WASI_ERRNO_RANGE,     [36] = WASI_ERRNO_NAMETOOLONG, [38] = WASI_ERRNO_NOSYS,
    [39] = WASI_ERRNO_NOTEMPTY,  [40] = WASI_ERRNO_LOOP,        [71] = WASI_ERRNO_PROTO,
    [75] = WASI_ERRNO_OVERFLOW,  [84] = WASI_ERRNO_ILSEQ,       [95] = WASI_ERRNO_NOTSUP,
    [110] = WASI_ERRNO_TIMEDOUT, [116] = WASI_ERRNO_STALE,      [122] = WASI_ERRNO_DQUOT,
};

wasi_errno_t p9_wasi_errno(p9_error_t e) {
    if (e == 0) {
        return WASI_ERRNO_SUCCESS;
    }
    return e < sizeof table && table[e] != 0 ? table[e] : WASI_ERRNO_IO;
}
