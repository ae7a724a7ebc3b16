/* SPDX-License-Identifier: MIT */
/*
 * ingot-bake -o OUT [--depfile FILE] [--mtime NANOSECONDS] HOSTDIR[::GUEST]...
 *
 * Makes one blob of the directories, for kernel/fs/baked.h to mount. The same files give the same
 * bytes, wherever and whenever: names are sorted, and of times and owners nothing is kept (every
 * node gets --mtime, or SOURCE_DATE_EPOCH, or 0). Symlinks are kept as they are. What is neither
 * file, directory nor symlink is an error. Exit status: 0, or 1 with a message.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/fs/baked.h"
#include "kernel/fs/utf8.h"

/* A node on its way into the blob. Nodes are numbered in the order of the format. */
typedef struct entry {
    char *path; /* on the host */
    char *name; /* of the component; NULL for roots */
    baked_node_t node;
    char *target; /* of a symlink */
} entry_t;

static entry_t *entries;
static size_t n_entries, capacity;
static FILE *depfile;
static const char *depfile_target;

static _Noreturn void __attribute__((format(printf, 1, 2))) fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("ingot-bake: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void *need(void *p) {
    if (p == NULL) {
        fail("out of memory");
    }
    return p;
}

static char *join(const char *dir, const char *name) {
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path = need(malloc(len));
    snprintf(path, len, "%s/%s", dir, name);
    return path;
}

static entry_t *new_entry(char *path, char *name) {
    if (n_entries == capacity) {
        capacity = capacity == 0 ? 64 : capacity * 2;
        entries = need(realloc(entries, capacity * sizeof *entries));
    }
    entry_t *e = &entries[n_entries++];
    *e = (entry_t){.path = path, .name = name};
    return e;
}

/* Make's syntax: a space is escaped, a dollar doubled. */
static void put_escaped(const char *path) {
    for (; *path != '\0'; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\') {
            fputc('\\', depfile);
        } else if (*path == '$') {
            fputc('$', depfile);
        }
        fputc(*path, depfile);
    }
}

static void depend_on(const char *path) {
    if (depfile != NULL) {
        fputs(" \\\n  ", depfile);
        put_escaped(path);
    }
}

static int is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int not_dots(const struct dirent *d) {
    return !is_dots(d->d_name);
}

/* By bytes, whatever the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_symlink(entry_t *e) {
    char target[VFS_PATH_MAX];
    ssize_t n = readlink(e->path, target, sizeof target);
    if (n < 0) {
        fail("%s: %s", e->path, strerror(errno));
    }
    if (n == 0 || (size_t)n >= sizeof target || !utf8_valid(target, (size_t)n)) {
        fail("%s: the symlink's target is too long or not UTF-8", e->path);
    }
    target[n] = '\0';
    e->target = need(strdup(target));
    e->node.type = WASI_FILETYPE_SYMBOLIC_LINK;
    e->node.size = (uint64_t)n;
}

/* Type and size; what a name must be like is checked here too. */
static void look_at(entry_t *e) {
    struct stat s;
    if (e->name != NULL) {
        size_t len = strlen(e->name);
        if (len > VFS_NAME_MAX || !utf8_valid(e->name, len)) {
            fail("%s: the name is too long or not UTF-8", e->path);
        }
    }
    /* A root may be a symlink to a directory. */
    if ((e->name == NULL ? stat(e->path, &s) : lstat(e->path, &s)) != 0) {
        fail("%s: %s", e->path, strerror(errno));
    }
    if (e->name == NULL && !S_ISDIR(s.st_mode)) {
        fail("%s: not a directory", e->path);
    }
    if (S_ISDIR(s.st_mode)) {
        e->node.type = WASI_FILETYPE_DIRECTORY;
    } else if (S_ISREG(s.st_mode)) {
        e->node.type = WASI_FILETYPE_REGULAR_FILE;
        e->node.size = (uint64_t)s.st_size;
    } else if (S_ISLNK(s.st_mode)) {
        read_symlink(e);
    } else {
        fail("%s: neither file, directory nor symlink", e->path);
    }
    if (!S_ISLNK(s.st_mode)) {
        depend_on(e->path);
    }
}

