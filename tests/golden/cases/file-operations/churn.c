/* SPDX-License-Identifier: MIT */
/* A hundred thousand file operations, and what the kernel has allocated before and after them. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEST(name) __attribute__((import_module("counts"), import_name(name)))
TEST("free_frames") int64_t free_frames(void);
TEST("heap_blocks") int64_t heap_blocks(void);
TEST("heap_bytes") int64_t heap_bytes(void);

static long done;

static void must(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
    done++;
}

static void round_of(const char *dir, int i) {
    static char data[6000];
    char name[64], other[64], deep[64];
    struct stat st;
    snprintf(name, sizeof name, "%s/file%d", dir, i % 7);
    snprintf(other, sizeof other, "%s/other%d", dir, i % 5);
    snprintf(deep, sizeof deep, "%s/dir%d", dir, i % 3);
    int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0666);
    must(fd >= 0, "open");
    must(write(fd, data, sizeof data - (size_t)(i % 1000)) > 0, "write");
    must(ftruncate(fd, 100 + 45 * i % 9000) == 0, "ftruncate"); /* of all sizes soon */
    must(lseek(fd, 0, SEEK_SET) == 0, "lseek");
    must(read(fd, data, sizeof data) > 0, "read");
    must(fstat(fd, &st) == 0, "fstat");
    must(close(fd) == 0, "close");
    must(rename(name, other) == 0, "rename");
    must(mkdir(deep, 0777) == 0, "mkdir");
    must(symlink("nowhere", name) == 0, "symlink");
    DIR *d = opendir(dir);
    must(d != NULL, "opendir");
    while (readdir(d) != NULL) {
    }
    must(closedir(d) == 0, "closedir");
    must(open("/tmp/none/such", O_RDONLY) < 0, "open of nothing");
    must(unlink(name) == 0, "unlink");
    must(unlink(other) == 0, "unlink");
    must(rmdir(deep) == 0, "rmdir");
}

int main(int argc, char **argv) {
    long most = argc > 2 ? atol(argv[2]) : 100000;
    /* Caches, and the buffers of this program, are filled by then. */
    for (int i = 0; i < 200; i++) {
        round_of(argv[1], i);
    }
    int64_t frames = free_frames(), blocks = heap_blocks(), bytes = heap_bytes();
    done = 0;
    for (int i = 0; done < most; i++) {
        round_of(argv[1], i);
    }
    printf("%s operations on %s: frames %+lld, heap blocks %+lld, heap bytes %+lld\n", argv[2],
           argv[1], (long long)(free_frames() - frames), (long long)(heap_blocks() - blocks),
           (long long)(heap_bytes() - bytes));
    return 0;
}
