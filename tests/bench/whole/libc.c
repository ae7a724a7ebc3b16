/* SPDX-License-Identifier: MIT */
#include "libc.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../programs/bench.h"

/* ---- the heap: blocks of powers of two, a list of free ones for each ---- */

enum {
    HEAP_BYTES = 24 << 20,
    SMALLEST = 4, /* 16 bytes */
    LARGEST = 24, /* 16 MiB */
};

typedef union block {
    struct {
        size_t order; /* of this block, which is in use */
    };
    union block *next; /* this block is free */
    uint64_t align;
} block_t;

static _Alignas(16) unsigned char heap[HEAP_BYTES];
static size_t heap_used;
static block_t *free_blocks[LARGEST + 1];

void *malloc(size_t len) {
    if (len > ((size_t)1 << LARGEST) - sizeof(block_t)) {
        return NULL;
    }
    size_t bytes = len + sizeof(block_t) - 1;
    size_t order = bytes >> SMALLEST == 0 ? SMALLEST : 64 - (size_t)__builtin_clzll(bytes);
    block_t *block = free_blocks[order];
    if (block != NULL) {
        free_blocks[order] = block->next;
    } else {
        if (HEAP_BYTES - heap_used < (size_t)1 << order) {
            return NULL;
        }
        block = (block_t *)(heap + heap_used);
        heap_used += (size_t)1 << order;
    }
    block->order = order;
    return block + 1;
}

void free(void *memory) {
    if (memory != NULL) {
        block_t *block = (block_t *)memory - 1;
        size_t order = block->order;
        block->next = free_blocks[order];
        free_blocks[order] = block;
    }
}

void *realloc(void *memory, size_t len) {
    if (memory == NULL) {
        return malloc(len);
    }
    size_t room = ((size_t)1 << ((block_t *)memory - 1)->order) - sizeof(block_t);
    if (len <= room && (len > room / 2 || room < 32)) {
        return memory;
    }
    void *moved = malloc(len);
    if (moved != NULL) {
        memcpy(moved, memory, len < room ? len : room);
        free(memory);
    }
    return moved;
}

/* ---- the output ---- */

static uint64_t output;

static int put(char c, FILE *file) {
    (void)file;
    output = mix(output, (unsigned char)c);
    return 0;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &console;
FILE *const stdout = &console;
FILE *const stderr = &console;

/* The kernel's configuration makes vfprintf the one without floats. */
int __d_vfprintf(FILE *file, const char *format, va_list arguments);

int vfprintf(FILE *file, const char *format, va_list arguments) {
    return __d_vfprintf(file, format, arguments);
}

size_t fwrite(const void *data, size_t size, size_t n, FILE *file) {
    for (size_t i = 0; i < size * n; i++) {
        put(((const char *)data)[i], file);
    }
    return n;
}

int fflush(FILE *file) {
    (void)file;
    return 0;
}

void libc_start(void) {
    heap_used = 0;
    memset(free_blocks, 0, sizeof free_blocks);
    output = MIX_START;
}

uint64_t libc_output(void) {
    return output;
}

/* ---- no files, no clock, no other locale, no way out ---- */

FILE *fopen(const char *path, const char *mode) {
    (void)path, (void)mode;
    errno = ENOENT;
    return NULL;
}

FILE *freopen(const char *path, const char *mode, FILE *file) {
    (void)file;
    return fopen(path, mode);
}

int fclose(FILE *file) {
    (void)file;
    return 0;
}

int fgetc(FILE *file) {
    (void)file;
    return EOF;
}

int getc(FILE *file) {
    return fgetc(file);
}

char *fgets(char *line, int len, FILE *file) {
    (void)line, (void)len, (void)file;
    return NULL;
}

int unlink(const char *path) {
    (void)path;
    errno = ENOENT;
    return -1;
}

size_t fread(void *data, size_t size, size_t n, FILE *file) {
    (void)data, (void)size, (void)n, (void)file;
    return 0;
}

time_t time(time_t *now) {
    if (now != NULL) {
        *now = 0;
    }
    return 0;
}

clock_t clock(void) {
    return 0;
}

struct lconv *localeconv(void) {
    static struct lconv c_locale = {.decimal_point = "."};
    return &c_locale;
}

char *strerror(int error) {
    (void)error;
    return "error";
}

/* A program that fails here fails the bench: the image ends with a trap, or a panic. */
_Noreturn void abort(void) {
    __builtin_trap();
}

_Noreturn void exit(int status) {
    (void)status;
    __builtin_trap();
}
