/* SPDX-License-Identifier: MIT */
/* The 9P codec, and the client against scripted replies: right ones, errors, and lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/fs/ninep.h"

#define CAPACITY 8192u

static uint8_t request[CAPACITY], reply[CAPACITY];
static uint32_t request_len;
static p9_cursor_t next_reply; /* what the server says next */
static uint32_t next_len;
static status_t next_status;
static p9_session_t session;

static status_t exchange(p9_transport_t *t, uint32_t len, uint32_t *reply_len) {
    (void)t;
    request_len = len;
    *reply_len = next_len;
    return next_status;
}

static p9_transport_t transport = {exchange, request, reply, CAPACITY};

/* The request as the server sees it. */
static p9_cursor_t sent(uint8_t want_type) {
    p9_cursor_t c;
    uint8_t type;
    uint16_t tag;
    p9_open(&c, request, request_len, &type, &tag);
    assert_false(c.bad);
    assert_int_equal(type, want_type);
    assert_int_equal(tag, type == P9_TVERSION ? P9_NOTAG : 0);
    return c;
}

static p9_cursor_t *say(uint8_t type) {
    p9_begin(&next_reply, reply, CAPACITY, type, 0);
    next_status = STATUS_OK;
    return &next_reply;
}

static void said(void) {
    next_len = p9_end(&next_reply);
    assert_int_not_equal(next_len, 0);
}

static void say_error(uint32_t error) {
    p9_put32(say(P9_RLERROR), error);
    said();
}

static void put_qid(p9_cursor_t *c, uint8_t type, uint64_t path) {
    p9_put8(c, type);
    p9_put32(c, 5);
    p9_put64(c, path);
}

/* A session as after p9_attach, without the talk. */
static void open_session(void) {
    session = (p9_session_t){.transport = &transport,
                             .msize = CAPACITY,
                             .payload = CAPACITY - P9_WRITE_OVERHEAD,
                             .fids = {1}};
}

static void expect_text(p9_cursor_t *c, const char *want) {
    uint16_t len;
    const char *s = p9_get_string(c, &len);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(s, want, len);
}

static void codec_round_trip(void **state) {
    (void)state;
    uint8_t m[64];
    p9_cursor_t c;
    p9_begin(&c, m, sizeof m, 100, 0x1234);
    p9_put8(&c, 0xfe);
    p9_put16(&c, 0xfedc);
    p9_put32(&c, 0xfedcba98);
    p9_put64(&c, UINT64_C(0xfedcba9876543210));
    p9_put_string(&c, "name", 4);
    uint32_t len = p9_end(&c);
    assert_int_equal(len, 7 + 1 + 2 + 4 + 8 + 2 + 4);
    static const uint8_t want[] = {28,   0,    0,    0,    100,  0x34, 0x12, 0xfe, 0xdc, 0xfe,
                                   0x98, 0xba, 0xdc, 0xfe, 0x10, 0x32, 0x54, 0x76, 0x98, 0xba,
                                   0xdc, 0xfe, 4,    0,    'n',  'a',  'm',  'e'};
    assert_memory_equal(m, want, sizeof want);
    uint8_t type;
    uint16_t tag;
    p9_open(&c, m, len, &type, &tag);
    assert_int_equal(type, 100);
    assert_int_equal(tag, 0x1234);
    assert_int_equal(p9_get8(&c), 0xfe);
    assert_int_equal(p9_get16(&c), 0xfedc);
    assert_int_equal(p9_get32(&c), 0xfedcba98);
    assert_true(p9_get64(&c) == UINT64_C(0xfedcba9876543210));
    expect_text(&c, "name");
    assert_true(p9_done(&c));
    assert_int_equal(p9_get8(&c), 0);
    assert_false(p9_done(&c));
}

