/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/virtio_9p.h"

#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/core/wait.h"
#include "kernel/drivers/virtio.h"

#define F_MOUNT_TAG UINT64_C(1)
#define MAX_DEVICES 8u
#define TAG_MAX 63u
#define MESSAGE_LEN 65536u

typedef struct channel {
    p9_transport_t transport;
    virtio_device_t dev;
    virtio_slot_t slot;
    virtq_t queue;
    char tag[TAG_MAX + 1];
} channel_t;

static channel_t channels[MAX_DEVICES];
static unsigned n_channels;

/* Configuration: le16 tag_len, then the tag. */
static status_t read_tag(channel_t *ch) {
    uint16_t len;
    status_t s = virtio_config(&ch->dev, 0, &len, sizeof len);
    if (s != STATUS_OK) {
        return s;
    }
    if (len == 0 || len > TAG_MAX) {
        LOG(LOG_WARN, drivers, "9p: mount tag of %u bytes, expected 1 to %u", (unsigned)len,
            TAG_MAX);
        return ERR_UNSUPPORTED;
    }
    char text[TAG_MAX + 1] = {0};
    s = virtio_config(&ch->dev, sizeof len, text, len);
    if (s == STATUS_OK) {
        memcpy(ch->tag, text, sizeof text);
    }
    return s;
}

/* Only the tag is read here; the device is started by who mounts it. */
static status_t probe(const virtio_slot_t *slot) {
    if (n_channels == MAX_DEVICES) {
        LOG(LOG_WARN, drivers, "9p: more than %u devices; %s is left out", MAX_DEVICES, slot->path);
        return STATUS_OK;
    }
    channel_t *ch = &channels[n_channels];
    ch->slot = *slot;
    status_t s = virtio_open(&ch->dev, slot, F_MOUNT_TAG, 0);
    if (s == STATUS_OK) {
        s = read_tag(ch);
    }
    if (s == STATUS_OK) {
        n_channels++;
    }
    return s;
}

VIRTIO_DRIVER(virtio_9p_driver) = {.name = "virtio-9p", .id = VIRTIO_ID_9P, .probe = probe};

static status_t exchange(p9_transport_t *t, uint32_t len, uint32_t *reply_len) {
    channel_t *ch = (channel_t *)(void *)((uint8_t *)t - offsetof(channel_t, transport));
    const virtq_buf_t bufs[] = {{t->request, len, false}, {t->reply, t->capacity, true}};
    uint16_t head;
    status_t s = virtq_add(&ch->queue, bufs, 2, &head);
    if (s != STATUS_OK) {
        return s;
    }
    virtq_kick(&ch->queue);
    return virtq_wait(&ch->queue, &head, reply_len, WAIT_FOREVER);
}

static status_t start(channel_t *ch) {
    void *request, *reply;
    status_t s = dma_alloc(MESSAGE_LEN, &request);
    if (s == STATUS_OK) {
        s = dma_alloc(MESSAGE_LEN, &reply);
    }
    if (s == STATUS_OK) {
        s = virtq_setup(&ch->queue, &ch->dev, 0, 2);
    }
    if (s == STATUS_OK) {
        s = virtio_start(&ch->dev, &ch->slot);
    }
    if (s == STATUS_OK) {
        ch->transport = (p9_transport_t){exchange, request, reply, MESSAGE_LEN};
    }
    return s;
}

status_t virtio_9p_open(const char *tag, p9_transport_t **out) {
    ENTRY_USE(virtio_9p_driver);
    for (unsigned i = 0; i < n_channels; i++) {
        channel_t *ch = &channels[i];
        if (strcmp(ch->tag, tag) == 0) {
            status_t s = start(ch);
            if (s == STATUS_OK) {
                *out = &ch->transport;
            }
            return s;
        }
    }
    return ERR_NOT_FOUND;
}
