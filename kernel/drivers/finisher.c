/* SPDX-License-Identifier: MIT */
/* Source: QEMU's hw/misc/sifive_test.c and SiFive's FE310 test device: one 32-bit register, low
 * half the verdict, high half the code. */
#include "kernel/core/finisher.h"

#include "kernel/core/device.h"
#include "kernel/core/registry.h"
#include "kernel/drivers/mmio.h"

#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u
/* The emulator stops the hart at its next look; this is far longer. */
#define LOOKS 1000000000u

static void *finisher;

static status_t probe(const dt_device_t *dev) {
    if (dev->reg.len < sizeof(uint32_t)) {
        return ERR_CORRUPT;
    }
    return device_map(dev->reg, "finisher", &finisher);
}

static const char *const compatible[] = {"sifive,test1", "sifive,test0", NULL};

DRIVER(finisher_driver) = {.name = "finisher", .compatible = compatible, .probe = probe};

status_t finisher_exit(int code) {
    ENTRY_USE(finisher_driver);
    if (finisher == NULL) {
        return ERR_NOT_FOUND;
    }
    mmio_barrier();
    uint32_t value = code == 0 ? FINISHER_PASS : ((uint32_t)code & 0xffffu) << 16 | FINISHER_FAIL;
    mmio_write32(finisher, 0, value);
    for (unsigned i = 0; i < LOOKS; i++) {
        __asm__ volatile("");
    }
    return ERR_TIMEOUT;
}
