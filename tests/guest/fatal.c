/* SPDX-License-Identifier: MIT */
/*
 * What must end in a panic: one a boot. tests/guest/fatal.list holds the message that each must
 * print on the console.
 */
#include <string.h>

#include "hal/boot.h"
#include "hal/trap.h"
#include "kernel/core/exit.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/user.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/code.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

/* The compiler must not know where these point. */
static void *volatile hidden;

static void smash(uint8_t *buffer, size_t len) {
    hidden = buffer;
    memset(hidden, 0x41, len);
}

__attribute__((noinline)) static void canary(void) {
    uint8_t buffer[32];
    smash(buffer, sizeof buffer + 16);
}

static void write_text(void) {
    touch_write((void *)(uintptr_t)machine_exit);
}

static void write_rodata(void) {
    static const uint32_t constant = 5;
    touch_write((void *)(uintptr_t)&constant);
}

static void execute_data(void) {
    static code_t code = CODE_RETURNING(0);
    touch_execute(&code);
}

static void null_write(void) {
    touch_write_blind((void *)8);
}

static void null_execute(void) {
    touch_execute(NULL);
}

/* The kernel's own access beyond the end: no trap of the module's. */
static void linear_memory(void) {
    wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 2, false, 65536});
    touch_read(memory->bytes + 0x1000c);
}

static volatile bool stop;

__attribute__((noinline)) static unsigned descend(volatile unsigned *depth) {
    volatile uint8_t local[512];
    local[0] = (uint8_t)*depth;
    return stop ? 0 : descend(depth) + local[0];
}

/* The kernel's stacks end at a page that is not mapped. */
static void boot_stack_guard(void) {
    volatile unsigned depth = 1;
    descend(&depth);
}

static bool descend_in_handler(hal_trap_t *t) {
    (void)t;
    boot_stack_guard();
    return true;
}

static void trap_stack_guard(void) {
    hal_trap_set_handler(descend_in_handler);
    touch_read((void *)0x20);
}

static bool fault_in_handler(hal_trap_t *t) {
    (void)t;
    touch_read((void *)0x40);
    return true;
}

static void nested(void) {
    hal_trap_set_handler(fault_in_handler);
    touch_read((void *)0x20);
}

/* A fault while the address space is being changed: told, not waited for. */
static void fault_while_locked(void) {
    hal_lock_take(&kernel_aspace.lock);
    touch_read((void *)0x40);
}

static void illegal(void) {
    __asm__ volatile("unimp");
}

static void frame_double_free(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc(0, &frame));
    frame_free(frame, 0);
    frame_free(frame, 0);
}

static void batch_leak(void) {
    mmap_t m;
    CHECK_OK(mmap_new_zeroed(
        &kernel_aspace, &(mmap_opts_t){.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "batch"},
        &m));
    BATCH_SCOPE(scope, &kernel_aspace);
    mmap_drop(&m);
}

static void heap_double_free(void) {
    hidden = heap_alloc(40);
    heap_free(hidden);
    heap_free(hidden);
}

static void heap_overrun(void) {
    uint8_t *volatile block = heap_alloc(40);
    block[40] = 1;
    heap_free(block);
}

static void heap_underrun(void) {
    uint8_t *volatile block = heap_alloc(40);
    block[-1] ^= 1;
    heap_free(block);
}

static void heap_wild_free(void) {
    uint8_t *volatile block = heap_alloc(8 * PAGE_SIZE);
    heap_free(block + 2 * PAGE_SIZE);
}

/* ---- What no module does that was translated as it should be ---- */

static void run_user(user_fn_t fn, uint64_t arg) {
    wasm_trap_t trap;
    user_call(fn, arg, NULL, &trap);
}

static void exception_too_large(void) {
    run_user(user_values_too_large, 0);
}

static void trap_outside_wasm(void) {
    call_trap(WASM_RT_TRAP_UNREACHABLE);
}

static void module_reads_kernel(void) {
    run_user(user_load, (uintptr_t)&kernel_aspace);
}

static void module_writes_text(void) {
    run_user(user_store, (uintptr_t)user_store);
}

static void module_executes_kernel(void) {
    run_user(user_jump, (uintptr_t)machine_exit);
}

static void module_smashes_stack(void) {
    run_user(user_smash, 48);
}

static void module_calls_unknown(void) {
    run_user(user_call_unknown, 12345);
}

/* The message of such a trap is the kernel's to give. */
static void module_forges_trap(void) {
    run_user(user_raise, WASM_RT_TRAP_HOST);
}

static void kernel_reads_module(void) {
    touch_read(&user_access);
}

static void kernel_executes_module(void) {
    touch_execute((void *)(uintptr_t)user_add_one);
}

static const struct {
    const char *name;
    void (*run)(void);
} fatal_tests[] = {
    {"canary", canary},
    {"write-text", write_text},
    {"write-rodata", write_rodata},
    {"execute-data", execute_data},
    {"null-write", null_write},
    {"null-execute", null_execute},
    {"linear-memory", linear_memory},
    {"boot-stack-guard", boot_stack_guard},
    {"trap-stack-guard", trap_stack_guard},
    {"nested", nested},
    {"fault-while-locked", fault_while_locked},
    {"illegal", illegal},
    {"frame-double-free", frame_double_free},
    {"batch-leak", batch_leak},
    {"heap-double-free", heap_double_free},
    {"heap-overrun", heap_overrun},
    {"heap-underrun", heap_underrun},
    {"heap-wild-free", heap_wild_free},
    {"exception-too-large", exception_too_large},
    {"trap-outside-wasm", trap_outside_wasm},
    {"module-reads-kernel", module_reads_kernel},
    {"module-writes-text", module_writes_text},
    {"module-forges-trap", module_forges_trap},
    {"module-executes-kernel", module_executes_kernel},
    {"module-smashes-stack", module_smashes_stack},
    {"module-calls-unknown", module_calls_unknown},
    {"kernel-reads-module", kernel_reads_module},
    {"kernel-executes-module", kernel_executes_module},
};

bool fatal_run(const char *name) {
    for (unsigned i = 0; i < sizeof fatal_tests / sizeof *fatal_tests; i++) {
        if (strcmp(fatal_tests[i].name, name) == 0) {
            fatal_tests[i].run();
            return true;
        }
    }
    return false;
}
