/* SPDX-License-Identifier: MIT */
/*
 * The steps of the boot, in the order of main.c. A step that fails for a reason of the user's
 * (device tree, boot arguments, too little memory) refuses with a message; none returns an error.
 */
#ifndef INGOT_KERNEL_BOOT_STEPS_H
#define INGOT_KERNEL_BOOT_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/boot.h"
#include "kernel/core/dt.h"

typedef struct boot_options {
    bool sv39_only;
    uint64_t seed; /* of the layout; random unless ingot.seed was given */
    bool seed_given;
    uint64_t user_canary;
    uint64_t stack_bytes; /* 0: by the size of the machine */
    bool print_map, print_timeline;
} boot_options_t;

/* The timeline (ingot.boot=timeline): how many instructions each step took. */
void boot_mark_from(uint64_t instructions_at_entry);
void boot_mark(const void *step); /* the function, by whose name it is told */
void boot_print_timeline(void);

void boot_read_device_tree(const hal_boot_info_t *boot, dt_facts_t *facts);
void boot_init_frames(const hal_boot_info_t *boot, const dt_facts_t *facts);
void boot_read_arguments(const dt_facts_t *facts, boot_options_t *options);
void boot_seed_random(const dt_facts_t *facts, boot_options_t *options);
void boot_init_tables(const hal_boot_info_t *boot, const dt_facts_t *facts,
                      const boot_options_t *options);
void boot_init_heap(const boot_options_t *options);
void boot_start_devices(const hal_boot_info_t *boot);
void boot_choose_streams(void);
void boot_check_arguments(void);
void boot_start_services(void);
void boot_module_stack(const boot_options_t *options);
void boot_report(const boot_options_t *options);

#endif
