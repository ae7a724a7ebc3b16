/* SPDX-License-Identifier: MIT */
/* The path and file calls over the RAM file system: where paths lead, and where they must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kernel/fs/vfs.h"
#include "kernel/wasi/fdtable.h"
#include "kernel/wasi/preopen.h"
#include "kernel/wasi/vnode_file.h"
#include "kernel/wasi/wasi.h"
#include "tests/host/wasi/guest.h"
#include "tests/host/wasi/machine.h"
#include "tests/host/wasi/tree.h"

#define SIZE 131072u
#define PATH_A 1000u
#define PATH_B 9000u
#define DATA 20000u
#define OUT 100u
#define ALL UINT64_MAX
#define ROOT 3u /* the preopen; `above` is the directory it lies in */

static vnode_t *above;

static uint32_t put_text(uint32_t at, const char *text) {
    guest_put(at, text, strlen(text));
    return (uint32_t)strlen(text);
}

static wasi_errno_t open_fd(uint32_t dir, const char *path, uint32_t lookup, uint32_t oflags,
                            uint64_t rights, uint32_t fdflags, uint32_t *fd) {
    uint32_t len = put_text(PATH_A, path);
    uint32_t e = wasi_path_open(guest, dir, lookup, PATH_A, len, oflags, rights, ALL, fdflags, OUT);
    if (e == WASI_ERRNO_SUCCESS) {
        *fd = guest_u32(OUT);
    }
    return (wasi_errno_t)e;
}

/* Opens and closes: only what open answers. */
static wasi_errno_t try_open(const char *path, uint32_t lookup, uint32_t oflags) {
    uint32_t fd;
    wasi_errno_t e = open_fd(ROOT, path, lookup, oflags, WASI_RIGHTS_FD_READ, 0, &fd);
    if (e == WASI_ERRNO_SUCCESS) {
        assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
    }
    return e;
}

static wasi_errno_t mkdir_at(const char *path) {
    uint32_t len = put_text(PATH_A, path);
    return (wasi_errno_t)wasi_path_create_directory(guest, ROOT, PATH_A, len);
}

static wasi_errno_t rmdir_at(const char *path) {
    uint32_t len = put_text(PATH_A, path);
    return (wasi_errno_t)wasi_path_remove_directory(guest, ROOT, PATH_A, len);
}

static wasi_errno_t unlink_at(const char *path) {
    uint32_t len = put_text(PATH_A, path);
    return (wasi_errno_t)wasi_path_unlink_file(guest, ROOT, PATH_A, len);
}

static wasi_errno_t symlink_at(const char *target, const char *path) {
    uint32_t target_len = put_text(PATH_B, target), len = put_text(PATH_A, path);
    return (wasi_errno_t)wasi_path_symlink(guest, PATH_B, target_len, ROOT, PATH_A, len);
}

static wasi_errno_t link_at(const char *from, const char *to) {
    uint32_t from_len = put_text(PATH_B, from), len = put_text(PATH_A, to);
    return (wasi_errno_t)wasi_path_link(guest, ROOT, 0, PATH_B, from_len, ROOT, PATH_A, len);
}

static wasi_errno_t rename_at(const char *from, const char *to) {
    uint32_t from_len = put_text(PATH_B, from), len = put_text(PATH_A, to);
    return (wasi_errno_t)wasi_path_rename(guest, ROOT, PATH_B, from_len, ROOT, PATH_A, len);
}

static wasi_errno_t stat_at(const char *path, uint32_t lookup, wasi_filestat_t *s) {
    uint32_t len = put_text(PATH_A, path);
    uint32_t e = wasi_path_filestat_get(guest, ROOT, lookup, PATH_A, len, OUT);
    memcpy(s, guest_memory.bytes + OUT, sizeof *s);
    return (wasi_errno_t)e;
}

static uint32_t write_fd(uint32_t fd, const char *text) {
    uint32_t len = put_text(DATA, text);
    guest_put(OUT, &(wasi_iovec_t){DATA, len}, 8);
    assert_int_equal(wasi_fd_write(guest, fd, OUT, 1, OUT + 8), WASI_ERRNO_SUCCESS);
    return guest_u32(OUT + 8);
}

static void check_content(const char *path, const char *expected) {
    uint32_t fd;
    assert_int_equal(open_fd(ROOT, path, 0, 0, WASI_RIGHTS_FD_READ, 0, &fd), WASI_ERRNO_SUCCESS);
    guest_put(OUT, &(wasi_iovec_t){DATA, 4096}, 8);
    assert_int_equal(wasi_fd_read(guest, fd, OUT, 1, OUT + 8), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT + 8), strlen(expected));
    assert_memory_equal(guest_memory.bytes + DATA, expected, strlen(expected));
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
}

