/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ninep.h"

#include <string.h>

#include "kernel/core/log.h"

#define VERSION "9P2000.L"
#define TAG 0u /* one request at a time needs one tag */
#define MIN_MSIZE 4096u
#define NONUNAME UINT32_C(0xffffffff)
#define GROUP UINT32_C(0xffffffff) /* whatever the server gives new files */

/* ---- requests and replies ---- */

static p9_cursor_t begin(p9_session_t *s, uint8_t type) {
    p9_cursor_t c;
    uint16_t tag = type == P9_TVERSION ? P9_NOTAG : TAG;
    p9_begin(&c, s->transport->request, s->msize, type, tag);
    return c;
}

static p9_error_t kill_session(p9_session_t *s, p9_error_t why) {
    s->dead = true;
    return why;
}

/* Sends what `c` holds. On success `c` stands behind the header of the reply. */
static p9_error_t call(p9_session_t *s, p9_cursor_t *c) {
    if (s->dead) {
        return P9_EIO;
    }
    uint32_t len = p9_end(c);
    if (len == 0) {
        return P9_ENAMETOOLONG; /* only names and link texts can be too long for a message */
    }
    uint8_t sent = s->transport->request[4];
    uint32_t reply_len;
    if (s->transport->exchange(s->transport, len, &reply_len) != STATUS_OK) {
        return kill_session(s, P9_EIO);
    }
    uint8_t type;
    uint16_t tag;
    if (reply_len > s->msize) {
        return kill_session(s, P9_EPROTO);
    }
    p9_open(c, s->transport->reply, reply_len, &type, &tag);
    LOG(LOG_TRACE, fs, "9p: request %u of %u bytes, reply %u of %u bytes", (unsigned)sent,
        (unsigned)len, (unsigned)type, (unsigned)reply_len);
    if (c->bad || tag != (sent == P9_TVERSION ? P9_NOTAG : TAG)) {
        return kill_session(s, P9_EPROTO);
    }
    if (type == P9_RLERROR) {
        p9_error_t error = p9_get32(c);
        LOG(LOG_DEBUG, fs, "9p: request %u: error %u", (unsigned)sent, (unsigned)error);
        return p9_done(c) && error != 0 ? error : kill_session(s, P9_EPROTO);
    }
    return type == sent + 1 ? 0 : kill_session(s, P9_EPROTO);
}

/* For replies whose fields were all taken. */
static p9_error_t finish(p9_session_t *s, const p9_cursor_t *c) {
    return p9_done(c) ? 0 : kill_session(s, P9_EPROTO);
}

/* For requests that are answered by nothing but their type. */
static p9_error_t call_plain(p9_session_t *s, p9_cursor_t *c) {
    p9_error_t e = call(s, c);
    return e != 0 ? e : finish(s, c);
}

static p9_error_t call_qid(p9_session_t *s, p9_cursor_t *c, p9_qid_t *qid) {
    p9_error_t e = call(s, c);
    if (e != 0) {
        return e;
    }
    p9_qid_t q = p9_get_qid(c);
    e = finish(s, c);
    if (e == 0 && qid != NULL) {
        *qid = q;
    }
    return e;
}

/* ---- fids ---- */

static p9_error_t fid_new(p9_session_t *s, uint32_t *out) {
    for (unsigned i = 0; i < P9_MAX_FIDS / 64; i++) {
        unsigned word = (s->hint + i) % (P9_MAX_FIDS / 64);
        if (~s->fids[word] != 0) {
            unsigned bit = (unsigned)__builtin_ctzll(~s->fids[word]);
            s->fids[word] |= UINT64_C(1) << bit;
            s->hint = word;
            *out = word * 64 + bit;
            return 0;
        }
    }
    return P9_ENFILE;
}

static void fid_free(p9_session_t *s, uint32_t fid) {
    s->fids[fid / 64] &= ~(UINT64_C(1) << fid % 64);
}

static p9_error_t check_name(const char *name, size_t len) {
    return p9_name_ok(name, len) ? 0 : len > P9_NAME_MAX ? P9_ENAMETOOLONG : P9_EINVAL;
}

/* ---- session ---- */

static p9_error_t version(p9_session_t *s) {
    p9_cursor_t c = begin(s, P9_TVERSION);
    p9_put32(&c, s->msize);
    p9_put_string(&c, VERSION, strlen(VERSION));
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    uint32_t msize = p9_get32(&c);
    uint16_t len;
    const char *name = p9_get_string(&c, &len);
    if (!p9_done(&c) || msize > s->msize || msize < MIN_MSIZE || len != strlen(VERSION) ||
        memcmp(name, VERSION, len) != 0) {
        return kill_session(s, P9_EPROTO);
    }
    s->msize = msize;
    s->payload = msize - P9_WRITE_OVERHEAD;
    return 0;
}

