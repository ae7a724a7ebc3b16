/* SPDX-License-Identifier: MIT */
#include "tests/guest/ktap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/cpu.h"
#include "kernel/core/stream.h"
#include "kernel/core/vmap.h"
#include "mm/frame.h"
#include "mm/heap.h"

#define LINE_MAX_BYTES 512

static jmp_buf failed;

static void print_v(const char *before, const char *format, va_list args) {
    char line[LINE_MAX_BYTES];
    int n = vsnprintf(line, sizeof line, format, args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    stream_stdout->write(stream_stdout, before, strlen(before));
    stream_stdout->write(stream_stdout, line, len);
}

void ktap_print(const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_v("", format, args);
    va_end(args);
}

void ktap_note(const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_v("    # ", format, args);
    va_end(args);
    ktap_print("\n");
}

_Noreturn void ktap_fail(const char *file, int line, const char *format, ...) {
    ktap_print("    # %s:%d: ", file, line);
    va_list args;
    va_start(args, format);
    print_v("", format, args);
    va_end(args);
    ktap_print("\n");
    longjmp(failed, 1);
}

/* ---- Baselines ---- */

/* Tables that a range takes, at every level, as long as no other region shares them. */
static uint64_t tables_of(uint64_t start, uint64_t len) {
    uint64_t tables = 0;
    for (unsigned shift = 21; len > 0 && shift <= 39; shift += 9) {
        tables += ((start + len - 1) >> shift) - (start >> shift) + 1;
    }
    return tables;
}

static const region_t *region_named(const char *name, region_kind_t kind) {
    uint64_t at = 0;
    for (const region_t *r; (r = aspace_next(&kernel_aspace, VADDR(at))) != NULL;) {
        if (r->kind == kind && r->name != NULL && strcmp(r->name, name) == 0) {
            return r;
        }
        at = r->start.raw + r->len;
        if (at == 0) {
            break;
        }
    }
    return NULL;
}

uint64_t ktap_free_frames(void) {
    const region_t *stack = aspace_find(&kernel_aspace, VADDR(hal_stack_pointer()));
    const region_t *heap = region_named("heap", REGION_ZERO);
    return frame_free_count() + stack->committed + heap_stats().free_pages +
           (heap == NULL ? 0 : tables_of(heap->start.raw, heap->len));
}

typedef struct baseline {
    uint64_t frames, promised, blocks, bytes, regions;
} baseline_t;

static baseline_t measure(void) {
    const region_t *stack = aspace_find(&kernel_aspace, VADDR(hal_stack_pointer()));
    heap_stats_t heap = heap_stats();
    return (baseline_t){
        .frames = ktap_free_frames(),
        .promised = frame_promised_count() + stack->committed,
        .blocks = heap.live_blocks,
        .bytes = heap.live_bytes,
        .regions = kernel_aspace.regions,
    };
}

static void compare(const char *what, uint64_t before, uint64_t after) {
    if (before != after) {
        FAIL("%s: %lu before the test, %lu after it", what, before, after);
    }
}

static void check_baseline(const baseline_t *before) {
    baseline_t after = measure();
    compare("regions", before->regions, after.regions);
    compare("heap blocks", before->blocks, after.blocks);
    compare("heap bytes", before->bytes, after.bytes);
    compare("promised frames", before->promised, after.promised);
    compare("free frames", before->frames, after.frames);
}

/* ---- Running ---- */

static bool run_test(const guest_test_t *test) {
    static baseline_t before; /* static: keeps its value over the longjmp */
    before = measure();
    if (setjmp(failed) != 0) {
        return false;
    }
    test->run();
    check_baseline(&before);
    return true;
}

static bool run_group(const guest_group_t *group) {
    bool all = true;
    ktap_print("    KTAP version 1\n    # Subtest: %s\n    1..%u\n", group->name, group->count);
    for (unsigned i = 0; i < group->count; i++) {
        bool ok = run_test(&group->tests[i]);
        ktap_print("    %s %u %s\n", ok ? "ok" : "not ok", i + 1, group->tests[i].name);
        all = all && ok;
    }
    return all;
}

bool ktap_run(const guest_group_t *const *groups, unsigned count) {
    bool all = true;
    ktap_print("KTAP version 1\n1..%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        bool ok = run_group(groups[i]);
        ktap_print("%s %u %s\n", ok ? "ok" : "not ok", i + 1, groups[i]->name);
        all = all && ok;
    }
    return all;
}
