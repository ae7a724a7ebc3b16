/* SPDX-License-Identifier: MIT */
#include "kernel/drivers/virtio.h"

#include <string.h>

#include "kernel/core/device.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/virtio_mmio.h"

extern const virtio_driver_t __start_ingot_virtio_drivers[], __stop_ingot_virtio_drivers[];

/* A device that has not finished its reset after this many looks never will. */
#define RESET_LOOKS 100000u
/* Config space that changes more often than this while being read is not sane. */
#define CONFIG_TRIES 100u

static status_t probe_slot(const dt_device_t *node) {
    if (node->reg.len < VIRTIO_MMIO_CONFIG) {
        LOG(LOG_ERROR, drivers, "virtio: %s: register window of %u bytes, expected at least %u",
            node->path, (unsigned)node->reg.len, (unsigned)VIRTIO_MMIO_CONFIG);
        return ERR_CORRUPT;
    }
    virtio_slot_t slot = {.regs_len = node->reg.len, .irq = node->irq, .path = node->path};
    status_t s = device_map(node->reg, "virtio", &slot.regs);
    if (s != STATUS_OK) {
        return s;
    }
    uint32_t magic = mmio_read32(slot.regs, VIRTIO_MMIO_MAGIC);
    uint32_t version = mmio_read32(slot.regs, VIRTIO_MMIO_VERSION);
    if (magic != VIRTIO_MMIO_MAGIC_VALUE || version < 1 || version > 2) {
        LOG(LOG_ERROR, drivers, "virtio: %s: magic %x version %u, expected %x version 1 or 2",
            node->path, (unsigned)magic, (unsigned)version, VIRTIO_MMIO_MAGIC_VALUE);
        return ERR_CORRUPT;
    }
    slot.modern = version == 2;
    slot.id = mmio_read32(slot.regs, VIRTIO_MMIO_DEVICE_ID);
    if (slot.id == 0) { /* an empty slot */
        return STATUS_OK;
    }
    LOG(LOG_DEBUG, drivers, "virtio: %s: device %u, %s interface", node->path, (unsigned)slot.id,
        slot.modern ? "modern" : "legacy");
    const virtio_driver_t *d = __start_ingot_virtio_drivers;
    for (; d < __stop_ingot_virtio_drivers; d++) {
        if (d->id == slot.id) {
            s = d->probe(&slot);
            LOG(LOG_INFO, drivers, "virtio: %s: %s: %s", node->path, d->name, status_text(s));
            if (s != STATUS_OK) {
                LOG(LOG_ERROR, drivers, "virtio: %s: %s: %s", node->path, d->name, status_text(s));
            }
            return s;
        }
    }
    return STATUS_OK; /* a device that this image has no use for */
}

static const char *const virtio_compatible[] = {"virtio,mmio", NULL};

DRIVER(virtio_mmio_driver) = {
    .name = "virtio-mmio",
    .compatible = virtio_compatible,
    .probe = probe_slot,
};

static void add_status(virtio_device_t *dev, uint32_t bits) {
    uint32_t status = mmio_read32(dev->regs, VIRTIO_MMIO_STATUS);
    mmio_write32(dev->regs, VIRTIO_MMIO_STATUS, status | bits);
}