static void codec_never_leaves_its_buffer(void **state) {
    (void)state;
    uint8_t *m = malloc(20); /* so that ASan sees the byte behind it */
    p9_cursor_t c;
    p9_begin(&c, m, 20, 1, 0);
    p9_put_string(&c, "0123456789ab", 12);
    assert_int_equal(p9_end(&c), 0);
    p9_begin(&c, m, 6, 1, 0);
    assert_int_equal(p9_end(&c), 0);
    p9_begin(&c, m, 20, 1, 0);
    p9_put_string(&c, "0123456789a", 11);
    assert_int_equal(p9_end(&c), 20);
    uint8_t type;
    uint16_t tag, len;
    for (uint32_t n = 0; n < 20; n++) {
        p9_open(&c, m, n, &type, &tag);
        assert_true(c.bad);
    }
    m[7] = 12; /* a string that runs past the end */
    p9_open(&c, m, 20, &type, &tag);
    assert_string_equal(p9_get_string(&c, &len), "");
    assert_int_equal(len, 0);
    assert_true(c.bad);
    static char huge[70000];
    p9_begin(&c, m, 20, 1, 0);
    p9_put_string(&c, huge, sizeof huge);
    assert_true(c.bad);
    free(m);
}

static void names(void **state) {
    (void)state;
    char longest[256];
    memset(longest, 'a', sizeof longest);
    assert_true(p9_name_ok("a", 1));
    assert_true(p9_name_ok("...", 3));
    assert_true(p9_name_ok(longest, 255));
    assert_false(p9_name_ok(longest, 256));
    assert_false(p9_name_ok("", 0));
    assert_false(p9_name_ok(".", 1));
    assert_false(p9_name_ok("..", 2));
    assert_false(p9_name_ok("a/b", 3));
    assert_false(p9_name_ok("a\0b", 3));
}

static int step; /* of the attach conversation */
static uint32_t server_msize;
static const char *server_version;

static status_t attach_exchange(p9_transport_t *t, uint32_t len, uint32_t *reply_len) {
    (void)t;
    request_len = len;
    if (step++ == 0) {
        p9_cursor_t c = sent(P9_TVERSION);
        assert_int_equal(p9_get32(&c), CAPACITY);
        expect_text(&c, "9P2000.L");
        p9_begin(&next_reply, reply, CAPACITY, P9_TVERSION + 1, P9_NOTAG);
        p9_put32(&next_reply, server_msize);
        p9_put_string(&next_reply, server_version, strlen(server_version));
    } else {
        p9_cursor_t c = sent(P9_TATTACH);
        assert_int_equal(p9_get32(&c), 0);
        assert_true(p9_get32(&c) == P9_NOFID);
        expect_text(&c, "");
        expect_text(&c, "tree");
        assert_true(p9_get32(&c) == UINT32_MAX);
        assert_true(p9_done(&c));
        put_qid(say(P9_TATTACH + 1), P9_QID_DIR, 42);
    }
    *reply_len = p9_end(&next_reply);
    return STATUS_OK;
}

static p9_error_t attach(uint32_t msize, const char *version, p9_qid_t *root) {
    static p9_transport_t t = {attach_exchange, request, reply, CAPACITY};
    step = 0;
    server_msize = msize;
    server_version = version;
    return p9_attach(&session, &t, "tree", root);
}

static void attaches(void **state) {
    (void)state;
    p9_qid_t root;
    assert_int_equal(attach(5000, "9P2000.L", &root), 0);
    assert_int_equal(session.msize, 5000);
    assert_int_equal(session.payload, 5000 - 23);
    assert_true(root.path == 42);
    assert_int_equal(attach(CAPACITY + 1, "9P2000.L", &root), P9_EPROTO);
    assert_int_equal(attach(100, "9P2000.L", &root), P9_EPROTO);
    assert_int_equal(attach(5000, "9P2000", &root), P9_EPROTO);
    assert_int_equal(attach(5000, "unknown", &root), P9_EPROTO);
}

