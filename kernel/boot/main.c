/* SPDX-License-Identifier: MIT */
/*
 * The boot, one step a line. Everything that this image does not need is not done.
 */
#include <string.h>

#include "hal/boot.h"
#include "hal/cpu.h"
#include "hal/trap.h"
#include "kernel/boot/steps.h"
#include "kernel/core/bootargs.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/module.h"
#include "kernel/wasm/trap.h"
#include "mm/heap.h"

#define STEP(function, ...) (function(__VA_ARGS__), boot_mark((const void *)(function)))

__attribute__((no_stack_protector)) _Noreturn void kernel_main(const hal_boot_info_t *boot) {
    dt_facts_t facts;
    boot_options_t options;

    boot_mark_from(boot->entry_instructions);
    STEP(boot_read_device_tree, boot, &facts);      /* memory, reservations, /chosen, devices */
    STEP(boot_init_frames, boot, &facts);           /* from here on, frames can be allocated */
    STEP(boot_read_arguments, &facts, &options);    /* /chosen/bootargs, or the baked-in ones */
    STEP(boot_seed_random, &facts, &options);       /* layout seed and stack canary */
    STEP(boot_init_tables, boot, &facts, &options); /* final page tables: W^X, regions, placement */
    STEP(wasm_fault_init);                          /* page faults: demand zero, traps, panics */
    STEP(boot_init_heap, &options);                 /* heap_alloc works */
    STEP(boot_start_devices, boot); /* drivers that are linked in, found in the tree */
    STEP(boot_choose_streams);      /* stdin, stdout, stderr */
    STEP(boot_check_arguments);     /* what was wrong with them is told on stderr */
    STEP(boot_start_services);      /* file systems and the like, if linked in */

    STEP(boot_module_stack, &options); /* of user level: with its guard, at a random place */
    STEP(boot_report, &options);       /* ingot.map, ingot.boot */
    wasm_image.run();                  /* instantiate, run, exit */
    hal_halt();
}
