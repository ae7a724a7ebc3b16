/* SPDX-License-Identifier: MIT */
/* What the firmware and the user told us: device tree, boot arguments, random seed. */
#include <string.h>

#include "kernel/boot/steps.h"
#include "kernel/core/bootargs.h"
#include "kernel/core/clock.h"
#include "kernel/core/log.h"
#include "kernel/core/log_levels.h"
#include "kernel/core/random.h"
#include "kernel/core/registry.h"
#include "kernel/wasm/module.h"
#include "mm/frame.h"

/* The first direct map holds at least this much behind the tree's start. */
#define FDT_MAX_BYTES (UINT64_C(2) << 20)
#define BOOTARGS_MAX_BYTES (UINT64_C(1) << 20)

/* Read before each function with a protector returns: set once, before any of them is entered
 * from the boot step that sets it. */
uintptr_t __stack_chk_guard;

void boot_read_device_tree(const hal_boot_info_t *boot, dt_facts_t *facts) {
    const char *why = "";
    if (!is_aligned(boot->fdt.raw, 8) || boot->fdt.raw >= HAL_DIRECT_MAP_SIZE) {
        refuse("the firmware's device tree address %016lx is not usable", boot->fdt.raw);
    }
    status_t s = dt_read(hal_phys_to_virt(boot->fdt), FDT_MAX_BYTES, facts, &why);
    if (s != STATUS_OK) {
        refuse("device tree: %s: %s", why, status_text(s));
    }
    clock_set_timebase(facts->timebase_hz);
}

/* A malformed word is told later, when there is a stderr to tell it on. */
static const char *bad_word, *why_bad;

/* bootargs_parse works in place and keeps pointers, so the text gets frames of its own. */
static char *keep(const char *text) {
    size_t len = strlen(text) + 1;
    unsigned order = 0;
    while ((PAGE_SIZE << order) < len) {
        order++;
    }
    paddr_t at;
    if (len > BOOTARGS_MAX_BYTES || frame_alloc(order, &at) != STATUS_OK) {
        refuse("no memory for %lu bytes of boot arguments", len);
    }
    return memcpy(hal_phys_to_virt(at), text, len);
}

static uint64_t number_option(const char *key, uint64_t fallback) {
    const char *text = bootargs_option(key);
    uint64_t value = fallback;
    if (text != NULL && !parse_u64(text, &value)) {
        refuse("boot argument ingot.%s: \"%s\" is not a number", key, text);
    }
    return value;
}

static bool has_service(const char *name) {
    const service_t *const *s = wasm_image.services;
    while (s != NULL && *s != NULL && strcmp((*s)->name, name) != 0) {
        s++;
    }
    return s != NULL && *s != NULL;
}

void boot_check_arguments(void) {
    if (bad_word != NULL) {
        refuse("boot argument \"%s\": %s", bad_word, why_bad);
    }
    /* Options that only a service answers to, which the image may have been made without. */
    static const char *const needs[][2] = {
        {"strace", "strace"}, {"timeout", "timer"}, {"profile", "timer"}, {"log", "log"}};
    for (unsigned i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (bootargs_option(needs[i][0]) != NULL && !has_service(needs[i][1])) {
            refuse("boot argument ingot.%s: this image was made without it", needs[i][0]);
        }
    }
}

void boot_read_arguments(const dt_facts_t *facts, boot_options_t *options) {
    const char *text =
        facts->bootargs != NULL && *facts->bootargs != 0 ? facts->bootargs : wasm_image.boot_args;
    bad_word = why_bad = NULL;
    if (text != NULL) {
        bootargs_parse(keep(text), &bad_word, &why_bad);
    }
    if (!bootargs.has_args) {
        bootargs.args = wasm_image.args;
        bootargs.n_args = wasm_image.n_args;
    }
    if (!bootargs.has_env) {
        bootargs.env = wasm_image.env;
        bootargs.n_env = wasm_image.n_env;
    }
#ifdef INGOT_LOG
    log_levels_choose();
#endif
    LOG(LOG_INFO, boot, "boot arguments of the %s: %u for the module, %u variables",
        facts->bootargs != NULL && *facts->bootargs != 0 ? "device tree" : "image",
        (unsigned)bootargs.n_args, (unsigned)bootargs.n_env);
    LOG(LOG_INFO, boot, "%lu KiB of memory are free", frame_free_count() * (PAGE_SIZE / 1024));
    const char *mmu = bootargs_option("mmu");
    if (mmu != NULL && strcmp(mmu, "sv39") != 0) {
        refuse("boot argument ingot.mmu: \"%s\" is not sv39", mmu);
    }
    *options = (boot_options_t){
        .sv39_only = mmu != NULL,
        .seed = number_option("seed", 0),
        .seed_given = bootargs_option("seed") != NULL,
        .stack_bytes = number_option("stack", 0),
        .print_map = bootargs_option("map") != NULL,
        .print_timeline = bootargs_option("boot") != NULL,
    };
}

/* Without the protector: this is the function in which the canary changes. */
__attribute__((no_stack_protector)) void boot_seed_random(const dt_facts_t *facts,
                                                          boot_options_t *options) {
    if (facts->rng_seed != NULL) {
        random_seed(facts->rng_seed, facts->rng_seed_len);
    }
    uint64_t layout[3] = {options->seed, ~options->seed, ~options->seed * 3};
    if (!options->seed_given && random_bytes(layout, sizeof layout) != STATUS_OK) {
        LOG(LOG_WARN, boot, "no /chosen/rng-seed: the layout is not random");
        layout[0] = 0;
        layout[1] = layout[2] = hal_phys_to_virt(PADDR(0)) != NULL;
    }
    options->seed = layout[0];
    /* A zero byte stops string functions from writing a copied canary. */
    __stack_chk_guard = layout[1] << 8;
    options->user_canary = layout[2] << 8;
}
