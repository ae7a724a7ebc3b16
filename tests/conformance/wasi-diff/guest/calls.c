/* SPDX-License-Identifier: MIT */
/*
 * Performs a program of WASI calls, and prints what each answered. The program comes by stdin, one
 * call a line, as words: the call's name without "fd_" or "path_", then its arguments (README.md).
 * Descriptors are slots, numbered by the program, so that it does not matter which numbers a host
 * hands out. Strings are percent-encoded; "%" is the empty one.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"
#include "wasi.h"

#define PREOPEN 3u
#define NO_FD 0x7fffffffu
#define SLOTS 16u
#define WORDS_MAX 10u
#define DATA_MAX (128u * 1024)
#define PIECES_MAX 8u

static char *words[WORDS_MAX];
static uint32_t lengths[WORDS_MAX];
static uint32_t slots[SLOTS];
static uint8_t data[DATA_MAX];

static uint64_t number(unsigned i) {
    return words[i][0] == '-' ? (uint64_t)strtoll(words[i], NULL, 10)
                              : strtoull(words[i], NULL, 10);
}

static uint32_t small(unsigned i) {
    return (uint32_t)number(i);
}

static uint32_t *slot(unsigned i) {
    return &slots[small(i) % SLOTS];
}

#define TEXT(i) words[i], lengths[i]

/* The first `len` bytes of `data` in `n` pieces, of which one is empty. */
static uint32_t pieces(uint32_t len, uint32_t n, iovec32_t *out) {
    n = n < 1 ? 1 : n > PIECES_MAX ? PIECES_MAX : n;
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t part = i + 1 == n ? len - at : i == 1 ? 0 : (len - at) / 2;
        out[i] = (iovec32_t){data + at, part};
        at += part;
    }
    return n;
}

/* A pattern that tells which write made it. */
static uint32_t fill(uint32_t len, uint32_t seed) {
    len = len > DATA_MAX ? DATA_MAX : len;
    for (uint32_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (uint8_t)(seed >> 24);
    }
    return len;
}

static void result(uint32_t e) {
    printf("%s %u", words[0], e);
}

static void print_filestat(uint32_t e, const filestat_t *s, bool atime) {
    result(e);
    if (e != ERRNO_SUCCESS) {
        return;
    }
    printf(" type %u mtime %s", s->type, time_text(s->mtim));
    if (s->type != TYPE_DIRECTORY) { /* whose size and links are the file system's business */
        printf(" size %llu links %llu", (unsigned long long)s->size, (unsigned long long)s->nlink);
    }
    if (atime) {
        printf(" atime %s", time_text(s->atim));
    }
}

static void print_data(uint32_t e, uint32_t got) {
    result(e);
    if (e == ERRNO_SUCCESS) {
        printf(" got %u %08x", got, hash_bytes(HASH_START, data, got));
    }
}

static void print_count(uint32_t e, uint64_t n) {
    result(e);
    if (e == ERRNO_SUCCESS) {
        printf(" %llu", (unsigned long long)n);
    }
}

/* open SLOT DIR LOOKUP PATH OFLAGS RIGHTS INHERITING FDFLAGS */
static void do_open(void) {
    uint32_t fd = NO_FD;
    if (*slot(1) != NO_FD) {
        fd_close(*slot(1));
    }
    uint32_t e =
        path_open(*slot(2), small(3), TEXT(4), small(5), number(6), number(7), small(8), &fd);
    *slot(1) = e == ERRNO_SUCCESS ? fd : NO_FD;
    result(e);
}

/* close SLOT */
static void do_close(void) {
    result(fd_close(*slot(1)));
    *slot(1) = NO_FD;
}

/* renumber FROM TO */
static void do_renumber(void) {
    uint32_t from = *slot(1), to = *slot(2);
    uint32_t e = fd_renumber(from, to);
    if (e == ERRNO_SUCCESS && from != to) {
        *slot(1) = NO_FD;
    }
    result(e);
}

/* read SLOT LEN PIECES */
static void do_read(void) {
    iovec32_t v[PIECES_MAX];
    uint32_t got = 0, n = pieces(fill(small(2), 0), small(3), v);
    uint32_t e = fd_read(*slot(1), v, n, &got);
    print_data(e, got);
}

