/* SPDX-License-Identifier: MIT */
/*
 * Linear memories: for each an Mmap of user level and a view of it for the kernel, both reserved
 * once and for all, so that growing copies nothing and no pointer into a memory ever changes.
 */
#include "kernel/wasm/memory.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernel/core/bootargs.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "kernel/wasm/initial.h"
#include "kernel/wasm/run.h"
#include "kernel/wasm/user.h"
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

/* Code of the low memory extends addresses by their sign: those above 2 GiB come out below 0. */
#define MOST_PAGES_LOW 32767u
#define BELOW_LOW (UINT64_C(2) << 30)

/* Accesses to 64-bit memories, and to memories with other page sizes, are checked in the code, so
 * their reservation only limits how far they can grow. */
#define RESERVE_CHECKED (UINT64_C(16) << 30)

typedef struct memory {
    wasm_memory_t memory;
    mmap_t map, view;
    uint64_t pages, max_pages, page_size;
    uint64_t seen;  /* how far the view can grow */
    uint64_t limit; /* ingot.memory: it grows to no more bytes */
    char name[64];  /* of its region: linear memory `MODULE` */
    struct memory *next;
} memory_t;

static memory_t *memories;
static uint64_t last_handle;

static memory_t *owner_of(const wasm_memory_t *memory) {
    return (memory_t *)((char *)(uintptr_t)memory - offsetof(memory_t, memory));
}

static bool bytes_of(uint64_t pages, uint64_t page_size, uint64_t *out) {
    return !__builtin_mul_overflow(pages, page_size, out);
}

static void name_region(memory_t *m) {
    if (m->memory.instance == NULL) {
        strcpy(m->name, "linear memory");
    } else {
        snprintf(m->name, sizeof m->name, "linear memory `%s`", m->memory.instance->name);
    }
}

static uint64_t memory_limit(void) {
    const char *text = bootargs_option("memory");
    uint64_t limit = UINT64_MAX;
    if (text != NULL && !parse_u64(text, &limit)) {
        refuse("boot argument ingot.memory: \"%s\" is not a number", text);
    }
    return limit;
}

/* How many memories the instance has made: it makes them in their order. */
static uint32_t count_made(const wasm_instance_t *instance) {
    uint32_t made = 0;
    for (const memory_t *m = memories; m != NULL; m = m->next) {
        made += m->memory.instance == instance;
    }
    return made;
}

/* Whoever exports it as "memory" is known by the host functions to have it. */
static void tell_callers(wasm_memory_t *memory, uint32_t index) {
    for (uint32_t i = 0; i < wasm_image.n_instances; i++) {
        const wasm_instance_t *instance = wasm_image.instances[i];
        if (instance->memory_of == memory->instance && instance->memory_index == index) {
            instance->caller->memory = memory;
        }
    }
}

/* What the module uses. */
static status_t make_user(memory_t *m, bool low, uint64_t reserve) {
    const wasm_instance_t *instance = m->memory.instance;
    status_t s = mmap_new_zeroed(&kernel_aspace,
                                 &(mmap_opts_t){
                                     .len = m->memory.size,
                                     .capacity = reserve + GUARD,
                                     .guard_before = low ? 0 : GUARD,
                                     .align = WASM_PAGE,
                                     .fixed = low,
                                     .at = VADDR(0),
                                     .perms = HAL_PERMS_USER_RW,
                                     .name = m->name,
                                 },
                                 &m->map);
    if (s == STATUS_OK && instance != NULL && instance->initial != NULL) {
        s = instance->initial->map(instance->initial, count_made(instance), &m->map);
    }
    m->memory.user = mmap_range(&m->map).start;
    return s;
}

/* What the kernel sees of it; nothing of an empty memory. */
static status_t make_view(memory_t *m, uint64_t size) {
    status_t s = STATUS_OK;
    if (size > 0) {
        s = mmap_new_view(
            &kernel_aspace, m->memory.user,
            &(mmap_opts_t){
                .len = size,
                .capacity = m->seen,
                .align = WASM_PAGE, /* so that the same pages are filled together in both */
                .perms = HAL_PERMS_RW,
                .name = m->name,
            },
            &m->view);
    }
    if (s == STATUS_OK && size > 0) {
        m->memory.bytes = mmap_as_mut_ptr(&m->view);
    }
    return s;
}

