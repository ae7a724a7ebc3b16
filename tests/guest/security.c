/* SPDX-License-Identifier: MIT */
/* One negative test for each security promise: what must not work does not. */
#include <string.h>

#include "hal/boot.h"
#include "hal/user.h"
#include "kernel/core/exit.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/module.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "tests/guest/code.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

static const volatile uint32_t constant[4] = {1, 2, 3, 4};
static code_t data_code = CODE_RETURNING(1);

/* ---- Writing ---- */

static void write_text(void) {
    uint8_t *text = (uint8_t *)(uintptr_t)machine_exit, before = *text;
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, text);
    CHECK_EQ(*text, before);
}

static void write_rodata(void) {
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, &constant[1]);
    CHECK_EQ(constant[1], 2);
}

static void *direct(const void *p) {
    return hal_phys_to_virt(hal_virt_to_phys(p));
}

static void write_text_through_direct_map(void) {
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, direct((void *)(uintptr_t)machine_exit));
}

static void write_rodata_through_direct_map(void) {
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, direct((const void *)&constant[1]));
}

/* ---- Executing ---- */

/* What can be read as code must not run. */
static void check_not_executable(void *at) {
    CHECK_EQ(*(const volatile uint32_t *)at, CODE_RETURNING(1).words[0]);
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, at);
}

static void execute_rodata(void) {
    static const code_t code = CODE_RETURNING(1);
    check_not_executable((void *)(uintptr_t)&code);
}

static void execute_data(void) {
    check_not_executable(&data_code);
}

static void execute_bss(void) {
    static code_t code;
    code = data_code;
    check_not_executable(&code);
}

static void execute_stack(void) {
    volatile code_t code;
    code.words[0] = data_code.words[0];
    code.words[1] = data_code.words[1];
    check_not_executable((void *)(uintptr_t)&code);
}

static void execute_heap(void) {
    static const size_t sizes[] = {sizeof(code_t), 8 * PAGE_SIZE, 2 * HEAP_RUN_MAX};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        code_t *code = heap_alloc(sizes[i]);
        CHECK(code != NULL);
        *code = data_code;
        check_not_executable(code);
        heap_free(code);
    }
}

static void execute_linear_memory(void) {
    wasm_memory_t *memory = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 1, false, 65536});
    memcpy(memory->bytes + 64, &data_code, sizeof data_code);
    check_not_executable(memory->bytes + 64);
    CHECK_USER_FAULTS(HAL_TRAP_FETCH_FAULT, user_jump, memory->user.raw + 64);
    wasm_memory_free(memory);
}

static void execute_direct_map(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc(0, &frame));
    code_t *code = hal_phys_to_virt(frame);
    *code = data_code;
    check_not_executable(code);
    frame_free(frame, 0);
}

static void execute_device_tree(void) {
    const region_t *r = NULL;
    for (uint64_t at = 0; (r = aspace_next(&kernel_aspace, VADDR(at))) != NULL;
         at = r->start.raw + r->len) {
        if (r->name != NULL && strcmp(r->name, "device tree") == 0) {
            break;
        }
    }
    CHECK(r != NULL);
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, r->start.raw);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write, r->start.raw);
}

/* ---- Null ---- */

static const uint64_t near_null[] = {0, 1, 8, 0x7ff, 0x1000, VMAP_LOWEST - 1};
#define NEAR_NULL_COUNT (sizeof near_null / sizeof *near_null)

static void null_read(void) {
    for (unsigned i = 0; i < NEAR_NULL_COUNT; i++) {
        CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, near_null[i]);
    }
}

static void null_write(void) {
    for (unsigned i = 0; i < NEAR_NULL_COUNT; i++) {
        CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, near_null[i]);
    }
}

static void null_execute(void) {
    for (unsigned i = 0; i < NEAR_NULL_COUNT; i++) {
        /* A jump clears the lowest bit of its target. */
        CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, near_null[i] & ~UINT64_C(1));
    }
}

static void null_cannot_be_mapped(void) {
    aspace_t *as = &kernel_aspace;
    for (unsigned i = 0; i < 64; i++) {
        mmap_t m;
        CHECK_OK(mmap_new_zeroed(
            as, &(mmap_opts_t){.len = PAGE_SIZE, .perms = HAL_PERMS_RW, .name = "anywhere"}, &m));
        CHECK(mmap_range(&m).start.raw >= VMAP_LOWEST);
        mmap_drop(&m);
    }
}

/* ---- W^X ---- */

static void perms_refuse_write_and_execute(void) {
    for (unsigned bits = 0; bits < 256; bits++) {
        hal_perms_t p;
        status_t s = hal_perms_make(bits, &p);
        if ((bits & HAL_W) && (bits & HAL_X)) {
            CHECK_EQ(s, ERR_PERMISSION);
        } else if (s == STATUS_OK) {
            CHECK_EQ(p.bits, bits);
        }
    }
}

/* Even where somebody made such permissions by hand. */
static void mappings_refuse_write_and_execute(void) {
    const hal_perms_t wx = {HAL_R | HAL_W | HAL_X};
    mmap_opts_t opts = {.len = 2 * PAGE_SIZE, .perms = wx, .name = "w^x"};
    mmap_t m;
    CHECK_STATUS(mmap_new_zeroed(&kernel_aspace, &opts, &m), ERR_PERMISSION);
    CHECK_STATUS(mmap_new_wired(&kernel_aspace, &opts, true, &m), ERR_PERMISSION);
    opts.perms = HAL_PERMS_RW;
    CHECK_OK(mmap_new_zeroed(&kernel_aspace, &opts, &m));
    vrange_t r = mmap_range(&m);
    CHECK_STATUS(aspace_protect(&kernel_aspace, r, wx), ERR_PERMISSION);
    CHECK_STATUS(mmap_protect(&m, 0, PAGE_SIZE, wx), ERR_PERMISSION);
    CHECK_NO_FAULT(touch_write, r.start.raw); /* still as it was */
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, r.start.raw);
    mmap_drop(&m);
}

