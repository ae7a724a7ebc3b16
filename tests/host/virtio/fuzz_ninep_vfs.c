/* SPDX-License-Identifier: MIT */
/*
 * The 9P file system over a server that answers what the fuzzer says. Whatever it says: counts stay
 * within what was asked for, names are names, every node and every block is given back, and no call
 * of the kernel goes on for ever.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/drivers/virtio_9p.h"
#include "kernel/fs/ninep.h"
#include "kernel/fs/vfs.h"
#include "mm/heap.h"

#define CAPACITY 4096u
#define MAX_NODES 8u

static const uint8_t *in, *end;
static unsigned blocks;

static uint8_t byte(void) {
    return in < end ? *in++ : 0;
}

/* The first block is the mount, which stays for good in the kernel. */
static void *mount_block;

void *heap_alloc(size_t size) {
    blocks++;
    return malloc(size);
}

void *heap_zalloc(size_t size) {
    void *p = calloc(1, size);
    blocks++;
    mount_block = p;
    return p;
}

void heap_free(void *p) {
    blocks -= p != NULL;
    mount_block = p == mount_block ? NULL : mount_block;
    free(p);
}

uint64_t vfs_new_dev(void) {
    return 1;
}

wasi_timestamp_t vfs_now(void) {
    return 0;
}

/* As in fuzz_ninep.c, with small inode numbers so that nodes meet: the bytes of a right reply come
 * from the input, and past its end the session is over. */
static status_t exchange(p9_transport_t *t, uint32_t len, uint32_t *reply_len) {
    assert(len >= P9_HEADER_LEN && len <= CAPACITY);
    if (in == end) {
        return ERR_IO;
    }
    uint8_t type = t->request[4], how = byte();
    p9_cursor_t c;
    if (how == 0xff) { /* anything at all */
        uint32_t n = byte() | (byte() & 0x0f) << 8;
        memset(t->reply, 0, CAPACITY);
        for (uint32_t i = 0; i < n && in < end; i++) {
            t->reply[i] = *in++;
        }
        *reply_len = n;
        return STATUS_OK;
    }
    bool error = (how & 7) == 7;
    p9_begin(&c, t->reply, CAPACITY, error ? P9_RLERROR : type + 1,
             type == P9_TVERSION ? P9_NOTAG : 0);
    if (error) {
        p9_put32(&c, byte());
    } else if (type == P9_TVERSION) {
        p9_put32(&c, CAPACITY);
        p9_put_string(&c, "9P2000.L", 8);
    } else if (type == P9_TWALK) {
        uint16_t names = t->request[15];
        p9_put16(&c, names);
        for (; names > 0; names--) {
            p9_put8(&c, (how & 0xc0) == 0xc0   ? P9_QID_DIR
                        : (how & 0xc0) == 0x80 ? P9_QID_SYMLINK
                                               : 0);
            p9_put32(&c, 0);
            p9_put64(&c, how >> 3 & 1);
        }
    } else if (type == P9_TATTACH || type == P9_TMKDIR || type == P9_TSYMLINK) {
        p9_put8(&c, P9_QID_DIR);
        p9_put32(&c, 0);
        p9_put64(&c, 100);
    } else if (type == P9_TLOPEN || type == P9_TLCREATE) {
        p9_put8(&c, 0);
        p9_put32(&c, 0);
        p9_put64(&c, how >> 3 & 1);
        p9_put32(&c, 0);
    } else if (type == P9_TGETATTR) {
        p9_put64(&c, P9_GETATTR_BASIC);
        p9_put8(&c, 0);
        p9_put32(&c, 0);
        p9_put64(&c, how >> 3 & 1);
        p9_put32(&c, (how & 0x10) == 0 ? UINT32_C(8) << 12 : (uint32_t)byte() << 12);
        for (unsigned i = 0; i < 16; i++) {
            p9_put64(&c, i == 1 || i == 3    ? byte()
                         : (how & 0x40) != 0 ? UINT64_MAX >> byte() % 64
                                             : 0);
        }
    } else if (type == P9_TREADDIR) {
        uint32_t n = how >> 6;
        p9_put32(&c, n * 25);
        for (; n > 0; n--) {
            p9_put8(&c, 0);
            p9_put32(&c, 0);
            p9_put64(&c, 1);
            p9_put64(&c, byte());
            p9_put8(&c, byte());
            p9_put16(&c, 1);
            p9_put8(&c, (how & 0x20) != 0 ? byte() : 'n');
        }
    } else if (type == P9_TREAD) {
        uint32_t n = byte();
        p9_put32(&c, n);
        for (; n > 0; n--) {
            p9_put8(&c, byte());
        }
    } else if (type == P9_TWRITE) {
        p9_put32(&c, how >> 3);
    } else if (type == P9_TREADLINK) {
        p9_put_string(&c, "target", 6);
    }
    *reply_len = p9_end(&c);
    return STATUS_OK;
}