static void walks(void **state) {
    (void)state;
    open_session();
    put_qid((p9_put16(say(P9_TWALK + 1), 1), &next_reply), 0, 77);
    said();
    uint32_t fid = 99;
    p9_qid_t qid;
    assert_int_equal(p9_walk(&session, 0, "file", 4, &fid, &qid), 0);
    assert_int_equal(fid, 1);
    assert_true(qid.path == 77);
    p9_cursor_t c = sent(P9_TWALK);
    assert_int_equal(p9_get32(&c), 0);
    assert_int_equal(p9_get32(&c), 1);
    assert_int_equal(p9_get16(&c), 1);
    expect_text(&c, "file");
    assert_true(p9_done(&c));

    say_error(2);
    uint32_t other = 99;
    assert_int_equal(p9_walk(&session, 0, "none", 4, &other, &qid), 2);
    assert_int_equal(other, 99);
    assert_true(session.fids[0] == 3); /* the fid that was tried is free again */

    request_len = 0;
    assert_int_equal(p9_walk(&session, 0, "..", 2, &other, &qid), P9_EINVAL);
    assert_int_equal(p9_walk(&session, 0, "a/b", 3, &other, &qid), P9_EINVAL);
    char name[300];
    memset(name, 'x', sizeof name);
    assert_int_equal(p9_walk(&session, 0, name, 256, &other, &qid), P9_ENAMETOOLONG);
    assert_int_equal(request_len, 0); /* none of these reached the server */

    say(P9_TCLUNK + 1);
    said();
    assert_int_equal(p9_clunk(&session, 1), 0);
    assert_true(session.fids[0] == 1);
}

static void runs_out_of_fids(void **state) {
    (void)state;
    open_session();
    p9_put16(say(P9_TWALK + 1), 0);
    said();
    uint32_t fid;
    for (unsigned i = 1; i < P9_MAX_FIDS; i++) {
        assert_int_equal(p9_walk(&session, 0, NULL, 0, &fid, NULL), 0);
        assert_int_equal(fid, i);
    }
    assert_int_equal(p9_walk(&session, 0, NULL, 0, &fid, NULL), P9_ENFILE);
    say_error(5); /* the fid is free even where the server complains */
    assert_int_equal(p9_clunk(&session, 1000), 5);
    p9_put16(say(P9_TWALK + 1), 0);
    said();
    assert_int_equal(p9_walk(&session, 0, NULL, 0, &fid, NULL), 0);
    assert_int_equal(fid, 1000);
}

static void reads_and_writes(void **state) {
    (void)state;
    open_session();
    char buf[16] = "zzzzzzzzzzzzzzz";
    size_t done = 99;
    p9_put32(say(P9_TREAD + 1), 3);
    p9_put_bytes(&next_reply, "abc", 3);
    said();
    assert_int_equal(p9_read(&session, 0, 1000, buf, 10, &done), 0);
    assert_int_equal(done, 3);
    assert_memory_equal(buf, "abcz", 4);
    p9_cursor_t c = sent(P9_TREAD);
    assert_int_equal(p9_get32(&c), 0);
    assert_int_equal(p9_get64(&c), 1000);
    assert_int_equal(p9_get32(&c), 10);

    static uint8_t big[3 * CAPACITY];
    p9_put32(say(P9_TWRITE + 1), session.payload);
    said();
    assert_int_equal(p9_write(&session, 0, 0, big, sizeof big, &done), 0);
    assert_int_equal(done, session.payload);
    assert_int_equal(request_len, session.msize);
}

static void refuses_lies_about_counts(void **state) {
    (void)state;
    char buf[16] = "zz";
    size_t done = 99;
    open_session();
    p9_put32(say(P9_TREAD + 1), 11);
    p9_put_bytes(&next_reply, "0123456789a", 11);
    said();
    assert_int_equal(p9_read(&session, 0, 0, buf, 10, &done), P9_EPROTO);
    assert_int_equal(p9_read(&session, 0, 0, buf, 10, &done), P9_EIO); /* dead from now on */
    open_session();
    p9_put32(say(P9_TREAD + 1), 10); /* says ten, brings three */
    p9_put_bytes(&next_reply, "012", 3);
    said();
    assert_int_equal(p9_read(&session, 0, 0, buf, 10, &done), P9_EPROTO);
    open_session();
    p9_put32(say(P9_TWRITE + 1), 11);
    said();
    assert_int_equal(p9_write(&session, 0, 0, buf, 10, &done), P9_EPROTO);
    assert_int_equal(done, 99);
    assert_memory_equal(buf, "zz", 2);
}

