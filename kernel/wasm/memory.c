/* SPDX-License-Identifier: MIT */
/*
 * Linear memories: one Mmap each, reserved once and for all, so that growing copies nothing and no
 * pointer into a memory ever changes.
 */
#include "kernel/wasm/memory.h"

#include <stdio.h>
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/initial.h"
#include "kernel/wasm/stack.h"
#include "kernel/wasm/trap.h"
#include "mm/heap.h"
#include "mm/mmap.h"

#define WASM_PAGE 65536u

/* A 32-bit address plus a 32-bit static offset reaches this far; the widest access is 16 bytes,
 * which the guard behind the reservation catches. */
#define REACH_32 (UINT64_C(8) << 30)
#define GUARD UINT64_C(65536)

/* Translated code gives some addresses by their distance from one that it accessed before, at most
 * 32 KiB (toolchain/mend/address.c). That is exact only where the last 64 KiB of the 4 GiB are
 * never accessible, and what is just below the memory is a guard. */
#define MOST_PAGES_32 65535u

/* Accesses to 64-bit memories, and to memories with other page sizes, are checked in the code, so
 * their reservation only limits how far they can grow. */
#define RESERVE_CHECKED (UINT64_C(16) << 30)

struct wasm_memory {
    mmap_t map;
    uint64_t limit; /* ingot.memory: it grows to no more bytes */
    char name[64];  /* of its region: linear memory `MODULE` */
    const wasm_rt_memory_t *memory;
    struct wasm_memory *next;
};

static struct wasm_memory *memories;

static bool bytes_of(uint64_t pages, uint32_t page_size, uint64_t *out) {
    return !__builtin_mul_overflow(pages, (uint64_t)page_size, out);
}

static void name_region(struct wasm_memory *owner, const wasm_instance_t *instance) {
    if (instance == NULL) {
        strcpy(owner->name, "linear memory");
    } else {
        snprintf(owner->name, sizeof owner->name, "linear memory `%s`", instance->name);
    }
}

/* An instance makes its memories in their order. */
static status_t fill(struct wasm_memory *owner, const wasm_instance_t *instance) {
    if (instance == NULL || instance->initial == NULL) {
        return STATUS_OK;
    }
    uint32_t made = 0;
    for (const struct wasm_memory *m = memories; m != NULL; m = m->next) {
        made += wasm_instance_of(m->memory) == instance;
    }
    return instance->initial->map(instance->initial, made, &owner->map);
}

static uint64_t memory_limit(void) {
    const char *text = bootargs_option("memory");
    uint64_t limit = UINT64_MAX;
    if (text != NULL && !parse_u64(text, &limit)) {
        refuse("boot argument ingot.memory: \"%s\" is not a number", text);
    }
    return limit;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages,
                             bool is64, uint32_t page_size) {
    wasm_host_entry();
    uint64_t size = 0, limit = UINT64_MAX;
    bool checked = is64 || page_size != WASM_PAGE;
    uint64_t reserve = checked ? RESERVE_CHECKED : REACH_32;
    bool fits = bytes_of(initial_pages, page_size, &size) && size <= reserve &&
                (checked || initial_pages <= MOST_PAGES_32);
    if (!checked && max_pages > MOST_PAGES_32) {
        max_pages = MOST_PAGES_32;
    }
    if (checked && bytes_of(max_pages, page_size, &limit) && limit < reserve) {
        reserve = limit;
    }
    const wasm_instance_t *instance = wasm_instance_of(memory);
    struct wasm_memory *owner = heap_zalloc(sizeof *owner);
    if (owner != NULL) {
        name_region(owner, instance);
        owner->limit = memory_limit();
        if (size > owner->limit) {
            refuse("a linear memory of %lu bytes is more than the %lu that --max-memory allows",
                   size, owner->limit);
        }
    }
    status_t s = owner == NULL || !fits ? ERR_NO_MEMORY
                                        : mmap_new_zeroed(&kernel_aspace,
                                                          &(mmap_opts_t){
                                                              .len = size,
                                                              .capacity = reserve + GUARD,
                                                              .guard_before = GUARD,
                                                              .align = WASM_PAGE,
                                                              .perms = HAL_PERMS_RW,
                                                              .name = owner->name,
                                                          },
                                                          &owner->map);
    if (s == STATUS_OK) {
        s = fill(owner, instance);
    }
    if (s != STATUS_OK) {
        refuse("cannot back a linear memory of %lu bytes (%lu pages of %u): %s; "
               "give the machine more memory (--mem)",
               size, initial_pages, page_size, status_text(s));
    }
    uint8_t *data = mmap_as_mut_ptr(&owner->map);
    *memory = (wasm_rt_memory_t){
        .data = data,
        .data_end = data + size,
        .page_size = page_size,
        .pages = initial_pages,
        .max_pages = max_pages,
        .size = size,
        .is64 = is64,
        .owner = owner,
    };
    LOG(LOG_DEBUG, wasm, "%s: %lu pages of %u, 0x%lx bytes at 0x%lx", owner->name, initial_pages,
        (unsigned)page_size, size, vaddr_of(data).raw);
    owner->memory = memory;
    owner->next = memories;
    memories = owner;
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages) {
    uint64_t old = memory->pages, total, size;
    uint64_t failed = memory->is64 ? UINT64_MAX : UINT32_MAX;
    if (pages == 0) {
        return old;
    }
    wasm_host_entry();
    if (__builtin_add_overflow(old, pages, &total) || total > memory->max_pages ||
        !bytes_of(total, memory->page_size, &size) ||
        size > mmap_capacity(&memory->owner->map) - GUARD || size > memory->owner->limit ||
        mmap_grow(&memory->owner->map, size) != STATUS_OK) {
        LOG(LOG_DEBUG, wasm, "%s: memory.grow by %lu from %lu pages fails", memory->owner->name,
            pages, old);
        return failed;
    }
    LOG(LOG_DEBUG, wasm, "%s: memory.grow by %lu from %lu pages", memory->owner->name, pages, old);
    memory->pages = total;
    memory->size = size;
    memory->data_end = memory->data + size;
    return old;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
    struct wasm_memory *owner = memory->owner;
    for (struct wasm_memory **p = &memories; *p != NULL; p = &(*p)->next) {
        if (*p == owner) {
            *p = owner->next;
            break;
        }
    }
    mmap_drop(&owner->map);
    heap_free(owner);
    *memory = (wasm_rt_memory_t){0};
}

const wasm_rt_memory_t *wasm_memory_at(vaddr_t v) {
    for (const struct wasm_memory *m = memories; m != NULL; m = m->next) {
        uint64_t start = vaddr_of(m->memory->data).raw;
        if (v.raw >= start - GUARD && v.raw - (start - GUARD) < mmap_capacity(&m->map) + GUARD) {
            return m->memory;
        }
    }
    return NULL;
}