static uint8_t request[CAPACITY], reply[CAPACITY];
static p9_transport_t transport = {exchange, request, reply, CAPACITY};

status_t virtio_9p_open(const char *tag, p9_transport_t **out) {
    (void)tag;
    *out = &transport;
    return STATUS_OK;
}

static bool emit(void *ctx, const vfs_dirent_t *e) {
    unsigned *left = ctx;
    assert(e->name_len > 0 && memchr(e->name, '/', e->name_len) == NULL && e->next != 0);
    return --*left > 0;
}

static vnode_t *nodes[MAX_NODES]; /* 0 is the root */

static void keep(vnode_t *n) {
    unsigned at = 1 + byte() % (MAX_NODES - 1);
    vnode_unref(nodes[at]);
    nodes[at] = n;
}

static void on_file(vnode_t *n) {
    uint8_t buf[300] = {0};
    size_t done;
    switch (byte() % 5) {
    case 0:
        if (n->ops->read(n, byte(), buf, 1 + byte(), &done) == WASI_ERRNO_SUCCESS) {
            assert(done <= 256);
        }
        break;
    case 1:
        if (n->ops->write(n, byte(), buf, 1 + byte(), &done) == WASI_ERRNO_SUCCESS) {
            assert(done <= 256);
        }
        break;
    case 2:
        n->ops->truncate(n, byte());
        break;
    case 3:
        n->ops->sync(n, true);
        break;
    default:
        n->ops->open(n, byte() & 3);
    }
}

static void on_directory(vnode_t *d) {
    vnode_t *n;
    unsigned left = 20;
    switch (byte() % 9) {
    case 0:
        if (d->ops->lookup(d, "n", 1, &n) == WASI_ERRNO_SUCCESS) {
            keep(n);
        }
        break;
    case 1:
        if (d->ops->create(d, "n", 1, &n) == WASI_ERRNO_SUCCESS) {
            keep(n);
        }
        break;
    case 2:
        d->ops->unlink(d, "n", 1);
        break;
    case 3:
        d->ops->rename(d, "a", 1, nodes[0], "b", 1);
        break;
    case 4:
        d->ops->readdir(d, byte(), emit, &left);
        break;
    case 5:
        d->ops->mkdir(d, "n", 1);
        break;
    case 6:
        d->ops->rmdir(d, "n", 1);
        break;
    case 7:
        n = nodes[1 + byte() % (MAX_NODES - 1)];
        if (n != NULL && n->type != WASI_FILETYPE_DIRECTORY) {
            d->ops->link(d, "n", 1, n);
        }
        break;
    default:
        d->ops->symlink(d, "n", 1, "t", 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    in = data;
    end = data + size;
    blocks = 0;
    mount_block = NULL;
    if (ninep_mount("tag", &nodes[0]) != WASI_ERRNO_SUCCESS) {
        assert(blocks == 0);
        return 0;
    }
    while (in < end) {
        vnode_t *n = nodes[byte() % MAX_NODES];
        vfs_attr_t attr;
        char text[8];
        size_t got;
        if (n == NULL) {
            n = nodes[0];
        }
        if (byte() % 4 == 0) {
            n->ops->getattr(n, &attr);
            n->ops->set_times(n, byte() & 3, 1, 2);
        } else if (n->type == WASI_FILETYPE_DIRECTORY) {
            on_directory(n);
        } else if (n->type == WASI_FILETYPE_SYMBOLIC_LINK) {
            if (n->ops->readlink(n, text, sizeof text, &got) == WASI_ERRNO_SUCCESS) {
                assert(got <= sizeof text);
            }
        } else {
            on_file(n);
        }
    }
    for (unsigned i = 0; i < MAX_NODES; i++) {
        vnode_unref(nodes[i]);
        nodes[i] = NULL;
    }
    assert(blocks == 1);
    heap_free(mount_block);
    return 0;
}
