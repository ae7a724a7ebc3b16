/* SPDX-License-Identifier: MIT */
/* Where the instructions of the boot go. */
#include "hal/cpu.h"
#include "kernel/boot/steps.h"
#include "kernel/core/log.h"

#define MAX_MARKS 16u

static struct {
    const char *step;
    uint64_t at;
} marks[MAX_MARKS];
static unsigned n_marks;

void boot_mark_from(uint64_t instructions_at_entry) {
    marks[0].step = "kernel entry";
    marks[0].at = instructions_at_entry;
    n_marks = 1;
    boot_mark("entry and first page tables");
}

void boot_mark(const char *step) {
    if (n_marks < MAX_MARKS) {
        marks[n_marks].step = step;
        marks[n_marks++].at = hal_instructions_retired();
    }
}

void boot_print_timeline(void) {
    console_printf("ingot: boot: %10lu instructions by the firmware\n", marks[0].at);
    for (unsigned i = 1; i < n_marks; i++) {
        console_printf("ingot: boot: %10lu %s\n", marks[i].at - marks[i - 1].at, marks[i].step);
    }
    console_printf("ingot: boot: %10lu in all since kernel entry\n",
                   marks[n_marks - 1].at - marks[0].at);
}