/* Appends the children of entry i. */
static void list_directory(size_t i) {
    struct dirent **found;
    int n = scandir(entries[i].path, &found, not_dots, by_bytes);
    if (n < 0) {
        fail("%s: %s", entries[i].path, strerror(errno));
    }
    entries[i].node.at = n_entries;
    entries[i].node.n_children = (uint32_t)n;
    for (int k = 0; k < n; k++) {
        char *path = join(entries[i].path, found[k]->d_name);
        look_at(new_entry(path, need(strdup(found[k]->d_name))));
        free(found[k]);
    }
    free(found);
}

/* ---- writing ---- */

static FILE *out;
static const char *out_path;
static uint64_t written;

static void put(const void *bytes, size_t len) {
    if (fwrite(bytes, 1, len, out) != len) {
        fail("%s: %s", out_path, strerror(errno));
    }
    written += len;
}

/* Contents begin at multiples of this, for the sake of memcpy. */
#define CONTENT_ALIGN UINT64_C(16)

static uint64_t aligned(uint64_t at) {
    return (at + CONTENT_ALIGN - 1) / CONTENT_ALIGN * CONTENT_ALIGN;
}

static void pad_to(uint64_t at) {
    static const char zeros[CONTENT_ALIGN];
    while (written < at) {
        put(zeros, at - written < sizeof zeros ? (size_t)(at - written) : sizeof zeros);
    }
}

static void put_content(const entry_t *e) {
    char block[65536];
    FILE *in = fopen(e->path, "rb");
    uint64_t left = e->node.size;
    if (in == NULL) {
        fail("%s: %s", e->path, strerror(errno));
    }
    while (left > 0) {
        size_t n = fread(block, 1, left < sizeof block ? (size_t)left : sizeof block, in);
        if (n == 0) {
            fail("%s: changed while it was read", e->path);
        }
        put(block, n);
        left -= n;
    }
    fclose(in);
}

static uint64_t place(uint64_t *end, uint64_t len) {
    uint64_t at = *end;
    *end += len;
    return at;
}

static uint32_t place_name(uint64_t *end, size_t len) {
    uint64_t at = place(end, len);
    if (at > UINT32_MAX) {
        fail("the names take more than 4 GiB");
    }
    return (uint32_t)at;
}

static void write_blob(char *const *guests, uint32_t n_roots, uint64_t mtime) {
    baked_header_t h = {
        .mtime_ns = mtime,
        .n_roots = n_roots,
        .n_nodes = (uint32_t)n_entries,
    };
    memcpy(h.magic, BAKED_MAGIC, sizeof h.magic);
    uint64_t end = sizeof h + n_roots * sizeof(baked_root_t) + n_entries * sizeof(baked_node_t);

    baked_root_t *roots = need(calloc(n_roots, sizeof *roots));
    for (uint32_t i = 0; i < n_roots; i++) {
        roots[i].name_len = (uint32_t)strlen(guests[i]);
        roots[i].name_at = place_name(&end, roots[i].name_len);
    }
    for (size_t i = n_roots; i < n_entries; i++) {
        entries[i].node.name_len = (uint32_t)strlen(entries[i].name);
        entries[i].node.name_at = place_name(&end, entries[i].node.name_len);
    }
    for (size_t i = 0; i < n_entries; i++) {
        baked_node_t *n = &entries[i].node;
        if (n->type == WASI_FILETYPE_SYMBOLIC_LINK) {
            n->at = place(&end, n->size);
        }
    }
    for (size_t i = 0; i < n_entries; i++) {
        baked_node_t *n = &entries[i].node;
        if (n->type == WASI_FILETYPE_REGULAR_FILE) {
            end = aligned(end);
            n->at = place(&end, n->size);
        }
    }
    h.size = end;

    put(&h, sizeof h);
    put(roots, n_roots * sizeof *roots);
    for (size_t i = 0; i < n_entries; i++) {
        put(&entries[i].node, sizeof entries[i].node);
    }
    for (uint32_t i = 0; i < n_roots; i++) {
        put(guests[i], roots[i].name_len);
    }
    for (size_t i = n_roots; i < n_entries; i++) {
        put(entries[i].name, entries[i].node.name_len);
    }
    for (size_t i = 0; i < n_entries; i++) {
        if (entries[i].target != NULL) {
            put(entries[i].target, (size_t)entries[i].node.size);
        }
    }
    for (size_t i = 0; i < n_entries; i++) {
        if (entries[i].node.type == WASI_FILETYPE_REGULAR_FILE) {
            pad_to(entries[i].node.at);
            put_content(&entries[i]);
        }
    }
    free(roots);
}

