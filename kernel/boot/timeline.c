/* SPDX-License-Identifier: MIT */
/* Where the instructions of the boot go. */
#include "hal/cpu.h"
#include "hal/user.h"
#include "kernel/boot/steps.h"
#include "kernel/core/log.h"
#include "kernel/debug/symbols.h"

#define MAX_MARKS 16u

static struct {
    const void *step; /* NULL: from the entry on */
    uint64_t at;
} marks[MAX_MARKS];
static unsigned n_marks;

void boot_mark_from(uint64_t instructions_at_entry) {
    marks[0].at = instructions_at_entry;
    n_marks = 1;
    boot_mark(NULL);
}

void boot_mark(const void *step) {
    if (n_marks < MAX_MARKS) {
        marks[n_marks].step = step;
        marks[n_marks++].at = hal_instructions_retired();
    }
}

static void print_step(const void *step) {
    symbol_t symbol;
    if (step == NULL) {
        console_printf("entry and first page tables");
    } else if (symbols_find((uintptr_t)step, &symbol)) {
        symbols_write(symbol.name, console_print_n);
    } else {
        console_printf("%p", step);
    }
}

void boot_print_timeline(void) {
    bool was = hal_user_access(true);
    console_printf("ingot: boot: %10lu instructions by the firmware\n", marks[0].at);
    for (unsigned i = 1; i < n_marks; i++) {
        console_printf("ingot: boot: %10lu ", marks[i].at - marks[i - 1].at);
        print_step(marks[i].step);
        console_printf("\n");
    }
    console_printf("ingot: boot: %10lu in all since kernel entry\n",
                   marks[n_marks - 1].at - marks[0].at);
    hal_user_access(was);
}