p9_error_t p9_attach(p9_session_t *s, p9_transport_t *t, const char *aname, p9_qid_t *root) {
    *s = (p9_session_t){.transport = t, .msize = t->capacity};
    p9_error_t e = version(s);
    if (e == 0) {
        e = fid_new(s, &s->root);
    }
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TATTACH);
    p9_put32(&c, s->root);
    p9_put32(&c, P9_NOFID);
    p9_put_string(&c, "", 0);
    p9_put_string(&c, aname, strlen(aname));
    p9_put32(&c, NONUNAME);
    return call_qid(s, &c, root);
}

/* A walk that asks for the one entry, or for a copy of the fid when `name` is NULL. */
static p9_error_t walk(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t fid,
                       p9_qid_t *qid) {
    uint16_t n = name == NULL ? 0 : 1;
    p9_cursor_t c = begin(s, P9_TWALK);
    p9_put32(&c, dir);
    p9_put32(&c, fid);
    p9_put16(&c, n);
    if (n == 1) {
        p9_put_string(&c, name, len);
    }
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    if (p9_get16(&c) != n) {
        return kill_session(s, P9_EPROTO); /* one name is found or is an error */
    }
    p9_qid_t found = {0};
    if (n == 1) {
        found = p9_get_qid(&c);
    }
    e = finish(s, &c);
    if (e == 0 && n == 1 && qid != NULL) {
        *qid = found;
    }
    return e;
}

p9_error_t p9_walk(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t *fid,
                   p9_qid_t *qid) {
    uint32_t fresh;
    p9_error_t e = name == NULL ? 0 : check_name(name, len);
    if (e == 0) {
        e = fid_new(s, &fresh);
    }
    if (e != 0) {
        return e;
    }
    e = walk(s, dir, name, len, fresh, qid);
    if (e != 0) {
        fid_free(s, fresh);
        return e;
    }
    *fid = fresh;
    return 0;
}

p9_error_t p9_clunk(p9_session_t *s, uint32_t fid) {
    p9_cursor_t c = begin(s, P9_TCLUNK);
    p9_put32(&c, fid);
    p9_error_t e = call_plain(s, &c);
    fid_free(s, fid);
    return e;
}

/* ---- files ---- */

/* qid and iounit; the latter is only advice. */
static p9_error_t call_open(p9_session_t *s, p9_cursor_t *c, p9_qid_t *qid) {
    p9_error_t e = call(s, c);
    if (e != 0) {
        return e;
    }
    p9_qid_t q = p9_get_qid(c);
    (void)p9_get32(c);
    e = finish(s, c);
    if (e == 0 && qid != NULL) {
        *qid = q;
    }
    return e;
}

p9_error_t p9_lopen(p9_session_t *s, uint32_t fid, uint32_t flags, p9_qid_t *qid) {
    p9_cursor_t c = begin(s, P9_TLOPEN);
    p9_put32(&c, fid);
    p9_put32(&c, flags);
    return call_open(s, &c, qid);
}

p9_error_t p9_lcreate(p9_session_t *s, uint32_t fid, const char *name, size_t len, uint32_t flags,
                      uint32_t mode, p9_qid_t *qid) {
    p9_error_t e = check_name(name, len);
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TLCREATE);
    p9_put32(&c, fid);
    p9_put_string(&c, name, len);
    p9_put32(&c, flags);
    p9_put32(&c, mode);
    p9_put32(&c, GROUP);
    return call_open(s, &c, qid);
}

p9_error_t p9_read(p9_session_t *s, uint32_t fid, uint64_t offset, void *buf, size_t len,
                   size_t *done) {
    uint32_t count = len < s->payload ? (uint32_t)len : s->payload;
    p9_cursor_t c = begin(s, P9_TREAD);
    p9_put32(&c, fid);
    p9_put64(&c, offset);
    p9_put32(&c, count);
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    uint32_t got = p9_get32(&c);
    if (got > count) {
        return kill_session(s, P9_EPROTO);
    }
    const uint8_t *data = p9_get_bytes(&c, got);
    e = finish(s, &c);
    if (e == 0) {
        if (got > 0) {
            memcpy(buf, data, got);
        }
        *done = got;
    }
    return e;
}

p9_error_t p9_write(p9_session_t *s, uint32_t fid, uint64_t offset, const void *buf, size_t len,
                    size_t *done) {
    uint32_t count = len < s->payload ? (uint32_t)len : s->payload;
    p9_cursor_t c = begin(s, P9_TWRITE);
    p9_put32(&c, fid);
    p9_put64(&c, offset);
    p9_put32(&c, count);
    p9_put_bytes(&c, buf, count);
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    uint32_t written = p9_get32(&c);
    if (written > count) {
        return kill_session(s, P9_EPROTO);
    }
    e = finish(s, &c);
    if (e == 0) {
        *done = written;
    }
    return e;
}