static uint64_t parse_time(const char *text, const char *what, uint64_t unit) {
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || v > UINT64_MAX / unit) {
        fail("%s: `%s` is no time", what, text);
    }
    return v * unit;
}

static void add_root(char *spec, char **guest) {
    char *sep = strstr(spec, "::");
    *guest = sep != NULL ? sep + 2 : spec;
    if (sep != NULL) {
        *sep = '\0';
    }
    size_t len = strlen(*guest);
    if (*spec == '\0' || len == 0 || len >= VFS_PATH_MAX || !utf8_valid(*guest, len)) {
        fail("expected HOSTDIR[::GUEST], both not empty, GUEST in UTF-8");
    }
    look_at(new_entry(spec, NULL));
}

int main(int argc, char **argv) {
    uint64_t mtime = 0;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (epoch != NULL && *epoch != '\0') {
        mtime = parse_time(epoch, "SOURCE_DATE_EPOCH", UINT64_C(1000000000));
    }
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "-o") == 0) {
            out_path = argv[i + 1];
        } else if (strcmp(argv[i], "--depfile") == 0) {
            depfile_target = argv[i + 1];
        } else if (strcmp(argv[i], "--mtime") == 0) {
            mtime = parse_time(argv[i + 1], "--mtime", 1);
        } else {
            break;
        }
    }
    if (out_path == NULL || i >= argc || argv[i][0] == '-') {
        fail("usage: ingot-bake -o OUT [--depfile FILE] [--mtime NANOSECONDS] HOSTDIR[::GUEST]...");
    }
    if (depfile_target != NULL) {
        depfile = fopen(depfile_target, "w");
        if (depfile == NULL) {
            fail("%s: %s", depfile_target, strerror(errno));
        }
        put_escaped(out_path);
        fputc(':', depfile);
    }

    uint32_t n_roots = (uint32_t)(argc - i);
    char **guests = need(calloc(n_roots, sizeof *guests));
    for (uint32_t k = 0; k < n_roots; k++) {
        add_root(argv[i + (int)k], &guests[k]);
    }
    /* Children are appended while the list is walked: that is breadth first. */
    for (size_t k = 0; k < n_entries; k++) {
        if (entries[k].node.type == WASI_FILETYPE_DIRECTORY) {
            list_directory(k);
        }
        if (n_entries > UINT32_MAX) {
            fail("more than 2^32 files");
        }
    }

    out = fopen(out_path, "wb");
    if (out == NULL) {
        fail("%s: %s", out_path, strerror(errno));
    }
    write_blob(guests, n_roots, mtime);
    if (fclose(out) != 0) {
        fail("%s: %s", out_path, strerror(errno));
    }
    if (depfile != NULL) {
        fputc('\n', depfile);
        fclose(depfile);
    }
    for (size_t k = 0; k < n_entries; k++) {
        if (k >= n_roots) {
            free(entries[k].path);
        }
        free(entries[k].name);
        free(entries[k].target);
    }
    free(entries);
    free(guests);
    return 0;
}