/* pread SLOT LEN PIECES OFFSET */
static void do_pread(void) {
    iovec32_t v[PIECES_MAX];
    uint32_t got = 0, n = pieces(fill(small(2), 0), small(3), v);
    uint32_t e = fd_pread(*slot(1), v, n, number(4), &got);
    print_data(e, got);
}

/* write SLOT LEN PIECES SEED */
static void do_write(void) {
    iovec32_t v[PIECES_MAX];
    uint32_t done = 0, n = pieces(fill(small(2), small(4)), small(3), v);
    uint32_t e = fd_write(*slot(1), v, n, &done);
    print_count(e, done);
}

/* pwrite SLOT LEN PIECES SEED OFFSET */
static void do_pwrite(void) {
    iovec32_t v[PIECES_MAX];
    uint32_t done = 0, n = pieces(fill(small(2), small(4)), small(3), v);
    uint32_t e = fd_pwrite(*slot(1), v, n, number(5), &done);
    print_count(e, done);
}

/* seek SLOT DELTA WHENCE */
static void do_seek(void) {
    uint64_t position = 0;
    uint32_t e = fd_seek(*slot(1), (int64_t)number(2), small(3), &position);
    print_count(e, position);
}

static void do_tell(void) {
    uint64_t position = 0;
    uint32_t e = fd_tell(*slot(1), &position);
    print_count(e, position);
}

/* advise SLOT OFFSET LEN ADVICE */
static void do_advise(void) {
    result(fd_advise(*slot(1), number(2), number(3), small(4)));
}

/* allocate SLOT OFFSET LEN */
static void do_allocate(void) {
    result(fd_allocate(*slot(1), number(2), number(3)));
}

static void do_datasync(void) {
    result(fd_datasync(*slot(1)));
}

static void do_sync(void) {
    result(fd_sync(*slot(1)));
}

static void do_fdstat(void) {
    fdstat_t s;
    uint32_t e = fd_fdstat_get(*slot(1), &s);
    result(e);
    if (e == ERRNO_SUCCESS) {
        printf(" type %u flags %u rights %llx inheriting %llx", s.type, s.flags,
               (unsigned long long)s.rights, (unsigned long long)s.inheriting);
    }
}

/* set_flags SLOT FDFLAGS */
static void do_set_flags(void) {
    result(fd_fdstat_set_flags(*slot(1), small(2)));
}

/* set_rights SLOT RIGHTS INHERITING */
static void do_set_rights(void) {
    result(fd_fdstat_set_rights(*slot(1), number(2), number(3)));
}

/* fd_stat SLOT ATIME: whether the time of access is compared too */
static void do_fd_stat(void) {
    filestat_t s;
    uint32_t e = fd_filestat_get(*slot(1), &s);
    print_filestat(e, &s, small(2));
}

/* set_size SLOT SIZE */
static void do_set_size(void) {
    result(fd_filestat_set_size(*slot(1), number(2)));
}

/* fd_set_times SLOT ATIM MTIM FSTFLAGS */
static void do_fd_set_times(void) {
    result(fd_filestat_set_times(*slot(1), number(2), number(3), small(4)));
}

static void do_prestat(void) {
    uint32_t prestat[2];
    result(fd_prestat_get(*slot(1), prestat));
}

/* list SLOT BUFFER */
static void do_list(void) {
    static listing_t l;
    uint32_t e = list_directory(*slot(1), small(2) < 24 ? 24 : small(2), &l);
    result(e);
    if (e == ERRNO_SUCCESS) {
        printf(" dots %u", l.dots);
        for (size_t i = 0; i < l.n; i++) {
            printf(" %s:%u", l.entries[i].name, l.entries[i].type);
        }
    }
}

/* mkdir DIR PATH */
static void do_mkdir(void) {
    result(path_create_directory(*slot(1), TEXT(2)));
}

/* stat DIR LOOKUP PATH ATIME */
static void do_stat(void) {
    filestat_t s;
    uint32_t e = path_filestat_get(*slot(1), small(2), TEXT(3), &s);
    print_filestat(e, &s, small(4));
}

/* set_times DIR LOOKUP PATH ATIM MTIM FSTFLAGS */
static void do_set_times(void) {
    result(path_filestat_set_times(*slot(1), small(2), TEXT(3), number(4), number(5), small(6)));
}

/* link DIR LOOKUP PATH DIR PATH */
static void do_link(void) {
    result(path_link(*slot(1), small(2), TEXT(3), *slot(4), TEXT(5)));
}

