/* SPDX-License-Identifier: MIT */
/*
 * Drivers and services are const descriptors in their own linker section. The linker keeps a
 * descriptor only where live code refers to it (ENTRY_USE), so what no module imports, directly or
 * not, is not in the image and costs nothing at boot.
 */
#ifndef INGOT_KERNEL_CORE_REGISTRY_H
#define INGOT_KERNEL_CORE_REGISTRY_H

#include <stdbool.h>

#include "hal/status.h"
#include "kernel/core/dt.h"

/* A driver: probed once per device-tree node whose `compatible` matches. A node goes to one driver,
 * by its most specific name, and to every onlooker. */
typedef struct driver {
    const char *name;
    const char *const *compatible; /* NULL-terminated */
    status_t (*probe)(const dt_device_t *dev);
    bool onlooker; /* does not take the device: probed beside the driver that does */
} driver_t;

/* A service: started at boot, after all drivers were probed, in ascending `order`. */
typedef struct service {
    const char *name;
    unsigned order;
    status_t (*start)(void); /* anything but STATUS_OK ends the boot with a clear message */
} service_t;

#define DRIVER(ident) const driver_t ident __attribute__((section("ingot_drivers"), used))
#define SERVICE(ident) const service_t ident __attribute__((section("ingot_services"), used))

/* Put this in a function that cannot work without the driver or service. Costs no instruction. */
#define ENTRY_USE(ident) __asm__ volatile("" ::"X"(&(ident)))

#endif
