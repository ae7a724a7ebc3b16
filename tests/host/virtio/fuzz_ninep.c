/* SPDX-License-Identifier: MIT */
/*
 * A 9P server that answers what the fuzzer says. The first byte of each reply chooses how much of
 * it is made right: all from the input, right header, or right header and right type.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fs/ninep.h"

#define CAPACITY 4096u

static const uint8_t *in, *end;
static uint8_t request[CAPACITY];

static uint8_t byte(void) {
    return in < end ? *in++ : 0;
}

static status_t exchange(p9_transport_t *t, uint32_t len, uint32_t *reply_len) {
    assert(len >= P9_HEADER_LEN && len <= CAPACITY);
    uint8_t how = byte();
    uint32_t n = byte() | (how & 0x0f) << 8;
    n = n < CAPACITY ? n : CAPACITY;
    uint32_t from = (how & 0x80) != 0 ? 0 : P9_HEADER_LEN;
    n = n < from ? from : n;
    memset(t->reply, 0, CAPACITY);
    for (uint32_t i = from; i < n && in < end; i++) {
        t->reply[i] = *in++;
    }
    if (from != 0) {
        for (unsigned i = 0; i < 4; i++) {
            t->reply[i] = (uint8_t)(n >> 8 * i);
        }
        t->reply[4] = (how & 0x40) != 0 ? byte() : (how & 0x20) != 0 ? P9_RLERROR : request[4] + 1;
        t->reply[5] = request[5];
        t->reply[6] = request[6];
    }
    *reply_len = n;
    return STATUS_OK;
}

static void one_call(p9_session_t *s) {
    uint8_t buf[64];
    size_t done = 0;
    p9_qid_t qid;
    p9_attr_t attr;
    p9_setattr_t set = {.valid = byte()};
    p9_cursor_t entries;
    p9_dirent_t entry;
    const char *target;
    uint16_t len;
    uint32_t fid;
    switch (byte() % 12) {
    case 0:
        if (p9_walk(s, 0, "name", 4, &fid, &qid) == 0) {
            assert(fid < P9_MAX_FIDS);
        }
        break;
    case 1:
        if (p9_read(s, 0, 0, buf, sizeof buf, &done) == 0) {
            assert(done <= sizeof buf);
        }
        break;
    case 2:
        if (p9_write(s, 0, 0, buf, sizeof buf, &done) == 0) {
            assert(done <= sizeof buf);
        }
        break;
    case 3:
        p9_getattr(s, 0, &attr);
        break;
    case 4:
        if (p9_readdir(s, 0, 0, &entries) == 0) {
            while (p9_get_dirent(&entries, &entry)) {
                assert(entry.name_len > 0 && memchr(entry.name, '/', entry.name_len) == NULL);
            }
            assert(!entries.bad);
        }
        break;
    case 5:
        if (p9_readlink(s, 0, &target, &len) == 0) {
            assert(memchr(target, 0, len) == NULL);
        }
        break;
    case 6:
        p9_lcreate(s, 0, "name", 4, P9_O_RDWR, 0644, &qid);
        break;
    case 7:
        p9_mkdir(s, 0, "name", 4, 0755);
        break;
    case 8:
        p9_renameat(s, 0, "a", 1, 0, "b", 1);
        break;
    case 9:
        p9_setattr(s, 0, &set);
        break;
    case 10:
        p9_lopen(s, 0, 0, &qid);
        break;
    default:
        p9_clunk(s, 1 + byte() % 8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static p9_session_t session;
    in = data;
    end = data + size;
    uint8_t *reply = malloc(CAPACITY); /* on the heap: ASan guards its ends */
    p9_transport_t t = {exchange, request, reply, CAPACITY};
    p9_qid_t root;
    if (byte() % 2 == 0) {
        p9_attach(&session, &t, "", &root);
    } else {
        session = (p9_session_t){.transport = &t,
                                 .msize = CAPACITY,
                                 .payload = CAPACITY - P9_WRITE_OVERHEAD,
                                 .fids = {1}};
    }
    while (in < end && !session.dead) {
        one_call(&session);
    }
    free(reply);
    return 0;
}
