/* SPDX-License-Identifier: MIT */
#include "kernel/fs/ninep_wire.h"

#include <string.h>

/* The place of the next `n` bytes, or NULL. */
static uint8_t *take(p9_cursor_t *c, size_t n) {
    if (c->bad || n > c->len - c->at) {
        c->bad = true;
        return NULL;
    }
    uint8_t *p = c->data + c->at;
    c->at += (uint32_t)n;
    return p;
}

static void put_le(p9_cursor_t *c, uint64_t v, size_t n) {
    uint8_t *p = take(c, n);
    for (size_t i = 0; p != NULL && i < n; i++) {
        p[i] = (uint8_t)(v >> 8 * i);
    }
}

static uint64_t get_le(p9_cursor_t *c, size_t n) {
    const uint8_t *p = take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; p != NULL && i < n; i++) {
        v |= (uint64_t)p[i] << 8 * i;
    }
    return v;
}

void p9_put8(p9_cursor_t *c, uint8_t v) {
    put_le(c, v, 1);
}

void p9_put16(p9_cursor_t *c, uint16_t v) {
    put_le(c, v, 2);
}

void p9_put32(p9_cursor_t *c, uint32_t v) {
    put_le(c, v, 4);
}

void p9_put64(p9_cursor_t *c, uint64_t v) {
    put_le(c, v, 8);
}

void p9_put_bytes(p9_cursor_t *c, const void *p, size_t len) {
    uint8_t *to = take(c, len);
    if (to != NULL && len > 0) {
        memcpy(to, p, len);
    }
}

void p9_put_string(p9_cursor_t *c, const char *s, size_t len) {
    if (len > UINT16_MAX) {
        c->bad = true;
    }
    p9_put16(c, (uint16_t)len);
    p9_put_bytes(c, s, len);
}

void p9_begin(p9_cursor_t *c, uint8_t *data, uint32_t room, uint8_t type, uint16_t tag) {
    *c = (p9_cursor_t){.data = data, .len = room};
    p9_put32(c, 0);
    p9_put8(c, type);
    p9_put16(c, tag);
}

uint32_t p9_end(p9_cursor_t *c) {
    if (c->bad) {
        return 0;
    }
    uint32_t size = c->at;
    c->at = 0;
    p9_put32(c, size);
    return size;
}

void p9_open(p9_cursor_t *c, uint8_t *data, uint32_t len, uint8_t *type, uint16_t *tag) {
    *c = (p9_cursor_t){.data = data, .len = len};
    uint32_t size = p9_get32(c);
    *type = p9_get8(c);
    *tag = p9_get16(c);
    c->bad |= size != len;
}

uint8_t p9_get8(p9_cursor_t *c) {
    return (uint8_t)get_le(c, 1);
}

uint16_t p9_get16(p9_cursor_t *c) {
    return (uint16_t)get_le(c, 2);
}

uint32_t p9_get32(p9_cursor_t *c) {
    return (uint32_t)get_le(c, 4);
}

uint64_t p9_get64(p9_cursor_t *c) {
    return get_le(c, 8);
}

const uint8_t *p9_get_bytes(p9_cursor_t *c, uint32_t len) {
    return take(c, len);
}

const char *p9_get_string(p9_cursor_t *c, uint16_t *len) {
    uint16_t n = p9_get16(c);
    const uint8_t *p = take(c, n);
    *len = p == NULL ? 0 : n;
    return p == NULL ? "" : (const char *)p;
}

bool p9_done(const p9_cursor_t *c) {
    return !c->bad && c->at == c->len;
}

static bool entry_name_ok(const char *name, size_t len) {
    return len > 0 && len <= P9_NAME_MAX && memchr(name, '/', len) == NULL &&
           memchr(name, 0, len) == NULL;
}

bool p9_name_ok(const char *name, size_t len) {
    return entry_name_ok(name, len) && !(len == 1 && name[0] == '.') &&
           !(len == 2 && name[0] == '.' && name[1] == '.');
}

p9_qid_t p9_get_qid(p9_cursor_t *c) {
    p9_qid_t q;
    q.type = p9_get8(c);
    q.version = p9_get32(c);
    q.path = p9_get64(c);
    return q;
}

static p9_time_t get_time(p9_cursor_t *c) {
    p9_time_t t;
    t.sec = p9_get64(c);
    t.nsec = p9_get64(c);
    c->bad |= t.nsec > 999999999;
    return t;
}

/* valid[8] qid[13] mode[4] uid[4] gid[4] nlink[8] rdev[8] size[8] blksize[8] blocks[8] atime[16]
 * mtime[16] ctime[16] btime[16] gen[8] data_version[8] */
p9_attr_t p9_get_attr(p9_cursor_t *c) {
    p9_attr_t a;
    uint64_t valid = p9_get64(c);
    c->bad |= (valid & P9_GETATTR_BASIC) != P9_GETATTR_BASIC;
    a.qid = p9_get_qid(c);
    a.mode = p9_get32(c);
    (void)p9_get64(c); /* uid, gid */
    a.nlink = p9_get64(c);
    (void)p9_get64(c); /* rdev */
    a.size = p9_get64(c);
    a.blksize = p9_get64(c);
    a.blocks = p9_get64(c);
    a.atime = get_time(c);
    a.mtime = get_time(c);
    a.ctime = get_time(c);
    (void)p9_get_bytes(c, 32); /* birth time, generation, data version: not asked for */
    return a;
}

/* valid[4] mode[4] uid[4] gid[4] size[8] atime[16] mtime[16] */
void p9_put_setattr(p9_cursor_t *c, const p9_setattr_t *a) {
    p9_put32(c, a->valid);
    p9_put32(c, 0);
    p9_put32(c, 0);
    p9_put32(c, 0);
    p9_put64(c, a->size);
    p9_put64(c, a->atime.sec);
    p9_put64(c, a->atime.nsec);
    p9_put64(c, a->mtime.sec);
    p9_put64(c, a->mtime.nsec);
}

bool p9_get_dirent(p9_cursor_t *c, p9_dirent_t *out) {
    if (c->bad || c->at == c->len) {
        return false;
    }
    p9_dirent_t e;
    e.qid = p9_get_qid(c);
    e.next = p9_get64(c);
    e.type = p9_get8(c);
    e.name = p9_get_string(c, &e.name_len);
    if (c->bad || !entry_name_ok(e.name, e.name_len)) {
        c->bad = true;
        return false;
    }
    *out = e;
    return true;
}