static void refuses_malformed_replies(void **state) {
    (void)state;
    p9_attr_t attr;
    open_session(); /* another type */
    say(P9_TCLUNK + 1);
    said();
    assert_int_equal(p9_getattr(&session, 0, &attr), P9_EPROTO);
    open_session(); /* another tag */
    say(P9_TCLUNK + 1);
    said();
    reply[5] = 1;
    assert_int_equal(p9_fsync(&session, 0, true), P9_EPROTO);
    open_session(); /* a size that is not what arrived */
    say(P9_TFSYNC + 1);
    said();
    reply[0]++;
    assert_int_equal(p9_fsync(&session, 0, true), P9_EPROTO);
    open_session(); /* bytes left over */
    p9_put8(say(P9_TFSYNC + 1), 0);
    said();
    assert_int_equal(p9_fsync(&session, 0, true), P9_EPROTO);
    open_session(); /* an error that is none */
    say_error(0);
    assert_int_equal(p9_fsync(&session, 0, true), P9_EPROTO);
    open_session();
    say(P9_TFSYNC + 1);
    said();
    next_status = ERR_CORRUPT;
    assert_int_equal(p9_fsync(&session, 0, true), P9_EIO);
    assert_true(session.dead);
    open_session(); /* more than the session's messages can hold */
    say(P9_TFSYNC + 1);
    said();
    next_len = CAPACITY + 1;
    assert_int_equal(p9_fsync(&session, 0, true), P9_EPROTO);
}

static void put_entry(p9_cursor_t *c, const char *name, size_t len, uint64_t next) {
    put_qid(c, 0, 9);
    p9_put64(c, next);
    p9_put8(c, 8);
    p9_put_string(c, name, len);
}

static void lists(void **state) {
    (void)state;
    open_session();
    say(P9_TREADDIR + 1);
    p9_put32(&next_reply, 24 + 1 + 24 + 5);
    put_entry(&next_reply, ".", 1, 1);
    put_entry(&next_reply, "a.txt", 5, UINT64_MAX);
    said();
    p9_cursor_t c;
    p9_dirent_t e;
    assert_int_equal(p9_readdir(&session, 0, 0, &c), 0);
    assert_true(p9_get_dirent(&c, &e));
    assert_int_equal(e.name_len, 1);
    assert_true(p9_get_dirent(&c, &e));
    assert_memory_equal(e.name, "a.txt", 5);
    assert_true(e.next == UINT64_MAX);
    assert_false(p9_get_dirent(&c, &e));
    assert_false(c.bad);

    static const struct {
        const char *name;
        size_t len;
    } bad[] = {{"a/b", 3}, {"", 0}, {"a\0b", 3}};
    for (unsigned i = 0; i < 3; i++) {
        open_session();
        say(P9_TREADDIR + 1);
        p9_put32(&next_reply, (uint32_t)(24 + bad[i].len));
        put_entry(&next_reply, bad[i].name, bad[i].len, 1);
        said();
        assert_int_equal(p9_readdir(&session, 0, 0, &c), P9_EPROTO);
    }
    open_session(); /* half an entry */
    say(P9_TREADDIR + 1);
    p9_put32(&next_reply, 10);
    p9_put_bytes(&next_reply, "0123456789", 10);
    said();
    assert_int_equal(p9_readdir(&session, 0, 0, &c), P9_EPROTO);
}

static void put_attr(p9_cursor_t *c, uint64_t valid, uint64_t nsec) {
    p9_put64(c, valid);
    put_qid(c, 0, 3);
    p9_put32(c, 0100644);
    p9_put32(c, 1000);
    p9_put32(c, 1001);
    static const uint64_t numbers[] = {2, 0, 12345, 4096, 32, 100, 1, 200, 2, 300};
    for (unsigned i = 0; i < 10; i++) {
        p9_put64(c, numbers[i]);
    }
    p9_put64(c, nsec);
    for (unsigned i = 0; i < 4; i++) {
        p9_put64(c, 0);
    }
}

static void attributes(void **state) {
    (void)state;
    open_session();
    put_attr(say(P9_TGETATTR + 1), 0x7ff, 3);
    said();
    p9_attr_t a;
    assert_int_equal(p9_getattr(&session, 0, &a), 0);
    assert_int_equal(a.mode, 0100644);
    assert_int_equal(a.nlink, 2);
    assert_int_equal(a.size, 12345);
    assert_int_equal(a.blocks, 32);
    assert_int_equal(a.atime.sec, 100);
    assert_int_equal(a.mtime.sec, 200);
    assert_int_equal(a.ctime.sec, 300);
    assert_int_equal(a.ctime.nsec, 3);
    put_attr(say(P9_TGETATTR + 1), 0x7ff, 1000000000);
    said();
    assert_int_equal(p9_getattr(&session, 0, &a), P9_EPROTO);
    open_session();
    put_attr(say(P9_TGETATTR + 1), 0x1ff, 3); /* less than was asked for */
    said();
    assert_int_equal(p9_getattr(&session, 0, &a), P9_EPROTO);

    open_session();
    say(P9_TSETATTR + 1);
    said();
    p9_setattr_t set = {.valid = P9_SETATTR_SIZE, .size = 7, .mtime = {8, 9}};
    assert_int_equal(p9_setattr(&session, 0, &set), 0);
    assert_int_equal(request_len, 7 + 4 + 16 + 8 + 32);
}

