/* SPDX-License-Identifier: MIT */
/* Source: Android goldfish virtual hardware specification, "Goldfish timer". */
#include "kernel/core/device.h"
#include "kernel/core/registry.h"
#include "kernel/drivers/mmio.h"
#include "kernel/drivers/rtc.h"

enum { REG_TIME_LOW = 0x00, REG_TIME_HIGH = 0x04, REGS_LEN = 0x08 };

static prange_t found;

/* Mapped at first use: most modules never ask for the date. */
static status_t probe(const dt_device_t *dev) {
    if (dev->reg.len < REGS_LEN) {
        return ERR_CORRUPT;
    }
    found = dev->reg;
    return STATUS_OK;
}

static const char *const compatible[] = {"google,goldfish-rtc", NULL};

DRIVER(goldfish_rtc_driver) = {.name = "goldfish-rtc", .compatible = compatible, .probe = probe};

status_t rtc_read_ns(uint64_t *out) {
    ENTRY_USE(goldfish_rtc_driver);
    static void *regs;
    if (found.len == 0) {
        return ERR_NOT_FOUND;
    }
    if (regs == NULL) {
        void *window;
        status_t s = device_map(found, "rtc", &window);
        if (s != STATUS_OK) {
            return s;
        }
        regs = window;
    }
    /* Reading the low half latches the high one. */
    uint32_t low = mmio_read32(regs, REG_TIME_LOW);
    uint32_t high = mmio_read32(regs, REG_TIME_HIGH);
    *out = (uint64_t)high << 32 | low;
    return STATUS_OK;
}
