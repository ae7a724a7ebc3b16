/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define INODES_MAX 1024

uint32_t hash_bytes(uint32_t hash, const uint8_t *p, size_t len) {
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

const char *time_text(uint64_t time) {
    static char texts[2][24];
    static unsigned next;
    char *text = texts[next++ % 2];
    if (time < 1000000000000000000u || time > 1100000000000000000u) {
        return "now";
    }
    snprintf(text, sizeof texts[0], "%llu", (unsigned long long)time);
    return text;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const entry_t *)a)->name, ((const entry_t *)b)->name);
}

static void add_entry(listing_t *out, const dirent32_t *d, const uint8_t *name) {
    if ((d->namlen == 1 && name[0] == '.') || (d->namlen == 2 && memcmp(name, "..", 2) == 0)) {
        out->dots++;
        return;
    }
    if (out->n == sizeof out->entries / sizeof *out->entries || d->namlen > 255) {
        printf("# more entries than there is room for\n");
        exit(2);
    }
    entry_t *e = &out->entries[out->n++];
    memcpy(e->name, name, d->namlen);
    e->name[d->namlen] = '\0';
    e->ino = d->ino;
    e->type = d->type;
}

uint32_t list_directory(uint32_t fd, uint32_t size, listing_t *out) {
    static uint8_t buf[4096];
    uint64_t cookie = 0;
    out->n = out->dots = 0;
    for (unsigned calls = 0; calls < 2000; calls++) {
        uint32_t used = 0, at = 0;
        uint32_t e = fd_readdir(fd, buf, size, cookie, &used);
        if (e != ERRNO_SUCCESS) {
            return e;
        }
        for (;;) {
            dirent32_t d;
            if (used - at < sizeof d) {
                break;
            }
            memcpy(&d, buf + at, sizeof d);
            if (used - at - sizeof d < d.namlen) {
                break;
            }
            add_entry(out, &d, buf + at + sizeof d);
            at += sizeof d + d.namlen;
            cookie = d.next;
        }
        if (used < size) {
            qsort(out->entries, out->n, sizeof *out->entries, by_name);
            return ERRNO_SUCCESS;
        }
        if (at == 0) {
            size *= 2; /* not even one entry fits */
        }
    }
    printf("# readdir does not end\n");
    exit(2);
}

/* Numbers for the inodes of one tree, in the order they are met. */
static struct {
    uint64_t dev, ino;
} met[INODES_MAX];
static unsigned n_met;

static unsigned inode_number(const filestat_t *s) {
    for (unsigned i = 0; i < n_met; i++) {
        if (met[i].dev == s->dev && met[i].ino == s->ino) {
            return i;
        }
    }
    if (n_met == INODES_MAX) {
        printf("# more inodes than there is room for\n");
        exit(2);
    }
    met[n_met].dev = s->dev;
    met[n_met].ino = s->ino;
    return n_met++;
}

static void print_contents(uint32_t dir, const char *name) {
    static uint8_t buf[8192];
    uint32_t fd, got, hash = HASH_START;
    uint32_t e = path_open(dir, 0, name, (uint32_t)strlen(name), 0, 2, 0, 0, &fd);
    if (e != ERRNO_SUCCESS) {
        printf(" cannot be opened: %u", e);
        return;
    }
    do {
        iovec32_t v = {buf, sizeof buf};
        e = fd_read(fd, &v, 1, &got);
        if (e != ERRNO_SUCCESS) {
            printf(" cannot be read: %u", e);
            break;
        }
        hash = hash_bytes(hash, buf, got);
    } while (got > 0);
    fd_close(fd);
    printf(" %08x", hash);
}

static void print_target(uint32_t dir, const char *name) {
    char target[4096];
    uint32_t used;
    uint32_t e = path_readlink(dir, name, (uint32_t)strlen(name), target, sizeof target, &used);
    if (e != ERRNO_SUCCESS) {
        printf(" cannot be read: %u", e);
    } else {
        printf(" -> %.*s", (int)used, target);
    }
}

static void print_below(uint32_t fd, const char *path, unsigned depth) {
    static listing_t listings[DEPTH_MAX];
    listing_t *l = &listings[depth];
    uint32_t e = depth == DEPTH_MAX - 1 ? 0 : list_directory(fd, 4096, l);
    if (e != ERRNO_SUCCESS || depth == DEPTH_MAX - 1) {
        printf("  %s cannot be listed: %u\n", path, e);
        return;
    }
    for (size_t i = 0; i < l->n; i++) {
        const entry_t *entry = &l->entries[i];
        uint32_t len = (uint32_t)strlen(entry->name);
        filestat_t s;
        e = path_filestat_get(fd, 0, entry->name, len, &s);
        if (e != ERRNO_SUCCESS) {
            printf("  %s/%s has no status: %u\n", path, entry->name, e);
            continue;
        }
        printf("  %s/%s type %u%s mtime %s", path, entry->name, s.type,
               s.type == entry->type ? "" : " (listed as another)", time_text(s.mtim));
        if (s.type == TYPE_DIRECTORY) {
            char below[4096];
            uint32_t sub;
            printf("\n");
            snprintf(below, sizeof below, "%s/%s", path, entry->name);
            e = path_open(fd, 0, entry->name, len, OFLAGS_DIRECTORY, DIRECTORY_RIGHTS, ALL_RIGHTS,
                          0, &sub);
            if (e != ERRNO_SUCCESS) {
                printf("  %s cannot be opened: %u\n", below, e);
                continue;
            }
            print_below(sub, below, depth + 1);
            fd_close(sub);
            continue;
        }
        printf(" size %llu links %llu inode %u%s", (unsigned long long)s.size,
               (unsigned long long)s.nlink, inode_number(&s),
               s.ino == entry->ino ? "" : " (listed with another)");
        if (s.type == TYPE_SYMLINK) {
            print_target(fd, entry->name);
        } else {
            print_contents(fd, entry->name);
        }
        printf("\n");
    }
}

void print_tree(uint32_t fd, const char *path) {
    n_met = 0;
    print_below(fd, path, 0);
}
