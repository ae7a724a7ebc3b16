/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/virtio_console.h"

#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/core/wait.h"

#define F_MULTIPORT (UINT64_C(1) << 1)
#define CONFIG_MAX_NR_PORTS 4 /* offset of le32 max_nr_ports */

/* Control messages, section 5.3.6.2. */
enum {
    CTRL_DEVICE_READY = 0,
    CTRL_DEVICE_ADD = 1,
    CTRL_DEVICE_REMOVE = 2,
    CTRL_PORT_READY = 3,
    CTRL_PORT_OPEN = 6,
    CTRL_PORT_NAME = 7,
};

typedef struct ctrl_message {
    uint32_t id;
    uint16_t event;
    uint16_t value;
} ctrl_message_t;

enum { PORT_IN, PORT_OUT, PORT_ERR, N_ROLES };
#define NO_ROLE (-1)

#define FIRST_PORT 1u
#define LAST_PORT 3u
#define N_PORTS (LAST_PORT - FIRST_PORT + 1)
#define QUEUE_SIZE 16u
#define CTRL_BUFFERS 16u
#define CTRL_BUFFER_LEN 128u /* a message and a name */
#define IN_BUFFERS 8u
#define IN_BUFFER_LEN 4096u /* what QEMU hands over at a time */
#define OUT_BUFFERS 4u
#define HANDSHAKE_NS UINT64_C(100000000)

typedef struct port {
    stream_t stream;
    int role;
    bool ready; /* the device added it and we answered */
    bool named;
    bool host_open; /* the other side is there */
    bool opened;    /* we told the host that we are there */
    virtq_t rx, tx;
    uint8_t *buffers;
    uint32_t buffer_len;
    int8_t slot_of[QUEUE_SIZE]; /* buffer that a chain in flight carries */
    /* out: free buffers; in: the buffer being consumed */
    uint32_t free_slots;
    int current;
    uint32_t at, end;
    bool ended; /* the end of an input is final, whoever connects later */
} port_t;

static struct {
    virtio_device_t dev;
    virtq_t ctrl_rx, ctrl_tx;
    uint8_t *ctrl; /* CTRL_BUFFERS buffers, then one message to send */
    uint8_t ctrl_slot_of[QUEUE_SIZE];
    port_t ports[N_PORTS];
    port_t *by_role[N_ROLES];
    bool present;
} console;

static const char *const role_names[N_ROLES] = {"ingot.stdin", "ingot.stdout", "ingot.stderr"};

/* Section 5.3.2: port 0 has queues 0 and 1, the control queues are 2 and 3, port n >= 1 has 2n + 2
 * and 2n + 3. */
#define CTRL_RX_QUEUE 2u
#define PORT_RX_QUEUE(n) (uint16_t)(2 * (n) + 2)

/* ---- control ---- */

static status_t ctrl_offer(unsigned slot) {
    virtq_buf_t buf = {console.ctrl + slot * CTRL_BUFFER_LEN, CTRL_BUFFER_LEN, true};
    uint16_t head;
    status_t s = virtq_add(&console.ctrl_rx, &buf, 1, &head);
    if (s == STATUS_OK) {
        console.ctrl_slot_of[head] = (uint8_t)slot;
    }
    return s;
}

static status_t ctrl_send(uint32_t id, uint16_t event, uint16_t value) {
    ctrl_message_t *m = (void *)(console.ctrl + CTRL_BUFFERS * CTRL_BUFFER_LEN);
    *m = (ctrl_message_t){id, event, value};
    virtq_buf_t buf = {m, sizeof *m, false};
    uint16_t head;
    uint32_t len;
    status_t s = virtq_add(&console.ctrl_tx, &buf, 1, &head);
    if (s == STATUS_OK) {
        virtq_kick(&console.ctrl_tx);
        s = virtq_wait(&console.ctrl_tx, &head, &len, WAIT_FOREVER);
    }
    return s;
}

static void take_role(port_t *port, const uint8_t *name, size_t len) {
    while (len > 0 && name[len - 1] == 0) { /* QEMU counts a final NUL, other devices need not */
        len--;
    }
    for (int role = 0; role < N_ROLES; role++) {
        if (console.by_role[role] == NULL && strlen(role_names[role]) == len &&
            memcmp(role_names[role], name, len) == 0) {
            port->role = role;
            console.by_role[role] = port;
        }
    }
}