wasm_memory_t *wasm_memory_new(const wasm_instance_t *instance, const wasm_memory_type_t *type) {
    uint64_t size = 0, seen;
    bool checked = type->is64 || type->page_size != WASM_PAGE;
    bool low = instance != NULL && instance->low_memory;
    uint64_t most = checked ? UINT64_MAX : low ? MOST_PAGES_LOW : MOST_PAGES_32;
    uint64_t max_pages = type->max_pages < most ? type->max_pages : most;
    uint64_t reserve = checked ? RESERVE_CHECKED : REACH_32;
    bool fits =
        bytes_of(type->pages, type->page_size, &size) && size <= reserve && type->pages <= most;
    if (!bytes_of(max_pages, type->page_size, &seen) || seen > reserve) {
        seen = reserve;
    }
    if (checked) {
        reserve = seen;
    }
    if (!fits) {
        refuse("a linear memory of %lu pages of %u is more than the kernel has addresses for",
               type->pages, (unsigned)type->page_size);
    }
    memory_t *m = heap_zalloc(sizeof *m);
    status_t s = m == NULL ? ERR_NO_MEMORY : STATUS_OK;
    if (m != NULL) {
        static uint8_t nothing[1];
        m->memory = (wasm_memory_t){.bytes = nothing, .size = size, .instance = instance};
        m->pages = type->pages;
        m->max_pages = max_pages;
        m->page_size = type->page_size;
        m->seen = seen;
        m->limit = memory_limit();
        name_region(m);
        if (size > m->limit) {
            refuse("a linear memory of %lu bytes is more than the %lu that --max-memory allows",
                   size, m->limit);
        }
    }
    if (s == STATUS_OK) {
        s = make_user(m, low, reserve);
    }
    if (s == STATUS_OK) {
        s = make_view(m, size);
    }
    if (s != STATUS_OK) {
        refuse("cannot back a linear memory of %lu bytes (%lu pages of %u): %s; "
               "give the machine more memory (--mem)",
               size, type->pages, (unsigned)type->page_size, status_text(s));
    }
    LOG(LOG_DEBUG, wasm, "%s: %lu pages of %u, 0x%lx bytes at 0x%lx", m->name, type->pages,
        (unsigned)type->page_size, size, m->memory.user.raw);
    m->memory.handle = ++last_handle;
    if (instance != NULL) {
        tell_callers(&m->memory, count_made(instance));
    }
    m->next = memories;
    memories = m;
    return &m->memory;
}

/* Both mappings, or none. */
static bool grow_to(memory_t *m, uint64_t size) {
    uint64_t old = m->memory.size;
    if (mmap_grow(&m->map, size) != STATUS_OK) {
        return false;
    }
    if ((old == 0 ? make_view(m, size) : mmap_grow(&m->view, size)) != STATUS_OK) {
        (void)mmap_shrink(&m->map, old); /* what it just got: nobody has used it */
        return false;
    }
    return true;
}

bool wasm_memory_grow(wasm_memory_t *memory, uint64_t pages) {
    memory_t *m = owner_of(memory);
    uint64_t total, size;
    if (pages == 0) {
        return true;
    }
    if (__builtin_add_overflow(m->pages, pages, &total) || total > m->max_pages ||
        !bytes_of(total, m->page_size, &size) || size > m->seen || size > m->limit ||
        !grow_to(m, size)) {
        LOG(LOG_DEBUG, wasm, "%s: memory.grow by %lu from %lu pages fails", m->name, pages,
            m->pages);
        return false;
    }
    LOG(LOG_DEBUG, wasm, "%s: memory.grow by %lu from %lu pages", m->name, pages, m->pages);
    m->pages = total;
    m->memory.size = size;
    return true;
}

void wasm_memory_free(wasm_memory_t *memory) {
    memory_t *m = owner_of(memory);
    for (memory_t **p = &memories; *p != NULL; p = &(*p)->next) {
        if (*p == m) {
            *p = m->next;
            break;
        }
    }
    mmap_drop(&m->view);
    mmap_drop(&m->map);
    heap_free(m);
}

const wasm_memory_t *wasm_memory_at(vaddr_t v) {
    for (const memory_t *m = memories; m != NULL; m = m->next) {
        /* The last 2 GiB of the address space are those in front of address 0. */
        uint64_t start = m->memory.user.raw, before = start == 0 ? BELOW_LOW + GUARD : GUARD;
        if (v.raw - (start - before) < mmap_capacity(&m->map) + before) {
            return &m->memory;
        }
    }
    return NULL;
}

wasm_memory_t *wasm_memory_find(uint64_t handle) {
    memory_t *m = memories;
    while (m != NULL && m->memory.handle != handle) {
        m = m->next;
    }
    return m == NULL ? NULL : &m->memory;
}

/* ---- Calls ---- */

user_pages_t call_memory_new(uint64_t pages, uint64_t max_pages, bool is64, uint32_t page_size) {
    const wasm_instance_t *instance = wasm_starting();
    if (instance == NULL) {
        panic("a memory was made by no instance");
    }
    const wasm_memory_t *m =
        wasm_memory_new(instance, &(wasm_memory_type_t){pages, max_pages, is64, page_size});
    return (user_pages_t){vaddr_ptr(m->user), m->handle};
}

bool call_memory_grow(uint64_t handle, uint64_t pages) {
    wasm_memory_t *m = wasm_memory_find(handle);
    return m != NULL && wasm_memory_grow(m, pages);
}
