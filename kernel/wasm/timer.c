/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/timer.h"

#include <stdio.h>
#include <string.h>

#include "hal/boot.h"
#include "hal/cpu.h"
#include "hal/user.h"
#include "kernel/core/bootargs.h"
#include "kernel/core/exit.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/core/wait.h"
#include "kernel/wasm/trap.h"
#include "kernel/wasm/unwind.h"
#include "mm/mmap.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
/* When the kernel was interrupted, the module is looked for again after this. */
#define RETRY_NS NS_PER_MS
#define MOST_SAMPLES_PER_S 10000u

/* Samples: for each, the number of its addresses and the addresses, as offsets in the image. */
#define SAMPLES_BYTES (UINT64_C(4) << 20)

static uint64_t deadline = WAIT_FOREVER, timeout_ms;
static uint64_t period, next_sample = WAIT_FOREVER;
static mmap_t buffer;
static uint32_t *samples;
static uint64_t n_words, lost;

static uint64_t earliest(void) {
    return deadline < next_sample ? deadline : next_sample;
}

static void rearm(void) {
    timer_interrupt_at(earliest());
}

/* ---- time-out ---- */

static void stop_module(hal_trap_t *t) {
    if (hal_trap_from_user(t) &&
        wasm_unwind_from(t, &(wasm_trap_t){.kind = WASM_RT_TRAP_TIMEOUT, .offset = timeout_ms})) {
        deadline = next_sample = WAIT_FOREVER;
        return;
    }
    deadline = monotonic_ns() + RETRY_NS;
}

/* The module waits in a host call, from which there is no way back into it. */
static void check_waiting(void) {
    if (monotonic_ns() >= deadline && wasm_innermost_call() != NULL) {
        deadline = next_sample = WAIT_FOREVER;
        wasm_raise(&(wasm_trap_t){.kind = WASM_RT_TRAP_TIMEOUT, .offset = timeout_ms});
    }
}

/* ---- samples ---- */

static void sample(const hal_trap_t *t) {
    static backtrace_t b;
    hal_frame_t frame;
    hal_frame_of_trap(t, &frame);
    backtrace_take(&b, &frame);
    if ((n_words + 1 + b.n) * sizeof *samples > SAMPLES_BYTES) {
        lost++;
        return;
    }
    samples[n_words++] = b.n;
    for (uint32_t i = 0; i < b.n; i++) {
        samples[n_words++] = (uint32_t)(b.pcs[i] - HAL_KERNEL_BASE);
    }
}

/* Folded stacks: outermost first, semicolons between; a line for each sample on the console. */
static void print_sample(const uint32_t *s) {
    bool any = false;
    console_printf("ingot: profile: ");
    for (uint32_t i = s[0]; i > 0; i--) {
        symbol_t symbol;
        symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1];
        uint64_t pc = HAL_KERNEL_BASE + s[i];
        unsigned n = symbols_find(pc, &symbol) ? symbols_chain(&symbol, pc, frames) : 0;
        while (n > 0) {
            if (symbols_kind(frames[--n].name) != SYMBOL_KERNEL) {
                console_print_n(";", any);
                symbols_write(frames[n].name, console_print_n);
                any = true;
            }
        }
    }
    console_printf(any ? "\n" : "(kernel)\n");
}

static void print_samples(void) {
    deadline = next_sample = WAIT_FOREVER;
    rearm();
    hal_user_access(true); /* for the names */
    for (uint64_t i = 0; i < n_words; i += 1 + samples[i]) {
        print_sample(&samples[i]);
    }
    if (lost > 0) {
        console_printf("ingot: profile lost: %lu\n", lost);
    }
}

/* ---- the interrupt ---- */

static bool on_timer(hal_trap_t *t) {
    uint64_t now = monotonic_ns();
    if (now >= next_sample) {
        sample(t);
        next_sample = monotonic_ns() + period;
    }
    if (now >= deadline) {
        stop_module(t);
    }
    rearm();
    return true;
}

static uint64_t option(const char *key, uint64_t most) {
    const char *text = bootargs_option(key);
    uint64_t value;
    if (text == NULL) {
        return 0;
    }
    if (!parse_u64(text, &value) || value == 0 || value > most) {
        refuse("boot argument ingot.%s: \"%s\" is not a number from 1 to %lu", key, text, most);
    }
    return value;
}

static status_t start(void) {
    timeout_ms = option("timeout", UINT32_MAX);
    uint64_t rate = option("profile", MOST_SAMPLES_PER_S);
    if (rate > 0) {
        status_t s = mmap_new_zeroed(
            &kernel_aspace,
            &(mmap_opts_t){.len = SAMPLES_BYTES, .perms = HAL_PERMS_RW, .name = "profile"},
            &buffer);
        if (s == STATUS_OK) {
            /* The interrupt must not fault. */
            s = mmap_commit(&buffer, 0, SAMPLES_BYTES, ACCESS_WRITE);
        }
        if (s != STATUS_OK) {
            return s;
        }
        samples = mmap_as_mut_ptr(&buffer);
        period = NS_PER_S / rate;
        next_sample = monotonic_ns() + period;
        machine_at_exit(print_samples);
    }
    if (timeout_ms > 0) {
        deadline = monotonic_ns() + timeout_ms * NS_PER_MS;
    }
    if (earliest() != WAIT_FOREVER) {
        wasm_set_timer_handler(on_timer);
        wait_set_hooks(earliest, check_waiting, rearm);
        rearm();
        hal_take_interrupts(true);
    }
    return STATUS_OK;
}

SERVICE(timer_service) = {.name = "timer", .order = 91, .start = start};