static void make_file(const char *path, const char *text) {
    uint32_t fd;
    assert_int_equal(open_fd(ROOT, path, 0, WASI_OFLAGS_CREAT, ALL, 0, &fd), WASI_ERRNO_SUCCESS);
    write_fd(fd, text);
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
}

/* The preopen is a directory within a larger tree, in which "secret" must stay out of reach. */
static int setup(void **state) {
    (void)state;
    vnode_t *root, *secret;
    machine_reset();
    guest_start(SIZE);
    assert_int_equal(ramfs_mount(&above), WASI_ERRNO_SUCCESS);
    assert_int_equal(above->ops->create(above, "secret", 6, &secret), WASI_ERRNO_SUCCESS);
    vnode_unref(secret);
    assert_int_equal(above->ops->mkdir(above, "pre", 3), WASI_ERRNO_SUCCESS);
    assert_int_equal(above->ops->lookup(above, "pre", 3, &root), WASI_ERRNO_SUCCESS);
    assert_int_equal(preopen_add("/", 1, root), WASI_ERRNO_SUCCESS);
    assert_int_equal(mkdir_at("dir"), WASI_ERRNO_SUCCESS);
    make_file("file", "content");
    make_file("dir/inner", "inner content");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    assert_int_equal(wasi_fd_close(guest, ROOT), WASI_ERRNO_SUCCESS);
    tree_remove_all(above);
    tree_unmount(above);
    guest_end();
    return 0;
}