/* One message from the device; ports outside our range are none of our business. */
static status_t ctrl_handle(const uint8_t *bytes, uint32_t len) {
    ctrl_message_t m;
    if (len < sizeof m) {
        return virtio_break(&console.dev, "a control message is cut short");
    }
    memcpy(&m, bytes, sizeof m);
    if (m.id < FIRST_PORT || m.id > LAST_PORT) {
        return STATUS_OK;
    }
    port_t *port = &console.ports[m.id - FIRST_PORT];
    switch (m.event) {
    case CTRL_DEVICE_ADD:
        if (port->ready) {
            return STATUS_OK;
        }
        port->ready = true;
        return ctrl_send(m.id, CTRL_PORT_READY, 1);
    case CTRL_DEVICE_REMOVE:
        port->host_open = false;
        return STATUS_OK;
    case CTRL_PORT_OPEN:
        port->host_open = m.value != 0;
        return STATUS_OK;
    case CTRL_PORT_NAME:
        port->named = true;
        if (port->role == NO_ROLE) {
            take_role(port, bytes + sizeof m, len - sizeof m);
        }
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

/* Handles what has arrived; ERR_BUSY when that was nothing. */
static status_t ctrl_poll(void) {
    uint16_t head;
    uint32_t len;
    status_t s = virtq_poll(&console.ctrl_rx, &head, &len);
    if (s != STATUS_OK) {
        return s;
    }
    do {
        unsigned slot = console.ctrl_slot_of[head];
        uint8_t copy[CTRL_BUFFER_LEN];
        memcpy(copy, console.ctrl + slot * CTRL_BUFFER_LEN, len);
        s = ctrl_offer(slot);
        if (s != STATUS_OK) {
            return s;
        }
        s = ctrl_handle(copy, len);
        if (s != STATUS_OK) {
            return s;
        }
        s = virtq_poll(&console.ctrl_rx, &head, &len);
    } while (s == STATUS_OK);
    virtq_kick(&console.ctrl_rx);
    return s == ERR_BUSY ? STATUS_OK : s;
}

/* ---- ports ---- */

static port_t *port_of(stream_t *s) {
    return (port_t *)(void *)((uint8_t *)s - offsetof(port_t, stream));
}

static uint32_t port_id(const port_t *p) {
    return FIRST_PORT + (uint32_t)(p - console.ports);
}

/* Looks at the control queue; the device's failure is the port's. */
static status_t attend(void) {
    status_t s = ctrl_poll();
    return s == ERR_BUSY ? STATUS_OK : s == STATUS_OK ? STATUS_OK : ERR_IO;
}

static status_t in_offer(port_t *p, unsigned slot) {
    virtq_buf_t buf = {p->buffers + slot * p->buffer_len, p->buffer_len, true};
    uint16_t head;
    status_t s = virtq_add(&p->rx, &buf, 1, &head);
    if (s == STATUS_OK) {
        p->slot_of[head] = (int8_t)slot;
    }
    return s;
}

static status_t port_open(port_t *p) {
    bool in = p->role == PORT_IN;
    unsigned n = in ? IN_BUFFERS : OUT_BUFFERS;
    p->buffer_len = in ? IN_BUFFER_LEN : p->role == PORT_OUT ? 16384u : 1024u;
    void *memory;
    status_t s = dma_alloc((size_t)n * p->buffer_len, &memory);
    if (s != STATUS_OK) {
        return s;
    }
    p->buffers = memory;
    p->free_slots = (1u << n) - 1;
    p->current = -1;
    for (unsigned i = 0; in && i < n; i++) {
        s = in_offer(p, i);
        if (s != STATUS_OK) {
            return s;
        }
    }
    p->opened = true;
    /* Buffers first: what the host sends from now on has a place. */
    return ctrl_send(port_id(p), CTRL_PORT_OPEN, 1);
}

/* Makes p->current the buffer with the oldest unread bytes: ERR_BUSY when there is none yet,
 * ERR_NOT_FOUND at the end of the stream. */
static status_t in_advance(port_t *p) {
    if (p->current >= 0) {
        return STATUS_OK;
    }
    if (p->ended) {
        return ERR_NOT_FOUND;
    }
    uint16_t head;
    uint32_t len;
    status_t s = virtq_poll(&p->rx, &head, &len);
    if (s == ERR_BUSY) {
        s = attend();
        if (s != STATUS_OK) {
            return s;
        }
        /* Bytes that came before the host closed are in the ring by now. */
        s = virtq_poll(&p->rx, &head, &len);
        if (s == ERR_BUSY) {
            p->ended |= !p->host_open;
            return p->ended ? ERR_NOT_FOUND : ERR_BUSY;
        }
    }
    if (s != STATUS_OK) {
        return ERR_IO;
    }
    p->current = p->slot_of[head];
    p->at = 0;
    p->end = len;
    return STATUS_OK;
}

static status_t in_retire(port_t *p) {
    unsigned slot = (unsigned)p->current;
    p->current = -1;
    status_t s = in_offer(p, slot);
    virtq_kick(&p->rx);
    return s;
}

/* STATUS_OK: p->current holds unread bytes; else as in_advance. */
static status_t in_fill(port_t *p) {
    if (!p->opened) {
        status_t s = port_open(p);
        if (s != STATUS_OK) {
            return s;
        }
    }
    for (;;) {
        status_t s = in_advance(p);
        if (s != STATUS_OK || p->at < p->end) {
            return s;
        }
        s = in_retire(p);
        if (s != STATUS_OK) {
            return s;
        }
    }
}

static status_t in_read(stream_t *stream, void *buf, size_t len, size_t *got) {
    port_t *p = port_of(stream);
    size_t done = 0;
    status_t s = STATUS_OK;
    while (done < len && (s = in_fill(p)) == STATUS_OK) {
        size_t n = p->end - p->at;
        n = n < len - done ? n : len - done;
        memcpy((uint8_t *)buf + done, p->buffers + (size_t)p->current * p->buffer_len + p->at, n);
        p->at += (uint32_t)n;
        done += n;
    }
    if (done == 0 && s != STATUS_OK && s != ERR_NOT_FOUND) {
        return s;
    }
    *got = done;
    return STATUS_OK;
}

static status_t in_ready(stream_t *stream, size_t *n) {
    port_t *p = port_of(stream);
    status_t s = in_fill(p);
    if (s != STATUS_OK && s != ERR_NOT_FOUND) {
        return s;
    }
    *n = s == STATUS_OK ? p->end - p->at : 0;
    return STATUS_OK;
}

static status_t in_write(stream_t *stream, const void *buf, size_t len) {
    (void)stream;
    (void)buf;
    (void)len;
    return ERR_PERMISSION;
}

static status_t in_flush(stream_t *stream) {
    (void)stream;
    return STATUS_OK;
}

/* Takes back what the device has finished. */
static status_t out_reclaim(port_t *p) {
    uint16_t head;
    uint32_t len;
    status_t s;
    while ((s = virtq_poll(&p->tx, &head, &len)) == STATUS_OK) {
        p->free_slots |= 1u << p->slot_of[head];
    }
    return s == ERR_BUSY ? STATUS_OK : ERR_IO;
}

/* Waits until a buffer is free, or all of them are. */
static status_t out_wait(port_t *p, bool all) {
    const uint32_t every = (1u << OUT_BUFFERS) - 1;
    for (;;) {
        status_t s = out_reclaim(p);
        if (s == STATUS_OK) {
            s = attend();
        }
        if (s != STATUS_OK) {
            return s;
        }
        if (!p->host_open) {
            return ERR_IO;
        }
        if (all ? p->free_slots == every : p->free_slots != 0) {
            return STATUS_OK;
        }
        wait_for_interrupt(WAIT_FOREVER);
    }
}

static status_t out_write(stream_t *stream, const void *buf, size_t len) {
    port_t *p = port_of(stream);
    const uint8_t *from = buf;
    while (len > 0) {
        status_t s = p->opened ? STATUS_OK : port_open(p);
        if (s == STATUS_OK) {
            s = out_wait(p, false);
        }
        if (s != STATUS_OK) {
            return s;
        }
        unsigned slot = (unsigned)__builtin_ctz(p->free_slots);
        uint8_t *to = p->buffers + slot * p->buffer_len;
        uint32_t n = len < p->buffer_len ? (uint32_t)len : p->buffer_len;
        memcpy(to, from, n);
        uint16_t head;
        s = virtq_add(&p->tx, &(virtq_buf_t){to, n, false}, 1, &head);
        if (s != STATUS_OK) {
            return ERR_IO;
        }
        p->slot_of[head] = (int8_t)slot;
        p->free_slots &= ~(1u << slot);
        virtq_kick(&p->tx);
        from += n;
        len -= n;
    }
    return STATUS_OK;
}

static status_t out_flush(stream_t *stream) {
    port_t *p = port_of(stream);
    return p->opened ? out_wait(p, true) : STATUS_OK;
}

static status_t out_read(stream_t *stream, void *buf, size_t len, size_t *got) {
    (void)stream;
    (void)buf;
    (void)len;
    (void)got;
    return ERR_PERMISSION;
}

static const stream_t in_stream = {
    .read = in_read, .write = in_write, .flush = in_flush, .ready = in_ready};
static const stream_t out_stream = {.read = out_read, .write = out_write, .flush = out_flush};

/* ---- probe ---- */

static bool is_open(int role) {
    return console.by_role[role] != NULL && console.by_role[role]->host_open;
}

static bool all_open(void) {
    for (int role = 0; role < N_ROLES; role++) {
        if (!is_open(role)) {
            return false;
        }
    }
    return true;
}

/* Of every port that was added it is known whose it is and that the other side is there. */
static bool all_told(void) {
    for (unsigned i = 0; i < N_PORTS; i++) {
        const port_t *p = &console.ports[i];
        if (p->ready && !(p->named && p->host_open)) {
            return false;
        }
    }
    return true;
}

/* QEMU has answered a message when it gives its buffer back; another device gets a moment. A port
 * that is not open after it counts as closed. */
static status_t handshake(void) {
    status_t s = ctrl_send(0, CTRL_DEVICE_READY, 1);
    uint64_t deadline = 0;
    while (s == STATUS_OK && !all_open()) {
        s = ctrl_poll();
        if (s != ERR_BUSY) {
            continue;
        }
        /* Silence: whoever was going to speak has spoken when stdout is there. */
        if (is_open(PORT_OUT) && all_told()) {
            return STATUS_OK;
        }
        uint64_t now = monotonic_ns();
        if (deadline == 0) {
            deadline = now + HANDSHAKE_NS;
        } else if (now >= deadline) {
            return STATUS_OK;
        }
        wait_for_interrupt(deadline);
        s = STATUS_OK;
    }
    return s;
}

static status_t setup_queues(uint32_t max_ports) {
    status_t s = virtq_setup(&console.ctrl_rx, &console.dev, CTRL_RX_QUEUE, QUEUE_SIZE);
    if (s == STATUS_OK) {
        s = virtq_setup(&console.ctrl_tx, &console.dev, CTRL_RX_QUEUE + 1, QUEUE_SIZE);
    }
    for (uint32_t id = FIRST_PORT; s == STATUS_OK && id <= LAST_PORT && id < max_ports; id++) {
        port_t *p = &console.ports[id - FIRST_PORT];
        p->role = NO_ROLE;
        s = virtq_setup(&p->rx, &console.dev, PORT_RX_QUEUE(id), QUEUE_SIZE);
        if (s == STATUS_OK) {
            s = virtq_setup(&p->tx, &console.dev, PORT_RX_QUEUE(id) + 1, QUEUE_SIZE);
        }
    }
    return s;
}

static status_t probe(const virtio_slot_t *slot) {
    if (console.present) {
        return STATUS_OK; /* the first device has our ports */
    }
    status_t s = virtio_open(&console.dev, slot, 0, F_MULTIPORT);
    if (s != STATUS_OK || (console.dev.features & F_MULTIPORT) == 0) {
        return s;
    }
    uint32_t max_ports;
    s = virtio_config(&console.dev, CONFIG_MAX_NR_PORTS, &max_ports, sizeof max_ports);
    void *memory;
    if (s == STATUS_OK) {
        s = dma_alloc(CTRL_BUFFERS * CTRL_BUFFER_LEN + sizeof(ctrl_message_t), &memory);
    }
    if (s == STATUS_OK) {
        console.ctrl = memory;
        s = setup_queues(max_ports);
    }
    if (s == STATUS_OK) {
        s = virtio_start(&console.dev, slot);
    }
    for (unsigned i = 0; s == STATUS_OK && i < CTRL_BUFFERS; i++) {
        s = ctrl_offer(i);
    }
    if (s != STATUS_OK) {
        return s;
    }
    virtq_kick(&console.ctrl_rx);
    s = handshake();
    if (s != STATUS_OK) {
        return s;
    }
    for (int role = 0; role < N_ROLES; role++) {
        port_t *p = console.by_role[role];
        if (p != NULL) {
            console.present = true;
            p->stream = role == PORT_IN ? in_stream : out_stream;
        }
    }
    return STATUS_OK;
}

VIRTIO_DRIVER(virtio_console_driver) = {
    .name = "virtio-console",
    .id = VIRTIO_ID_CONSOLE,
    .probe = probe,
};

virtio_console_t virtio_console_streams(void) {
    ENTRY_USE(virtio_console_driver);
    stream_t *found[N_ROLES];
    for (int role = 0; role < N_ROLES; role++) {
        port_t *p = console.present ? console.by_role[role] : NULL;
        found[role] = p == NULL ? NULL : &p->stream;
    }
    return (virtio_console_t){found[PORT_IN], found[PORT_OUT], found[PORT_ERR]};
}