/* readlink DIR PATH CAPACITY */
static void do_readlink(void) {
    uint32_t used = 0, cap = small(3) > 4096 ? 4096 : small(3);
    uint32_t e = path_readlink(*slot(1), TEXT(2), (char *)data, cap, &used);
    result(e);
    if (e == ERRNO_SUCCESS) {
        printf(" %u %.*s", used, (int)used, (char *)data);
    }
}

/* rmdir DIR PATH */
static void do_rmdir(void) {
    result(path_remove_directory(*slot(1), TEXT(2)));
}

/* rename DIR PATH DIR PATH */
static void do_rename(void) {
    result(path_rename(*slot(1), TEXT(2), *slot(3), TEXT(4)));
}

/* symlink TARGET DIR PATH */
static void do_symlink(void) {
    result(path_symlink(TEXT(1), *slot(2), TEXT(3)));
}

/* unlink DIR PATH */
static void do_unlink(void) {
    result(path_unlink_file(*slot(1), TEXT(2)));
}

/* begin NAME: a sequence in this directory of the preopen, which becomes slot 0 */
static void do_begin(void) {
    for (unsigned i = 0; i < SLOTS; i++) {
        slots[i] = NO_FD;
    }
    uint32_t e = path_open(PREOPEN, 0, TEXT(1), OFLAGS_DIRECTORY, DIRECTORY_RIGHTS, ALL_RIGHTS, 0,
                           &slots[0]);
    printf("begin %u %s", e, words[1]);
}

/* end NAME: closes what is open, and prints the tree */
static void do_end(void) {
    uint32_t fd;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (slots[i] != NO_FD) {
            fd_close(slots[i]);
        }
    }
    uint32_t e =
        path_open(PREOPEN, 0, TEXT(1), OFLAGS_DIRECTORY, DIRECTORY_RIGHTS, ALL_RIGHTS, 0, &fd);
    result(e);
    printf("\n");
    if (e == ERRNO_SUCCESS) {
        print_tree(fd, words[1]);
        fd_close(fd);
    }
    printf("ended");
}

static const struct {
    const char *name;
    unsigned arguments;
    void (*perform)(void);
} calls[] = {
    {"begin", 1, do_begin},
    {"end", 1, do_end},
    {"open", 8, do_open},
    {"close", 1, do_close},
    {"renumber", 2, do_renumber},
    {"read", 3, do_read},
    {"pread", 4, do_pread},
    {"write", 4, do_write},
    {"pwrite", 5, do_pwrite},
    {"seek", 3, do_seek},
    {"tell", 1, do_tell},
    {"advise", 4, do_advise},
    {"allocate", 3, do_allocate},
    {"datasync", 1, do_datasync},
    {"sync", 1, do_sync},
    {"fdstat", 1, do_fdstat},
    {"set_flags", 2, do_set_flags},
    {"set_rights", 3, do_set_rights},
    {"fd_stat", 2, do_fd_stat},
    {"set_size", 2, do_set_size},
    {"fd_set_times", 4, do_fd_set_times},
    {"prestat", 1, do_prestat},
    {"list", 2, do_list},
    {"mkdir", 2, do_mkdir},
    {"stat", 4, do_stat},
    {"set_times", 6, do_set_times},
    {"link", 5, do_link},
    {"readlink", 3, do_readlink},
    {"rmdir", 2, do_rmdir},
    {"rename", 4, do_rename},
    {"symlink", 3, do_symlink},
    {"unlink", 2, do_unlink},
};

static unsigned hex(char c) {
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

/* Decodes in place. */
static uint32_t decode(char *word) {
    char *to = word;
    for (const char *from = word; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
        } else if (from[1] != '\0') {
            *to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
            from += 2;
        }
    }
    *to = '\0';
    return (uint32_t)(to - word);
}

static void perform(char *line) {
    unsigned n = 0;
    for (char *word = strtok(line, " "); word != NULL && n < WORDS_MAX; word = strtok(NULL, " ")) {
        words[n] = word;
        lengths[n++] = decode(word);
    }
    for (unsigned i = 0; n > 0 && i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(words[0], calls[i].name) == 0 && n == calls[i].arguments + 1) {
            calls[i].perform();
            printf("\n");
            return;
        }
    }
    printf("# not a call with %u arguments: %s\n", n - 1, n > 0 ? words[0] : "");
    exit(2);
}

int main(void) {
    static char line[65536];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        perform(line);
    }
    return 0;
}