p9_error_t p9_fsync(p9_session_t *s, uint32_t fid, bool data_only) {
    p9_cursor_t c = begin(s, P9_TFSYNC);
    p9_put32(&c, fid);
    p9_put32(&c, data_only ? 1 : 0);
    return call_plain(s, &c);
}

p9_error_t p9_getattr(p9_session_t *s, uint32_t fid, p9_attr_t *out) {
    p9_cursor_t c = begin(s, P9_TGETATTR);
    p9_put32(&c, fid);
    p9_put64(&c, P9_GETATTR_BASIC);
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    p9_attr_t attr = p9_get_attr(&c);
    e = finish(s, &c);
    if (e == 0) {
        *out = attr;
    }
    return e;
}

p9_error_t p9_setattr(p9_session_t *s, uint32_t fid, const p9_setattr_t *attr) {
    p9_cursor_t c = begin(s, P9_TSETATTR);
    p9_put32(&c, fid);
    p9_put_setattr(&c, attr);
    return call_plain(s, &c);
}

/* ---- directories ---- */

p9_error_t p9_readdir(p9_session_t *s, uint32_t fid, uint64_t offset, p9_cursor_t *entries) {
    p9_cursor_t c = begin(s, P9_TREADDIR);
    p9_put32(&c, fid);
    p9_put64(&c, offset);
    p9_put32(&c, s->payload);
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    uint32_t count = p9_get32(&c);
    uint8_t *data = (uint8_t *)(uintptr_t)p9_get_bytes(&c, count);
    e = finish(s, &c);
    if (e != 0) {
        return e;
    }
    /* All of them are checked before the caller sees one. */
    p9_cursor_t all = {.data = data, .len = count};
    p9_cursor_t check = all;
    p9_dirent_t entry;
    while (p9_get_dirent(&check, &entry)) {
    }
    if (check.bad) {
        return kill_session(s, P9_EPROTO);
    }
    *entries = all;
    return 0;
}

p9_error_t p9_mkdir(p9_session_t *s, uint32_t dir, const char *name, size_t len, uint32_t mode) {
    p9_error_t e = check_name(name, len);
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TMKDIR);
    p9_put32(&c, dir);
    p9_put_string(&c, name, len);
    p9_put32(&c, mode);
    p9_put32(&c, GROUP);
    return call_qid(s, &c, NULL);
}

p9_error_t p9_symlink(p9_session_t *s, uint32_t dir, const char *name, size_t len,
                      const char *target, size_t target_len) {
    p9_error_t e = check_name(name, len);
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TSYMLINK);
    p9_put32(&c, dir);
    p9_put_string(&c, name, len);
    p9_put_string(&c, target, target_len);
    p9_put32(&c, GROUP);
    return call_qid(s, &c, NULL);
}

p9_error_t p9_link(p9_session_t *s, uint32_t dir, uint32_t fid, const char *name, size_t len) {
    p9_error_t e = check_name(name, len);
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TLINK);
    p9_put32(&c, dir);
    p9_put32(&c, fid);
    p9_put_string(&c, name, len);
    return call_plain(s, &c);
}

p9_error_t p9_readlink(p9_session_t *s, uint32_t fid, const char **target, uint16_t *len) {
    p9_cursor_t c = begin(s, P9_TREADLINK);
    p9_put32(&c, fid);
    p9_error_t e = call(s, &c);
    if (e != 0) {
        return e;
    }
    uint16_t n;
    const char *text = p9_get_string(&c, &n);
    if (memchr(text, 0, n) != NULL) {
        return kill_session(s, P9_EPROTO);
    }
    e = finish(s, &c);
    if (e == 0) {
        *target = text;
        *len = n;
    }
    return e;
}

p9_error_t p9_renameat(p9_session_t *s, uint32_t old_dir, const char *old_name, size_t old_len,
                       uint32_t new_dir, const char *new_name, size_t new_len) {
    p9_error_t e = check_name(old_name, old_len);
    if (e == 0) {
        e = check_name(new_name, new_len);
    }
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TRENAMEAT);
    p9_put32(&c, old_dir);
    p9_put_string(&c, old_name, old_len);
    p9_put32(&c, new_dir);
    p9_put_string(&c, new_name, new_len);
    return call_plain(s, &c);
}

p9_error_t p9_unlinkat(p9_session_t *s, uint32_t dir, const char *name, size_t len,
                       uint32_t flags) {
    p9_error_t e = check_name(name, len);
    if (e != 0) {
        return e;
    }
    p9_cursor_t c = begin(s, P9_TUNLINKAT);
    p9_put32(&c, dir);
    p9_put_string(&c, name, len);
    p9_put32(&c, flags);
    return call_plain(s, &c);
}