static void devices_refuse_execute(void) {
    paddr_t frame;
    CHECK_OK(frame_alloc(0, &frame));
    mmap_opts_t opts = {.len = PAGE_SIZE, .perms = HAL_PERMS_RX, .name = "device"};
    mmap_t m;
    CHECK_STATUS(mmap_new_phys(&kernel_aspace, frame, HAL_MEM_DEVICE, &opts, &m), ERR_PERMISSION);
    opts.perms = HAL_PERMS_RW;
    CHECK_OK(mmap_new_phys(&kernel_aspace, frame, HAL_MEM_DEVICE, &opts, &m));
    CHECK_STATUS(mmap_make_executable(&m, 0, PAGE_SIZE), ERR_PERMISSION);
    mmap_drop(&m);
    frame_free(frame, 0);
}

/* ---- User level ---- */

static const wasm_instance_t low_instance = {.name = "low", .low_memory = true};

/* A module's memory at address 0 is nothing to the kernel. */
static void null_faults_beside_the_low_memory(void) {
    wasm_memory_t *m =
        wasm_memory_new(&low_instance, &(wasm_memory_type_t){1, 65536, false, 65536});
    user_access_t store = {.at = 0, .value = 7, .bytes = 1, .store = true};
    wasm_trap_t trap;
    CHECK_EQ(m->user.raw, 0);
    CHECK(user_try_access(&store, &trap));
    CHECK_EQ(m->bytes[0], 7);
    null_read();
    null_write();
    null_execute();
    CHECK_EQ(m->bytes[0], 7);
    CHECK_USER_FAULTS(HAL_TRAP_FETCH_FAULT, user_jump, 0);
    wasm_memory_free(m);
}

static void module_reaches_no_kernel_page(void) {
    uint8_t *block = heap_alloc(16);
    uint64_t local = 1;
    const void *const places[] = {&data_code, (void *)(uintptr_t)&constant,    block,
                                  &local,     (void *)(uintptr_t)machine_exit, direct(&data_code)};
    *block = 1;
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        CHECK_USER_FAULTS(HAL_TRAP_LOAD_FAULT, user_load, places[i]);
        CHECK_USER_FAULTS(HAL_TRAP_STORE_FAULT, user_store, places[i]);
        CHECK_USER_FAULTS(HAL_TRAP_FETCH_FAULT, user_jump, places[i]);
    }
    CHECK_EQ(*block, 1);
    CHECK_EQ(local, 1);
    heap_free(block);
}

static void module_cannot_change_itself(void) {
    CHECK_USER_FAULTS(HAL_TRAP_STORE_FAULT, user_store, user_add_one);
    CHECK_USER_FAULTS(HAL_TRAP_FETCH_FAULT, user_jump, &user_access);
}

static void module_has_no_privilege(void) {
    CHECK_USER_FAULTS(HAL_TRAP_ILLEGAL, user_read_sstatus, 0);
    CHECK_USER_FAULTS(HAL_TRAP_ILLEGAL, user_write_satp, 0);
    CHECK_USER_FAULTS(HAL_TRAP_ILLEGAL, user_write_stvec, 0);
}

static void kernel_reaches_no_module_page(void) {
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, &user_access);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, &user_access);
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, user_add_one);
    CHECK(!hal_user_access(true)); /* it was off */
    CHECK_NO_FAULT(touch_read, &user_access);
    CHECK_FAULTS(HAL_TRAP_FETCH_FAULT, touch_execute, user_add_one);
    CHECK(hal_user_access(false));
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, &user_access);
}

/* What runs first finds nothing of the kernel's in its registers. */
static void registers_are_clean(void) {
    wasm_trap_t trap;
    uint64_t all = 1;
    CHECK(user_call(user_registers, 0, &all, &trap));
    CHECK_EQ(all, 0);
}

static const guest_test_t security_tests[] = {
    {"write to kernel text faults", write_text},
    {"write to kernel rodata faults", write_rodata},
    {"text has no writable alias in the direct map", write_text_through_direct_map},
    {"rodata has no writable alias in the direct map", write_rodata_through_direct_map},
    {"execute rodata faults", execute_rodata},
    {"execute data faults", execute_data},
    {"execute bss faults", execute_bss},
    {"execute stack faults", execute_stack},
    {"execute heap faults", execute_heap},
    {"execute linear memory faults", execute_linear_memory},
    {"execute direct map faults", execute_direct_map},
    {"execute or write the device tree faults", execute_device_tree},
    {"null read faults", null_read},
    {"null write faults", null_write},
    {"null execute faults", null_execute},
    {"null is never given out", null_cannot_be_mapped},
    {"permissions with W and X cannot be made", perms_refuse_write_and_execute},
    {"mappings with W and X cannot be made", mappings_refuse_write_and_execute},
    {"device windows cannot be made executable", devices_refuse_execute},
    {"null faults beside a memory at address 0", null_faults_beside_the_low_memory},
    {"a module reaches no page of the kernel", module_reaches_no_kernel_page},
    {"a module cannot write its code, or execute its data", module_cannot_change_itself},
    {"a module has no privileged instruction", module_has_no_privilege},
    {"the kernel reaches no page of a module by accident", kernel_reaches_no_module_page},
    {"a module starts with clean registers", registers_are_clean},
};
GUEST_GROUP(security, "security");
