/* SPDX-License-Identifier: MIT */
/* Devices, the streams the module gets, services, and the report before it starts. */
#include <string.h>

#include "kernel/boot/steps.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/core/stream.h"
#include "kernel/core/vmap.h"
#include "kernel/drivers/console.h"
#include "kernel/wasm/user.h"
#include "mm/frame.h"
#include "mm/heap.h"

extern const service_t __start_ingot_services[], __stop_ingot_services[];

#define STACK_MIN (UINT64_C(64) << 10)
#define STACK_SMALL_MACHINE (UINT64_C(256) << 10)
#define STACK_LARGE_MACHINE (UINT64_C(8) << 20)
#define STACK_MAX (UINT64_C(1) << 30)

void boot_init_frames(const hal_boot_info_t *boot, const dt_facts_t *facts) {
    status_t s = vmap_init_frames(boot, facts);
    if (s != STATUS_OK) {
        refuse("cannot use the memory that the device tree describes: %s", status_text(s));
    }
}

void boot_init_tables(const hal_boot_info_t *boot, const dt_facts_t *facts,
                      const boot_options_t *options) {
    status_t s = vmap_init_tables(boot, facts, facts->sv48 && !options->sv39_only, options->seed);
    if (s != STATUS_OK) {
        refuse("cannot build the address space: %s", status_text(s));
    }
    LOG(LOG_INFO, boot, "address space: %s, places %s",
        facts->sv48 && !options->sv39_only ? "Sv48" : "Sv39",
        options->seed == 0 ? "fixed" : "random");
}

void boot_init_heap(const boot_options_t *options) {
    status_t s = heap_init(&kernel_aspace, options->seed);
    if (s != STATUS_OK) {
        refuse("cannot set up the kernel heap: %s", status_text(s));
    }
}

void boot_start_devices(const hal_boot_info_t *boot) {
    irq_set_hart(boot->boot_hart);
    dt_probe_devices();
}

void boot_choose_streams(void) {
    console_choose_streams();
}

void boot_start_services(void) {
    /* Few, so a selection by order is enough. */
    unsigned last = 0;
    for (;;) {
        const service_t *next = NULL;
        for (const service_t *s = __start_ingot_services; s < __stop_ingot_services; s++) {
            if (s->order > last && (next == NULL || s->order < next->order)) {
                next = s;
            }
        }
        if (next == NULL) {
            return;
        }
        last = next->order;
        LOG(LOG_DEBUG, boot, "starting the service `%s`", next->name);
        status_t s = next->start();
        if (s != STATUS_OK) {
            refuse("cannot start %s: %s", next->name, status_text(s));
        }
    }
}

void boot_module_stack(const boot_options_t *options) {
    uint64_t len = options->stack_bytes, top;
    if (len == 0) {
        len = frame_total_count() * PAGE_SIZE / 16;
        len = len < STACK_SMALL_MACHINE   ? STACK_SMALL_MACHINE
              : len > STACK_LARGE_MACHINE ? STACK_LARGE_MACHINE
                                          : len;
    }
    if (len < STACK_MIN || len > STACK_MAX) {
        refuse("boot argument ingot.stack: %lu is not between %lu and %lu bytes", len, STACK_MIN,
               STACK_MAX);
    }
    status_t s = vmap_stack_new(len, "stack `main`", &top);
    if (s != STATUS_OK) {
        refuse("cannot back a stack of %lu bytes: %s; give the machine more memory (--mem) or ask "
               "for a smaller stack (ingot.stack)",
               len, status_text(s));
    }
    LOG(LOG_INFO, boot, "stack of %lu KiB up to 0x%lx", len / 1024, top);
    wasm_user_init(top, options->user_canary);
}

void boot_report(const boot_options_t *options) {
    if (options->print_map) {
        vmap_print();
    }
    if (options->print_timeline) {
        boot_print_timeline();
    }
}