static void test_path_forms(void **state) {
    (void)state;
    static const struct {
        const char *path;
        wasi_errno_t expected;
    } cases[] = {
        {"file", WASI_ERRNO_SUCCESS},
        {"./file", WASI_ERRNO_SUCCESS},
        {".//./file", WASI_ERRNO_SUCCESS},
        {"dir/../file", WASI_ERRNO_SUCCESS},
        {"dir/inner", WASI_ERRNO_SUCCESS},
        {"dir//inner", WASI_ERRNO_SUCCESS},
        {"dir", WASI_ERRNO_SUCCESS},
        {"dir/", WASI_ERRNO_SUCCESS},
        {"dir/.", WASI_ERRNO_SUCCESS},
        {"dir/..", WASI_ERRNO_SUCCESS},
        {".", WASI_ERRNO_SUCCESS},
        {"./", WASI_ERRNO_SUCCESS},
        {"file/", WASI_ERRNO_NOTDIR},
        {"file/.", WASI_ERRNO_NOTDIR},
        {"file/..", WASI_ERRNO_NOTDIR},
        {"file/x", WASI_ERRNO_NOTDIR},
        {"none", WASI_ERRNO_NOENT},
        {"none/", WASI_ERRNO_NOENT},
        {"none/x", WASI_ERRNO_NOENT},
        {"none/..", WASI_ERRNO_NOENT},
        {"", WASI_ERRNO_NOENT},
        {"/", WASI_ERRNO_PERM},
        {"/file", WASI_ERRNO_PERM},
        {"..", WASI_ERRNO_PERM},
        {"../", WASI_ERRNO_PERM},
        {"../pre", WASI_ERRNO_PERM},
        {"../secret", WASI_ERRNO_PERM},
        {"dir/../../secret", WASI_ERRNO_PERM},
        {"dir/../../pre/file", WASI_ERRNO_PERM},
        {"\xff", WASI_ERRNO_ILSEQ},
        {"dir/\xc0\xaf", WASI_ERRNO_ILSEQ},
        {"\xed\xa0\x80", WASI_ERRNO_ILSEQ},
        {"\xf4\x90\x80\x80", WASI_ERRNO_ILSEQ},
        {"\xe2\x82", WASI_ERRNO_ILSEQ},
        {"\xc3\xa9", WASI_ERRNO_NOENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wasi_errno_t e = try_open(cases[i].path, 0, 0);
        if (e != cases[i].expected) {
            fail_msg("`%s`: expected %u, found %u", cases[i].path, cases[i].expected, e);
        }
    }
}

static void test_path_lengths(void **state) {
    (void)state;
    char path[5000];
    uint32_t fd;
    memset(path, 'n', sizeof path);
    path[255] = '\0';
    assert_int_equal(mkdir_at(path), WASI_ERRNO_SUCCESS);
    assert_int_equal(rmdir_at(path), WASI_ERRNO_SUCCESS);
    path[255] = 'n', path[256] = '\0';
    assert_int_equal(mkdir_at(path), WASI_ERRNO_NAMETOOLONG);
    /* "./././ ... file": 4095 bytes are a path, 4096 are not */
    for (size_t i = 0; i + 1 < sizeof path; i += 2) {
        path[i] = '.', path[i + 1] = '/';
    }
    memcpy(path + 4092, "dir", 4);
    assert_int_equal(try_open(path, 0, 0), WASI_ERRNO_SUCCESS);
    memcpy(path + 4092, "file", 5);
    assert_int_equal(try_open(path, 0, 0), WASI_ERRNO_NAMETOOLONG);
    /* NUL is no part of a name */
    guest_put(PATH_A, "file\0x", 6);
    assert_int_equal(wasi_path_open(guest, ROOT, 0, PATH_A, 6, 0, 0, 0, 0, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_path_open(guest, ROOT, 0, SIZE - 3, 4, 0, 0, 0, 0, OUT),
                     WASI_ERRNO_FAULT);
    assert_int_equal(wasi_path_open(guest, ROOT, 0, PATH_A, 4, 0, 0, 0, 0, SIZE - 3),
                     WASI_ERRNO_FAULT);
    assert_int_equal(wasi_path_open(guest, ROOT, 2, PATH_A, 4, 0, 0, 0, 0, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_path_open(guest, ROOT, 0, PATH_A, 4, 16, 0, 0, 0, OUT), WASI_ERRNO_INVAL);
    /* Deeper than the walk keeps on its stack, and back. */
    char up[400] = "", down[400] = "";
    for (int i = 0; i < 40; i++) {
        strcat(down, "d/");
        strcat(up, "../");
        assert_int_equal(mkdir_at(down), WASI_ERRNO_SUCCESS);
    }
    strcpy(path, down);
    strcat(path, up);
    assert_int_equal(try_open(path, 0, 0), WASI_ERRNO_SUCCESS);
    strcat(path, "..");
    assert_int_equal(open_fd(ROOT, path, 0, 0, 0, 0, &fd), WASI_ERRNO_PERM);
    for (int i = 40; i > 0; i--) {
        down[i * 2] = '\0';
        assert_int_equal(rmdir_at(down), WASI_ERRNO_SUCCESS);
    }
}

static void test_symlinks(void **state) {
    (void)state;
    const uint32_t follow = WASI_LOOKUPFLAGS_SYMLINK_FOLLOW;
    assert_int_equal(symlink_at("dir/inner", "to-inner"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("../file", "dir/to-file"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("dir", "to-dir"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("../secret", "escape"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("../../secret", "dir/escape"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("none", "dangling"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("loop-b", "loop-a"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("loop-a", "loop-b"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("/file", "absolute"), WASI_ERRNO_PERM);
    assert_int_equal(symlink_at("", "empty"), WASI_ERRNO_NOENT);
    assert_int_equal(symlink_at("x", "file"), WASI_ERRNO_EXIST);
    assert_int_equal(symlink_at("x", "none/"), WASI_ERRNO_NOENT);

    assert_int_equal(try_open("to-inner", 0, 0), WASI_ERRNO_LOOP);
    assert_int_equal(try_open("to-inner", follow, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("dir/to-file", follow, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("to-dir/inner", 0, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("to-dir/../file", 0, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("to-dir/", 0, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("escape", follow, 0), WASI_ERRNO_PERM);
    assert_int_equal(try_open("dir/escape", follow, 0), WASI_ERRNO_PERM);
    assert_int_equal(try_open("loop-a", follow, 0), WASI_ERRNO_LOOP);
    assert_int_equal(try_open("loop-a/x", 0, 0), WASI_ERRNO_LOOP);
    assert_int_equal(try_open("dangling", follow, 0), WASI_ERRNO_NOENT);
    assert_int_equal(try_open("dangling", follow, WASI_OFLAGS_CREAT | WASI_OFLAGS_EXCL),
                     WASI_ERRNO_EXIST);
    assert_int_equal(try_open("dangling", follow, WASI_OFLAGS_CREAT), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("none", 0, 0), WASI_ERRNO_SUCCESS);

    /* Forty links in a row are followed, one more is not. */
    char name[16], target[16] = "file";
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        assert_int_equal(symlink_at(target, name), WASI_ERRNO_SUCCESS);
        strcpy(target, name);
    }
    assert_int_equal(try_open("chain40", follow, 0), WASI_ERRNO_SUCCESS);
    assert_int_equal(try_open("chain41", follow, 0), WASI_ERRNO_LOOP);

    memset(guest_memory.bytes + DATA, 0, 16);
    uint32_t len = put_text(PATH_A, "to-inner");
    assert_int_equal(wasi_path_readlink(guest, ROOT, PATH_A, len, DATA, 4, OUT),
                     WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT), 4);
    assert_memory_equal(guest_memory.bytes + DATA, "dir/", 5);
    len = put_text(PATH_A, "file");
    assert_int_equal(wasi_path_readlink(guest, ROOT, PATH_A, len, DATA, 4, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_path_readlink(guest, ROOT, PATH_A, len, SIZE, 1, OUT), WASI_ERRNO_FAULT);
}

static void test_directories(void **state) {
    (void)state;
    assert_int_equal(mkdir_at("dir"), WASI_ERRNO_EXIST);
    assert_int_equal(mkdir_at("file"), WASI_ERRNO_EXIST);
    assert_int_equal(mkdir_at("."), WASI_ERRNO_EXIST);
    assert_int_equal(mkdir_at("new/"), WASI_ERRNO_SUCCESS);
    assert_int_equal(rmdir_at("new/"), WASI_ERRNO_SUCCESS);
    assert_int_equal(rmdir_at("dir"), WASI_ERRNO_NOTEMPTY);
    assert_int_equal(rmdir_at("file"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rmdir_at("."), WASI_ERRNO_INVAL);
    assert_int_equal(rmdir_at("none"), WASI_ERRNO_NOENT);
    assert_int_equal(unlink_at("dir"), WASI_ERRNO_ISDIR);
    assert_int_equal(unlink_at("none"), WASI_ERRNO_NOENT);
    assert_int_equal(unlink_at("file/"), WASI_ERRNO_NOTDIR);

    /* A directory that is gone stays so for who holds it. */
    uint32_t fd, inner;
    assert_int_equal(mkdir_at("gone"), WASI_ERRNO_SUCCESS);
    assert_int_equal(
        open_fd(ROOT, "gone", 0, WASI_OFLAGS_DIRECTORY, ALL & ~WASI_RIGHTS_FD_WRITE, 0, &fd),
        WASI_ERRNO_SUCCESS);
    assert_int_equal(rmdir_at("gone"), WASI_ERRNO_SUCCESS);
    assert_int_equal(open_fd(fd, "x", 0, WASI_OFLAGS_CREAT, ALL, 0, &inner), WASI_ERRNO_NOENT);
    assert_int_equal(wasi_fd_readdir(guest, fd, DATA, 4096, 0, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT), 0);
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
}

static void test_links_and_renames(void **state) {
    (void)state;
    wasi_filestat_t a, b;
    assert_int_equal(link_at("file", "dir/second"), WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at("file", 0, &a), WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at("dir/second", 0, &b), WASI_ERRNO_SUCCESS);
    assert_int_equal(a.ino, b.ino);
    assert_int_equal(a.nlink, 2);
    assert_int_equal(link_at("file", "dir/second"), WASI_ERRNO_EXIST);
    assert_int_equal(link_at("dir", "dir2"), WASI_ERRNO_PERM);
    assert_int_equal(link_at("file", "new/"), WASI_ERRNO_NOENT);
    assert_int_equal(link_at("none", "new"), WASI_ERRNO_NOENT);
    assert_int_equal(rename_at("file", "dir/second"), WASI_ERRNO_SUCCESS); /* one file: both stay */
    assert_int_equal(stat_at("file", 0, &a), WASI_ERRNO_SUCCESS);
    assert_int_equal(unlink_at("file"), WASI_ERRNO_SUCCESS);
    check_content("dir/second", "content");

    make_file("other", "other content");
    assert_int_equal(rename_at("other", "dir/second"), WASI_ERRNO_SUCCESS);
    check_content("dir/second", "other content");
    assert_int_equal(stat_at("other", 0, &a), WASI_ERRNO_NOENT);
    assert_int_equal(rename_at("dir", "dir/sub"), WASI_ERRNO_INVAL);
    assert_int_equal(rename_at("dir", "dir"), WASI_ERRNO_SUCCESS);
    assert_int_equal(rename_at("dir/second", "dir"), WASI_ERRNO_ISDIR);
    assert_int_equal(rename_at("dir/second", "up/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(mkdir_at("empty"), WASI_ERRNO_SUCCESS);
    assert_int_equal(rename_at("empty", "dir/second"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rename_at("empty", "dir"), WASI_ERRNO_NOTEMPTY);
    assert_int_equal(rename_at("dir", "empty"), WASI_ERRNO_SUCCESS);
    check_content("empty/inner", "inner content");
    assert_int_equal(rename_at("empty", "none/x"), WASI_ERRNO_NOENT);
    assert_int_equal(rename_at("empty", "../x"), WASI_ERRNO_PERM);
    assert_int_equal(rename_at(".", "x"), WASI_ERRNO_BUSY);

    /* What is open lives on without a name. */
    uint32_t fd;
    assert_int_equal(open_fd(ROOT, "empty/inner", 0, 0, ALL, 0, &fd), WASI_ERRNO_SUCCESS);
    assert_int_equal(unlink_at("empty/inner"), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_filestat_get(guest, fd, OUT), WASI_ERRNO_SUCCESS);
    memcpy(&a, guest_memory.bytes + OUT, sizeof a);
    assert_int_equal(a.nlink, 0);
    assert_int_equal(a.size, 13);
    write_fd(fd, "still");
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
}

/* A slash at the end: what makes, removes or moves an entry means the entry, as in Linux; what
 * looks at it means what it leads to. */
static void test_trailing_slashes(void **state) {
    (void)state;
    wasi_filestat_t s;
    assert_int_equal(symlink_at("dir", "to_dir"), WASI_ERRNO_SUCCESS);
    assert_int_equal(symlink_at("none", "dangling"), WASI_ERRNO_SUCCESS);
    assert_int_equal(mkdir_at("file/"), WASI_ERRNO_EXIST);
    assert_int_equal(mkdir_at("to_dir/"), WASI_ERRNO_EXIST);
    assert_int_equal(mkdir_at("dangling/"), WASI_ERRNO_EXIST);
    assert_int_equal(symlink_at("dir", "file/"), WASI_ERRNO_EXIST);
    assert_int_equal(symlink_at("dir", "new/"), WASI_ERRNO_NOENT);
    assert_int_equal(link_at("file", "dangling/"), WASI_ERRNO_EXIST);
    assert_int_equal(link_at("file", "new/"), WASI_ERRNO_NOENT);
    assert_int_equal(link_at("to_dir/", "new"), WASI_ERRNO_PERM);
    assert_int_equal(rmdir_at("to_dir/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rmdir_at("file/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(unlink_at("to_dir/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(unlink_at("file/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(unlink_at("dir/"), WASI_ERRNO_ISDIR);
    assert_int_equal(rename_at("to_dir/", "new"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rename_at("file/", "new"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rename_at("file", "new/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(rename_at("dir", "file/"), WASI_ERRNO_NOTDIR);
    assert_int_equal(stat_at("to_dir/", 0, &s), WASI_ERRNO_SUCCESS);
    assert_int_equal(s.filetype, WASI_FILETYPE_DIRECTORY);
    assert_int_equal(stat_at("dangling/", 0, &s), WASI_ERRNO_NOENT);
    assert_int_equal(rename_at("dir/", "moved/"), WASI_ERRNO_SUCCESS);
    assert_int_equal(mkdir_at("new/"), WASI_ERRNO_SUCCESS);
    assert_int_equal(rmdir_at("new/"), WASI_ERRNO_SUCCESS);
}

static void test_open_flags(void **state) {
    (void)state;
    uint32_t fd;
    assert_int_equal(try_open("new", 0, WASI_OFLAGS_DIRECTORY), WASI_ERRNO_NOENT);
    assert_int_equal(try_open("file", 0, WASI_OFLAGS_DIRECTORY), WASI_ERRNO_NOTDIR);
    assert_int_equal(try_open("x", 0, WASI_OFLAGS_DIRECTORY | WASI_OFLAGS_CREAT), WASI_ERRNO_INVAL);
    assert_int_equal(try_open("file", 0, WASI_OFLAGS_CREAT | WASI_OFLAGS_EXCL), WASI_ERRNO_EXIST);
    assert_int_equal(try_open("new/", 0, WASI_OFLAGS_CREAT), WASI_ERRNO_ISDIR);
    assert_int_equal(open_fd(ROOT, "dir", 0, 0, WASI_RIGHTS_FD_WRITE, 0, &fd), WASI_ERRNO_ISDIR);
    assert_int_equal(open_fd(0, "x", 0, 0, 0, 0, &fd), WASI_ERRNO_BADF);
    assert_int_equal(open_fd(99, "x", 0, 0, 0, 0, &fd), WASI_ERRNO_BADF);

    /* Append writes at the end, wherever the position is. */
    assert_int_equal(open_fd(ROOT, "file", 0, 0, ALL, WASI_FDFLAGS_APPEND, &fd),
                     WASI_ERRNO_SUCCESS);
    write_fd(fd, "+1");
    assert_int_equal(wasi_fd_seek(guest, fd, 0, WASI_WHENCE_SET, OUT), WASI_ERRNO_SUCCESS);
    write_fd(fd, "+2");
    check_content("file", "content+1+2");
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);

    /* Rights: no more than the directory hands on, and none come back. */
    assert_int_equal(open_fd(ROOT, "file", 0, 0, WASI_RIGHTS_FD_READ, 0, &fd), WASI_ERRNO_SUCCESS);
    guest_put(OUT, &(wasi_iovec_t){DATA, 4}, 8);
    assert_int_equal(wasi_fd_write(guest, fd, OUT, 1, OUT + 8), WASI_ERRNO_BADF);
    assert_int_equal(wasi_fd_filestat_set_size(guest, fd, 3), WASI_ERRNO_NOTCAPABLE);
    assert_int_equal(wasi_fd_fdstat_set_rights(guest, fd, ALL, 0), WASI_ERRNO_NOTCAPABLE);
    assert_int_equal(wasi_fd_seek(guest, fd, 1, WASI_WHENCE_SET, OUT), WASI_ERRNO_NOTCAPABLE);
    assert_int_equal(open_fd(fd, "x", 0, 0, 0, 0, &fd), WASI_ERRNO_NOTDIR);
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
    check_content("file", "content+1+2");
    assert_int_equal(try_open("file", 0, WASI_OFLAGS_TRUNC), WASI_ERRNO_SUCCESS);
    check_content("file", "");
}

static void test_seek_and_size(void **state) {
    (void)state;
    uint32_t fd;
    wasi_filestat_t s;
    assert_int_equal(open_fd(ROOT, "file", 0, 0, ALL, 0, &fd), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_seek(guest, fd, (uint64_t)-3, WASI_WHENCE_END, OUT),
                     WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(OUT), 4);
    assert_int_equal(wasi_fd_seek(guest, fd, (uint64_t)-5, WASI_WHENCE_CUR, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_seek(guest, fd, INT64_MAX, WASI_WHENCE_CUR, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_seek(guest, fd, 0, 3, OUT), WASI_ERRNO_INVAL);
    /* Preview 0: CUR 0, END 1, SET 2 */
    assert_int_equal(wasi_unstable_fd_seek(guest, fd, 1, 0, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(OUT), 5);
    assert_int_equal(wasi_unstable_fd_seek(guest, fd, 0, 1, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(OUT), 7);
    assert_int_equal(wasi_unstable_fd_seek(guest, fd, 2, 2, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(OUT), 2);
    assert_int_equal(wasi_unstable_fd_seek(guest, fd, 2, 3, OUT), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_tell(guest, fd, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u64(OUT), 2);

    assert_int_equal(wasi_fd_allocate(guest, fd, 5, 100), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_allocate(guest, fd, 0, 1), WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at("file", 0, &s), WASI_ERRNO_SUCCESS);
    assert_int_equal(s.size, 105);
    assert_int_equal(wasi_fd_allocate(guest, fd, 0, 0), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_allocate(guest, fd, UINT64_MAX, 2), WASI_ERRNO_FBIG);
    assert_int_equal(wasi_fd_filestat_set_size(guest, fd, UINT64_MAX), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_filestat_set_size(guest, fd, 3), WASI_ERRNO_SUCCESS);
    check_content("file", "con");
    assert_int_equal(wasi_fd_advise(guest, fd, 0, 10, 6), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_advise(guest, fd, UINT64_MAX, 10, 0), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_advise(guest, fd, 0, 10, 5), WASI_ERRNO_SUCCESS);
    guest_put(OUT, &(wasi_iovec_t){DATA, 4}, 8);
    assert_int_equal(wasi_fd_pwrite(guest, fd, OUT, 1, UINT64_MAX, OUT + 8), WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_pread(guest, fd, OUT, 1, 3, OUT + 8), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT + 8), 0);
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_seek(guest, ROOT, 0, WASI_WHENCE_SET, OUT), WASI_ERRNO_BADF);
}

/* Reading at an offset does not care where the descriptor stands; the right to seek includes
 * telling. */
static void test_positions(void **state) {
    (void)state;
    uint32_t fd;
    const wasi_iovec_t halves[] = {{DATA, 3}, {DATA + 3, 4}};
    const uint64_t seeks = WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_SEEK;
    assert_int_equal(open_fd(ROOT, "file", 0, 0, seeks, 0, &fd), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_seek(guest, fd, 0, WASI_WHENCE_END, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_tell(guest, fd, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT), strlen("content"));
    guest_put(OUT, halves, sizeof halves);
    assert_int_equal(wasi_fd_pread(guest, fd, OUT, 2, 0, OUT + 16), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT + 16), strlen("content"));
    assert_memory_equal(guest_memory.bytes + DATA, "content", strlen("content"));
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
    const uint64_t tells = WASI_RIGHTS_FD_READ | WASI_RIGHTS_FD_TELL;
    assert_int_equal(open_fd(ROOT, "file", 0, 0, tells, 0, &fd), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_tell(guest, fd, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_seek(guest, fd, 0, WASI_WHENCE_END, OUT), WASI_ERRNO_NOTCAPABLE);
    guest_put(OUT, halves, sizeof halves);
    assert_int_equal(wasi_fd_pread(guest, fd, OUT, 2, 0, OUT + 16), WASI_ERRNO_NOTCAPABLE);
    assert_int_equal(wasi_fd_fdstat_get(guest, fd, OUT), WASI_ERRNO_SUCCESS);
    wasi_fdstat_t s;
    memcpy(&s, guest_memory.bytes + OUT, sizeof s);
    assert_int_equal(s.fs_rights_inheriting, 0); /* nothing is opened below a file */
    assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
}

static void test_times(void **state) {
    (void)state;
    wasi_filestat_t s;
    uint32_t len = put_text(PATH_A, "file");
    const uint32_t set = WASI_FSTFLAGS_ATIM | WASI_FSTFLAGS_MTIM;
    assert_int_equal(wasi_path_filestat_set_times(guest, ROOT, 0, PATH_A, len, 11, 22, set),
                     WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at("file", 0, &s), WASI_ERRNO_SUCCESS);
    assert_int_equal(s.atim, 11);
    assert_int_equal(s.mtim, 22);
    machine.monotonic += 1000;
    assert_int_equal(
        wasi_path_filestat_set_times(guest, ROOT, 0, PATH_A, len, 1, 2, WASI_FSTFLAGS_MTIM_NOW),
        WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at("file", 0, &s), WASI_ERRNO_SUCCESS);
    assert_int_equal(s.atim, 11);
    assert_int_equal(s.mtim, machine.realtime + machine.monotonic);
    assert_int_equal(wasi_path_filestat_set_times(guest, ROOT, 0, PATH_A, len, 1, 2, 3),
                     WASI_ERRNO_INVAL);
    assert_int_equal(wasi_path_filestat_set_times(guest, ROOT, 0, PATH_A, len, 1, 2, 16),
                     WASI_ERRNO_INVAL);
    assert_int_equal(wasi_fd_filestat_set_times(guest, ROOT, 5, 6, set), WASI_ERRNO_SUCCESS);
    assert_int_equal(stat_at(".", 0, &s), WASI_ERRNO_SUCCESS);
    assert_int_equal(s.mtim, 6);
}

/* Lists the preopen through a buffer of `len` bytes; answers how many names, "." and ".." too. */
static unsigned list(uint32_t len, void (*between)(unsigned)) {
    uint64_t cookie = 0;
    unsigned names = 0;
    for (;;) {
        assert_int_equal(wasi_fd_readdir(guest, ROOT, DATA, len, cookie, OUT), WASI_ERRNO_SUCCESS);
        uint32_t used = guest_u32(OUT), at = 0;
        wasi_dirent_t d;
        while (used - at >= sizeof d) {
            memcpy(&d, guest_memory.bytes + DATA + at, sizeof d);
            if (used - at - sizeof d < d.d_namlen) {
                break;
            }
            at += (uint32_t)sizeof d + d.d_namlen;
            assert_true(d.d_next > cookie);
            cookie = d.d_next;
            names++;
        }
        if (used < len) {
            return names;
        }
        assert_true(at > 0); /* the buffer has room for one entry */
        if (between != NULL) {
            between(names);
        }
    }
}

static void remove_and_add(unsigned names) {
    char name[32];
    snprintf(name, sizeof name, "entry%u", names);
    unlink_at(name);
    if (names < 50) {
        snprintf(name, sizeof name, "late%u", names);
        make_file(name, "");
    }
}

static void test_readdir(void **state) {
    (void)state;
    char name[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "entry%d", i);
        make_file(name, "");
    }
    assert_int_equal(list(65536, NULL), 104);
    for (uint32_t len = 48; len < 300; len += 7) {
        assert_int_equal(list(len, NULL), 104);
    }
    /* Cookies stay good while entries come and go: what was there throughout comes once. */
    unsigned found = list(60, remove_and_add);
    assert_in_range(found, 50, 200);
    assert_int_equal(wasi_fd_readdir(guest, ROOT, DATA, 100, UINT64_MAX, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT), 0);
    assert_int_equal(wasi_fd_readdir(guest, ROOT, SIZE - 9, 10, 0, OUT), WASI_ERRNO_FAULT);
    for (uint32_t len = 0; len < 30; len++) {
        assert_int_equal(wasi_fd_readdir(guest, ROOT, DATA, len, 0, OUT), WASI_ERRNO_SUCCESS);
        assert_int_equal(guest_u32(OUT), len);
    }
}

static void test_preopens(void **state) {
    (void)state;
    vnode_t *other, *tmp;
    file_t *f;
    assert_int_equal(wasi_fd_prestat_get(guest, ROOT, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT), 0);
    assert_int_equal(guest_u32(OUT + 4), 1);
    assert_int_equal(wasi_fd_prestat_dir_name(guest, ROOT, OUT, 0), WASI_ERRNO_NAMETOOLONG);
    assert_int_equal(wasi_fd_prestat_dir_name(guest, ROOT, SIZE - 1, 1), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_memory.bytes[SIZE - 1], '/');
    assert_int_equal(wasi_fd_prestat_get(guest, ROOT + 1, OUT), WASI_ERRNO_BADF);
    /* The same name takes the place of the one before. */
    assert_int_equal(ramfs_mount(&other), WASI_ERRNO_SUCCESS);
    assert_int_equal(preopen_add("/", 1, vnode_ref(other)), WASI_ERRNO_SUCCESS);
    assert_int_equal(wasi_fd_prestat_get(guest, ROOT + 1, OUT), WASI_ERRNO_BADF);
    assert_int_equal(try_open("file", 0, 0), WASI_ERRNO_NOENT);
    machine.tmp = "";
    assert_int_equal(preopen_service.start(), STATUS_OK);
    assert_int_equal(wasi_fd_prestat_get(guest, ROOT + 1, OUT), WASI_ERRNO_SUCCESS);
    assert_int_equal(guest_u32(OUT + 4), 4);
    assert_int_equal(fd_lookup(ROOT + 1, 0, &f), WASI_ERRNO_SUCCESS);
    tmp = vnode_ref(f->ops->vnode(f));
    assert_int_equal(wasi_fd_close(guest, ROOT + 1), WASI_ERRNO_SUCCESS);
    tree_unmount(tmp);
    machine.tmp = NULL;
    static const char *const bad[] = {"tag", ":/x", "tag:", "tag:\xff", "nosuch:/host"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        machine.warnings = 0;
        machine.mounts[0] = bad[i];
        assert_int_not_equal(preopen_service.start(), STATUS_OK);
        assert_int_equal(machine.warnings, 1);
    }
    /* The other tree, which descriptor 3 shows, is taken down here. */
    assert_int_equal(wasi_fd_close(guest, ROOT), WASI_ERRNO_SUCCESS);
    tree_unmount(other);
    assert_int_equal(preopen_add("/", 1, vnode_ref(above)), WASI_ERRNO_SUCCESS);
}

/* 100,000 operations leave nothing behind; many descriptors at once, neither. */
static void test_nothing_leaks(void **state) {
    (void)state;
    char name[32];
    uint32_t fds[300];
    uint64_t before = 0;
    for (unsigned i = 0; i < 12500; i++) {
        if (i == 500) {
            before = machine.live_blocks; /* tables have grown */
        }
        snprintf(name, sizeof name, "f%u", i % 100);
        make_file(name, "some text that is longer than nothing");
        assert_int_equal(link_at(name, "l"), WASI_ERRNO_SUCCESS);
        assert_int_equal(rename_at("l", "dir/l"), WASI_ERRNO_SUCCESS);
        assert_int_equal(symlink_at("dir/l", "s"), WASI_ERRNO_SUCCESS);
        assert_int_equal(try_open("s", 1, 0), WASI_ERRNO_SUCCESS);
        assert_int_equal(unlink_at("s"), WASI_ERRNO_SUCCESS);
        assert_int_equal(unlink_at("dir/l"), WASI_ERRNO_SUCCESS);
        assert_int_equal(unlink_at(name), WASI_ERRNO_SUCCESS);
    }
    assert_int_equal(machine.live_blocks, before);
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(open_fd(ROOT, "file", 0, 0, ALL, 0, &fds[i]), WASI_ERRNO_SUCCESS);
        assert_int_equal(fds[i], i + 4);
    }
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(wasi_fd_close(guest, fds[i]), WASI_ERRNO_SUCCESS);
    }
    assert_in_range(machine.live_blocks, before, before + 1); /* the larger table */
}

/* Whatever allocation fails, the call answers an error and changes nothing. */
static void test_memory_runs_out(void **state) {
    (void)state;
    uint32_t fd;
    wasi_filestat_t s;
    for (uint64_t left = 0; left < 8; left++) {
        uint64_t before = machine.live_blocks;
        machine.allocations_left = left;
        wasi_errno_t e = mkdir_at("newdir");
        wasi_errno_t opened = open_fd(ROOT, "new", 0, WASI_OFLAGS_CREAT, ALL, 0, &fd);
        wasi_errno_t linked = symlink_at("file", "newlink");
        wasi_errno_t renamed = rename_at("file", "newname");
        machine.allocations_left = UINT64_MAX;
        assert_true(e == WASI_ERRNO_SUCCESS || e == WASI_ERRNO_NOSPC);
        assert_true(linked == WASI_ERRNO_SUCCESS || linked == WASI_ERRNO_NOSPC);
        assert_int_equal(rmdir_at("newdir"), e == 0 ? 0 : WASI_ERRNO_NOENT);
        assert_int_equal(unlink_at("newlink"), linked == 0 ? 0 : WASI_ERRNO_NOENT);
        assert_int_equal(stat_at("newname", 0, &s), renamed == 0 ? 0 : WASI_ERRNO_NOENT);
        if (renamed == WASI_ERRNO_SUCCESS) {
            assert_int_equal(rename_at("newname", "file"), WASI_ERRNO_SUCCESS);
        }
        if (opened == WASI_ERRNO_SUCCESS) {
            assert_int_equal(wasi_fd_close(guest, fd), WASI_ERRNO_SUCCESS);
        }
        unlink_at("new"); /* may have been created before the descriptor failed */
        assert_in_range(machine.live_blocks, before, before + 2);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_path_forms),        TEST(test_path_lengths),
        TEST(test_symlinks),          TEST(test_directories),
        TEST(test_links_and_renames), TEST(test_open_flags),
        TEST(test_seek_and_size),     TEST(test_times),
        TEST(test_readdir),           TEST(test_preopens),
        TEST(test_nothing_leaks),     TEST(test_memory_runs_out),
        TEST(test_trailing_slashes),  TEST(test_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
