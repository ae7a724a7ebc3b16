/* SPDX-License-Identifier: MIT */
/* ingot-bake and the kernel's side of it: the same tree comes out, and damage is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/fs/baked.h"
#include "tests/host/wasi/machine.h"
#include "tests/host/wasi/tree.h"

int ingot_bake(int argc, char **argv);

static char work[] = "/tmp/ingot-baked-XXXXXX";

static void put_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int setup(void **state) {
    (void)state;
    assert_non_null(mkdtemp(work));
    assert_int_equal(chdir(work), 0);
    mkdir("a", 0755);
    mkdir("a/sub", 0755);
    mkdir("a/sub/deep", 0755);
    mkdir("a/empty", 0755);
    mkdir("b", 0755);
    put_file("a/zebra", "striped");
    put_file("a/apple", "round");
    put_file("a/sub/deep/inner", "");
    put_file("b/only", "b's file");
    assert_int_equal(symlink("sub/deep", "a/link"), 0);
    machine_reset();
    return 0;
}

/* In a process of its own: the tool exits on errors, and keeps state. */
static int bake(const char *out, const char *dir_a, const char *dir_b) {
    pid_t child = fork();
    if (child == 0) {
        char a[100], b[100], o[100];
        snprintf(o, sizeof o, "%s", out);
        snprintf(a, sizeof a, "%s", dir_a);
        snprintf(b, sizeof b, "%s", dir_b);
        char *argv[] = {"ingot-bake", "-o", o, "--mtime", "77", "--depfile", "deps", a, b, NULL};
        (void)!freopen("/dev/null", "w", stderr);
        unsetenv("SOURCE_DATE_EPOCH");
        _exit(ingot_bake(9, argv));
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint8_t *load(const char *path, size_t *size) {
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    *size = (size_t)ftell(in);
    uint8_t *bytes = malloc(*size);
    rewind(in);
    assert_int_equal(fread(bytes, 1, *size, in), *size);
    fclose(in);
    return bytes;
}

static vnode_t *get(vnode_t *dir, const char *name) {
    vnode_t *n;
    assert_int_equal(dir->ops->lookup(dir, name, strlen(name), &n), WASI_ERRNO_SUCCESS);
    return n;
}

static void check_text(vnode_t *file, const char *expected) {
    char buf[64];
    size_t got;
    assert_int_equal(file->ops->read(file, 0, buf, sizeof buf, &got), WASI_ERRNO_SUCCESS);
    assert_int_equal(got, strlen(expected));
    assert_memory_equal(buf, expected, got);
}

static bool collect(void *ctx, const vfs_dirent_t *e) {
    strncat(ctx, e->name, e->name_len);
    strcat(ctx, " ");
    return true;
}

static void test_tree(void **state) {
    (void)state;
    size_t size;
    baked_tree_t tree;
    const char *why = NULL, *name;
    size_t len;
    vnode_t *root;
    assert_int_equal(bake("blob", "a::/data", "b"), 0);
    uint8_t *blob = load("blob", &size), *copy = malloc(size);
    memcpy(copy, blob, size);
    assert_int_equal(baked_open(blob, size, &tree, &why), STATUS_OK);
    assert_int_equal(tree.n_roots, 2);
    baked_root_name(&tree, 0, &name, &len);
    assert_memory_equal(name, "/data", len);
    baked_root_name(&tree, 1, &name, &len);
    assert_memory_equal(name, "b", len);

    assert_int_equal(baked_mount(&tree, 0, &root), WASI_ERRNO_SUCCESS);
    uint64_t before = machine.live_blocks;
    char names[200] = "";
    assert_int_equal(root->ops->readdir(root, 0, collect, names), WASI_ERRNO_SUCCESS);
    assert_string_equal(names, ". .. apple empty link sub zebra ");
    assert_true(machine.live_blocks > before);

    vnode_t *zebra = get(root, "zebra"), *link = get(root, "link"), *sub = get(root, "sub");
    vnode_t *deep = get(sub, "deep"), *inner = get(deep, "inner");
    vfs_attr_t attr;
    check_text(zebra, "striped");
    check_text(inner, "");
    assert_int_equal(zebra->ops->getattr(zebra, &attr), WASI_ERRNO_SUCCESS);
    assert_int_equal(attr.mtime, 77);
    assert_int_equal(link->ops->readlink(link, names, sizeof names, &len), WASI_ERRNO_SUCCESS);
    assert_memory_equal(names, "sub/deep", len);

    /* Writing happens in RAM. */
    assert_int_equal(zebra->ops->write(zebra, 3, "ANGE", 4, &len), WASI_ERRNO_SUCCESS);
    check_text(zebra, "strANGE");
    assert_int_equal(zebra->ops->write(zebra, 9, "!", 1, &len), WASI_ERRNO_SUCCESS);
    assert_int_equal(inner->ops->write(inner, 0, "new", 3, &len), WASI_ERRNO_SUCCESS);
    check_text(inner, "new");
    assert_int_equal(root->ops->unlink(root, "apple", 5), WASI_ERRNO_SUCCESS);
    assert_int_equal(root->ops->unlink(root, "link", 4), WASI_ERRNO_SUCCESS);
    assert_int_equal(root->ops->rmdir(root, "empty", 5), WASI_ERRNO_SUCCESS);
    assert_int_equal(root->ops->rmdir(root, "sub", 3), WASI_ERRNO_NOTEMPTY);
    assert_memory_equal(blob, copy, size);
    vnode_t *const all[] = {zebra, link, sub, deep, inner};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        vnode_unref(all[i]);
    }

    tree_remove_all(root);
    tree_unmount(root);
    assert_int_equal(machine.live_blocks, 0);

    /* A second mount shows the tree as it was baked. */
    assert_int_equal(baked_mount(&tree, 0, &root), WASI_ERRNO_SUCCESS);
    names[0] = '\0';
    assert_int_equal(root->ops->readdir(root, 0, collect, names), WASI_ERRNO_SUCCESS);
    assert_string_equal(names, ". .. apple empty link sub zebra ");
    tree_remove_all(root);
    tree_unmount(root);
    free(copy);
    free(blob);
}

/* Out of memory while a directory is filled: an error, nothing left, and another try works. */
static void test_expand_fails(void **state) {
    (void)state;
    size_t size;
    baked_tree_t tree;
    const char *why;
    vnode_t *root, *n;
    assert_int_equal(bake("blob", "a::/data", "b"), 0);
    uint8_t *blob = load("blob", &size);
    assert_int_equal(baked_open(blob, size, &tree, &why), STATUS_OK);
    assert_int_equal(baked_mount(&tree, 0, &root), WASI_ERRNO_SUCCESS);
    for (uint64_t left = 0; left < 10; left++) { /* two for each of five entries */
        machine.allocations_left = left;
        wasi_errno_t e = root->ops->lookup(root, "zebra", 5, &n);
        machine.allocations_left = UINT64_MAX;
        assert_int_equal(e, WASI_ERRNO_NOSPC);
    }
    n = get(root, "zebra");
    check_text(n, "striped");
    vnode_unref(n);
    tree_remove_all(root);
    tree_unmount(root);
    free(blob);
}

static void test_deterministic(void **state) {
    (void)state;
    size_t size, size2;
    assert_int_equal(bake("blob", "a::/data", "b"), 0);
    uint8_t *blob = load("blob", &size);
    /* The same files made in another order, elsewhere, at another time. */
    assert_int_equal(system("cp -r a copy && rm copy/apple && printf round >copy/apple"), 0);
    assert_int_equal(bake("blob2", "copy::/data", "b"), 0);
    uint8_t *again = load("blob2", &size2);
    assert_int_equal(size, size2);
    assert_memory_equal(blob, again, size);
    free(blob);
    free(again);
}

static void test_tool_refuses(void **state) {
    (void)state;
    assert_int_equal(bake("out", "nosuch", "b"), 1);
    assert_int_equal(bake("out", "a/zebra", "b"), 1);
    assert_int_equal(bake("out", "a::", "b"), 1);
    assert_int_equal(bake("nosuch/out", "a", "b"), 1);
    mkdir("odd", 0755);
    assert_int_equal(mkfifo("odd/pipe", 0644), 0);
    assert_int_equal(bake("out", "odd", "b"), 1);
    assert_int_equal(unlink("odd/pipe"), 0);
    put_file("odd/\xff", "");
    assert_int_equal(bake("out", "odd", "b"), 1);
}

/* Every single bit of the tables flipped: refused, or harmless. */
static void test_damage(void **state) {
    (void)state;
    size_t size;
    baked_tree_t tree;
    const char *why = NULL;
    assert_int_equal(bake("blob", "a::/data", "b"), 0);
    uint8_t *blob = load("blob", &size);
    assert_int_equal(baked_open(blob, size - 1, &tree, &why), ERR_CORRUPT);
    assert_int_equal(baked_open(blob, 0, &tree, &why), ERR_CORRUPT);
    unsigned refused = 0;
    for (size_t bit = 0; bit < size * 8; bit++) {
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        why = NULL;
        if (baked_open(blob, size, &tree, &why) != STATUS_OK) {
            assert_non_null(why);
            refused++;
        }
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(refused > 1000);
    free(blob);
}

static int teardown(void **state) {
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", work);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),          cmocka_unit_test(test_expand_fails),
        cmocka_unit_test(test_deterministic), cmocka_unit_test(test_tool_refuses),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