static uint64_t device_features(virtio_device_t *dev) {
    mmio_write32(dev->regs, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    uint64_t features = mmio_read32(dev->regs, VIRTIO_MMIO_DEVICE_FEATURES);
    if (dev->modern) {
        mmio_write32(dev->regs, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
        features |= (uint64_t)mmio_read32(dev->regs, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
    }
    return features;
}

static status_t reset(virtio_device_t *dev) {
    mmio_write32(dev->regs, VIRTIO_MMIO_STATUS, 0);
    for (unsigned i = 0; i < RESET_LOOKS; i++) {
        if (mmio_read32(dev->regs, VIRTIO_MMIO_STATUS) == 0) {
            return STATUS_OK;
        }
    }
    return ERR_IO;
}

status_t virtio_open(virtio_device_t *dev, const virtio_slot_t *slot, uint64_t required,
                     uint64_t wanted) {
    ENTRY_USE(virtio_mmio_driver);
    *dev =
        (virtio_device_t){.regs = slot->regs, .regs_len = slot->regs_len, .modern = slot->modern};
    if (slot->modern) {
        required |= VIRTIO_F_VERSION_1;
    }
    status_t s = reset(dev);
    if (s != STATUS_OK) {
        return s;
    }
    add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE);
    add_status(dev, VIRTIO_STATUS_DRIVER);
    uint64_t offered = device_features(dev);
    if ((offered & required) != required) {
        add_status(dev, VIRTIO_STATUS_FAILED);
        return ERR_UNSUPPORTED;
    }
    dev->features = offered & (required | wanted);
    LOG(LOG_DEBUG, drivers, "virtio: %s: features 0x%lx of 0x%lx", slot->path, dev->features,
        offered);
    mmio_write32(dev->regs, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
    mmio_write32(dev->regs, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)dev->features);
    if (!dev->modern) {
        mmio_write32(dev->regs, VIRTIO_MMIO_GUEST_PAGE_SIZE, (uint32_t)PAGE_SIZE);
        return STATUS_OK;
    }
    mmio_write32(dev->regs, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
    mmio_write32(dev->regs, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(dev->features >> 32));
    add_status(dev, VIRTIO_STATUS_FEATURES_OK);
    if ((mmio_read32(dev->regs, VIRTIO_MMIO_STATUS) & VIRTIO_STATUS_FEATURES_OK) == 0) {
        add_status(dev, VIRTIO_STATUS_FAILED);
        return ERR_IO;
    }
    return STATUS_OK;
}

/* The line stays high until the device is told that its reasons were seen. */
static void quiet(void *arg) {
    virtio_device_t *dev = arg;
    uint32_t why = mmio_read32(dev->regs, VIRTIO_MMIO_INTERRUPT_STATUS);
    if (why != 0) {
        mmio_write32(dev->regs, VIRTIO_MMIO_INTERRUPT_ACK, why);
    }
}

status_t virtio_start(virtio_device_t *dev, const virtio_slot_t *slot) {
    if (slot->irq != 0) {
        status_t s = irq_enable(slot->irq, quiet, dev);
        if (s != STATUS_OK) {
            return s;
        }
    }
    add_status(dev, VIRTIO_STATUS_DRIVER_OK);
    return STATUS_OK;
}

/* Section 4.2.2.2: fields are read in their own width; every virtio field is 1, 2, 4 or 8 bytes,
 * and QEMU answers byte reads of all of them, so bytes serve for strings and numbers alike. The
 * generation tells whether the bytes belong together; the legacy interface has none, so two equal
 * readings stand for it (section 2.5.4). */
static void config_bytes(virtio_device_t *dev, size_t offset, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        out[i] = mmio_read8(dev->regs, VIRTIO_MMIO_CONFIG + offset + i);
    }
}

static bool config_stable(virtio_device_t *dev, size_t offset, uint8_t *out, size_t len) {
    if (dev->modern) {
        uint32_t before = mmio_read32(dev->regs, VIRTIO_MMIO_CONFIG_GENERATION);
        config_bytes(dev, offset, out, len);
        return mmio_read32(dev->regs, VIRTIO_MMIO_CONFIG_GENERATION) == before;
    }
    config_bytes(dev, offset, out, len);
    bool same = true;
    for (size_t i = 0; i < len; i++) {
        same &= mmio_read8(dev->regs, VIRTIO_MMIO_CONFIG + offset + i) == out[i];
    }
    return same;
}

status_t virtio_config(virtio_device_t *dev, size_t offset, void *out, size_t len) {
    uint64_t room = dev->regs_len - VIRTIO_MMIO_CONFIG;
    if (offset > room || len > room - offset) {
        return ERR_RANGE;
    }
    uint8_t copy[256];
    if (len > sizeof copy) {
        return ERR_RANGE;
    }
    for (unsigned i = 0; i < CONFIG_TRIES; i++) {
        if (config_stable(dev, offset, copy, len)) {
            memcpy(out, copy, len);
            return STATUS_OK;
        }
    }
    return virtio_break(dev, "its configuration never holds still");
}

status_t virtio_break(virtio_device_t *dev, const char *why) {
    if (!dev->broken) {
        dev->broken = true;
        LOG(LOG_ERROR, drivers, "virtio: device stopped: %s", why);
        /* Reset, so that it writes into our memory no more. */
        (void)reset(dev);
        add_status(dev, VIRTIO_STATUS_FAILED);
    }
    return ERR_CORRUPT;
}