static void names_and_links(void **state) {
    (void)state;
    open_session();
    put_qid(say(P9_TSYMLINK + 1), P9_QID_SYMLINK, 1);
    said();
    assert_int_equal(p9_symlink(&session, 0, "l", 1, "../x/y", 6), 0);
    p9_cursor_t c = sent(P9_TSYMLINK);
    (void)p9_get32(&c);
    expect_text(&c, "l");
    expect_text(&c, "../x/y");
    static char huge[65536];
    assert_int_equal(p9_symlink(&session, 0, "l", 1, huge, sizeof huge), P9_ENAMETOOLONG);
    assert_false(session.dead);

    p9_put_string(say(P9_TREADLINK + 1), "../x/y", 6);
    said();
    const char *target;
    uint16_t len;
    assert_int_equal(p9_readlink(&session, 0, &target, &len), 0);
    assert_int_equal(len, 6);
    assert_memory_equal(target, "../x/y", 6);

    say(P9_TRENAMEAT + 1);
    said();
    assert_int_equal(p9_renameat(&session, 1, "a", 1, 2, "b", 1), 0);
    assert_int_equal(p9_renameat(&session, 1, "a", 1, 2, "../b", 4), P9_EINVAL);
    say(P9_TUNLINKAT + 1);
    said();
    assert_int_equal(p9_unlinkat(&session, 0, "a", 1, P9_AT_REMOVEDIR), 0);
    c = sent(P9_TUNLINKAT);
    (void)p9_get32(&c);
    expect_text(&c, "a");
    assert_int_equal(p9_get32(&c), 0x200);
    put_qid(say(P9_TMKDIR + 1), P9_QID_DIR, 1);
    said();
    assert_int_equal(p9_mkdir(&session, 0, "d", 1, 0755), 0);
    say(P9_TLINK + 1);
    said();
    assert_int_equal(p9_link(&session, 0, 1, "h", 1), 0);

    p9_put_string(say(P9_TREADLINK + 1), "a\0b", 3);
    said();
    assert_int_equal(p9_readlink(&session, 0, &target, &len), P9_EPROTO);
}

static void opens_and_creates(void **state) {
    (void)state;
    open_session();
    p9_qid_t q;
    put_qid(say(P9_TLOPEN + 1), 0, 6);
    p9_put32(&next_reply, 0);
    said();
    assert_int_equal(p9_lopen(&session, 0, P9_O_RDWR, &q), 0);
    assert_true(q.path == 6);
    put_qid(say(P9_TLCREATE + 1), 0, 7);
    p9_put32(&next_reply, 4096);
    said();
    assert_int_equal(p9_lcreate(&session, 0, "n", 1, P9_O_RDWR | P9_O_EXCL, 0644, &q), 0);
    p9_cursor_t c = sent(P9_TLCREATE);
    (void)p9_get32(&c);
    expect_text(&c, "n");
    assert_int_equal(p9_get32(&c), 0202);
    assert_int_equal(p9_get32(&c), 0644);
    assert_int_equal(p9_lcreate(&session, 0, "..", 2, 0, 0644, &q), P9_EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codec_round_trip),
        cmocka_unit_test(codec_never_leaves_its_buffer),
        cmocka_unit_test(names),
        cmocka_unit_test(attaches),
        cmocka_unit_test(walks),
        cmocka_unit_test(runs_out_of_fids),
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses_lies_about_counts),
        cmocka_unit_test(refuses_malformed_replies),
        cmocka_unit_test(lists),
        cmocka_unit_test(attributes),
        cmocka_unit_test(names_and_links),
        cmocka_unit_test(opens_and_creates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
