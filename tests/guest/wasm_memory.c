/* SPDX-License-Identifier: MIT */
/* Linear memories: every access beyond the size traps and does nothing else; growth is exact. */
#include <string.h>

#include "kernel/core/vmap.h"
#include "kernel/wasm/memory.h"
#include "kernel/wasm/trap.h"
#include "mm/frame.h"
#include "tests/guest/fault.h"
#include "tests/guest/groups.h"

#define WASM_PAGE 65536u
#define NO_MAXIMUM 65536u

/* One load or store instruction, as translated code would do it at data + address. */
typedef struct access {
    uint8_t *at;
    uint64_t value;
    unsigned bytes; /* 1, 4 or 8 */
    bool store;
} access_t;

static void do_access(void *arg) {
    access_t *a = arg;
    uint64_t v = a->value;
    uint8_t *at = a->at;
    if (a->store) {
        switch (a->bytes) {
        case 1:
            __asm__ volatile("sb %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
            break;
        case 4:
            __asm__ volatile("sw %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
            break;
        default:
            __asm__ volatile("sd %0, 0(%1)" ::"r"(v), "r"(at) : "memory");
        }
        return;
    }
    switch (a->bytes) {
    case 1:
        __asm__ volatile("lbu %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
        break;
    case 4:
        __asm__ volatile("lwu %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
        break;
    default:
        __asm__ volatile("ld %0, 0(%1)" : "=r"(v) : "r"(at) : "memory");
    }
    a->value = v;
}

static void check_traps(const wasm_rt_memory_t *m, uint64_t offset, unsigned bytes, bool store) {
    access_t a = {m->data + offset, UINT64_C(0x0807060504030201), bytes, store};
    wasm_trap_t trap;
    if (wasm_call_protected(do_access, &a, &trap)) {
        FAIL("%s of %u bytes at 0x%lx of 0x%lx did not trap", store ? "store" : "load", bytes,
             offset, m->size);
    }
    CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
    CHECK(trap.has_address);
    CHECK_EQ(trap.size, m->size);
    CHECK(trap.offset >= offset && trap.offset < offset + bytes && trap.offset >= m->size);
}

static void check_works(const wasm_rt_memory_t *m, uint64_t offset, unsigned bytes, bool store,
                        uint64_t value) {
    access_t a = {m->data + offset, value, bytes, store};
    wasm_trap_t trap;
    CHECK(wasm_call_protected(do_access, &a, &trap));
    CHECK_EQ(a.value, value);
}

static wasm_rt_memory_t new_memory(uint64_t pages, uint64_t max) {
    wasm_rt_memory_t m;
    wasm_rt_allocate_memory(&m, pages, max, false, WASM_PAGE);
    CHECK_EQ(m.size, pages * WASM_PAGE);
    CHECK_EQ(m.pages, pages);
    CHECK(m.data_end == m.data + m.size);
    return m;
}

static void bounds_are_exact(void) {
    for (uint64_t pages = 0; pages < 3; pages++) {
        wasm_rt_memory_t m = new_memory(pages, NO_MAXIMUM);
        for (unsigned store = 0; store < 2; store++) {
            check_traps(&m, m.size, 1, store);
            check_traps(&m, m.size, 8, store);
            check_traps(&m, m.size + 1, 4, store);
            check_traps(&m, m.size + PAGE_SIZE, 1, store);
            if (pages > 0) {
                check_works(&m, m.size - 1, 1, store, 0);
                check_works(&m, m.size - 8, 8, store, 0);
                check_traps(&m, m.size - 1, 4, store);
                check_traps(&m, m.size - 7, 8, store);
            }
        }
        wasm_rt_free_memory(&m);
    }
}

/* The largest address plus the largest static offset, and what lies between. */
static void far_addresses_trap(void) {
    wasm_rt_memory_t m = new_memory(1, NO_MAXIMUM);
    const uint64_t max = UINT32_MAX;
    for (unsigned store = 0; store < 2; store++) {
        check_traps(&m, max, 1, store);
        check_traps(&m, max, 8, store);
        check_traps(&m, max + 1, 8, store);
        check_traps(&m, max + max - 7, 8, store);
        check_traps(&m, max + max, 8, store);
        for (uint64_t at = WASM_PAGE; at < 2 * max; at = at * 2 + 1) {
            check_traps(&m, at, 1, store);
        }
    }
    wasm_rt_free_memory(&m);
}

static void crossing_store_writes_nothing(void) {
    wasm_rt_memory_t m = new_memory(1, NO_MAXIMUM);
    memset(m.data + m.size - 16, 0xee, 16);
    for (unsigned inside = 1; inside < 8; inside++) {
        check_traps(&m, m.size - inside, 8, true);
        for (unsigned i = 1; i <= 16; i++) {
            CHECK_EQ(m.data[m.size - i], 0xee);
        }
    }
    wasm_rt_free_memory(&m);
}

/* A pointer wrapped below the memory never reaches what lies there. */
static void memories_do_not_touch(void) {
    wasm_rt_memory_t a = new_memory(1, NO_MAXIMUM), b = new_memory(1, NO_MAXIMUM);
    uint64_t distance = a.data > b.data ? (uint64_t)(a.data - b.data) : (uint64_t)(b.data - a.data);
    CHECK(distance > UINT64_C(8) << 30);
    check_traps(&a, a.size, 1, true);
    check_traps(&b, b.size, 1, true);
    CHECK(wasm_memory_at(vaddr_of(a.data + a.size)) == &a);
    CHECK(wasm_memory_at(vaddr_of(b.data)) == &b);
    CHECK(wasm_memory_at(vaddr_of(&a)) == NULL);
    wasm_rt_free_memory(&b);
    wasm_rt_free_memory(&a);
}

static void grow_to_the_maximum(void) {
    wasm_rt_memory_t m = new_memory(1, 4);
    uint8_t *data = m.data;
    memset(data, 3, WASM_PAGE);
    CHECK_EQ(wasm_rt_grow_memory(&m, 0), 1);
    CHECK_EQ(wasm_rt_grow_memory(&m, 2), 1);
    CHECK_EQ(m.pages, 3);
    CHECK_EQ(m.size, 3 * WASM_PAGE);
    CHECK(m.data == data && m.data_end == data + m.size);
    CHECK_EQ(data[WASM_PAGE - 1], 3);
    check_works(&m, WASM_PAGE, 8, false, 0);
    check_works(&m, m.size - 8, 8, true, 7);
    check_traps(&m, m.size, 1, false);
    CHECK_EQ(wasm_rt_grow_memory(&m, 2), UINT32_MAX);
    CHECK_EQ(wasm_rt_grow_memory(&m, UINT64_MAX), UINT32_MAX);
    CHECK_EQ(wasm_rt_grow_memory(&m, UINT32_MAX), UINT32_MAX);
    CHECK_EQ(m.pages, 3);
    check_traps(&m, m.size, 1, false);
    CHECK_EQ(wasm_rt_grow_memory(&m, 1), 3);
    check_works(&m, m.size - 1, 1, true, 9);
    CHECK_EQ(wasm_rt_grow_memory(&m, 1), UINT32_MAX);
    check_traps(&m, m.size, 1, true);
    wasm_rt_free_memory(&m);
}

static void grow_from_nothing(void) {
    wasm_rt_memory_t m = new_memory(0, NO_MAXIMUM);
    check_traps(&m, 0, 1, false);
    CHECK_EQ(wasm_rt_grow_memory(&m, 1), 0);
    check_works(&m, WASM_PAGE - 8, 8, true, 1);
    check_traps(&m, WASM_PAGE, 1, false);
    wasm_rt_free_memory(&m);
}

static void grow_beyond_the_machine_fails(void) {
    wasm_rt_memory_t m = new_memory(1, NO_MAXIMUM);
    uint8_t *data = m.data;
    memset(data, 0x5a, WASM_PAGE);
    uint64_t fits = (frame_free_count() - frame_promised_count()) * PAGE_SIZE / WASM_PAGE;
    uint64_t frames = frame_free_count(), promised = frame_promised_count();
    CHECK_EQ(wasm_rt_grow_memory(&m, fits + 1), UINT32_MAX);
    CHECK_EQ(wasm_rt_grow_memory(&m, NO_MAXIMUM - 1), UINT32_MAX);
    CHECK_EQ(frame_free_count(), frames);
    CHECK_EQ(frame_promised_count(), promised);
    CHECK(m.data == data && m.pages == 1 && m.size == WASM_PAGE && m.data_end == data + WASM_PAGE);
    for (unsigned i = 0; i < WASM_PAGE; i += 97) {
        CHECK_EQ(data[i], 0x5a);
    }
    check_traps(&m, WASM_PAGE, 1, false);

    /* Page by page until the end: what was granted can all be used. */
    uint64_t granted = 0;
    while (wasm_rt_grow_memory(&m, 1) != UINT32_MAX) {
        granted++;
    }
    CHECK(granted + granted / 64 + 2 >= fits); /* the rest went into tables */
    for (uint64_t at = 0; at < m.size; at += PAGE_SIZE) {
        data[at] = 1;
    }
    check_traps(&m, m.size, 1, true);
    wasm_rt_free_memory(&m);
}

/* A 64-bit memory says -1 in 64 bits. */
static void grow_a_64_bit_memory(void) {
    wasm_rt_memory_t m;
    wasm_rt_allocate_memory(&m, 1, 3, true, WASM_PAGE);
    CHECK_EQ(wasm_rt_grow_memory(&m, 2), 1);
    CHECK_EQ(wasm_rt_grow_memory(&m, 1), UINT64_MAX);
    CHECK_EQ(m.size, 3 * WASM_PAGE);
    m.data[m.size - 1] = 1;
    wasm_rt_free_memory(&m);
}

/* Custom page sizes: 1 byte. The checks are in the code; the size is exact. */
static void grow_by_bytes(void) {
    wasm_rt_memory_t m;
    wasm_rt_allocate_memory(&m, 3, 5000, false, 1);
    CHECK_EQ(m.size, 3);
    CHECK_EQ(wasm_rt_grow_memory(&m, 4997), 3);
    CHECK_EQ(m.size, 5000);
    m.data[4999] = 1;
    CHECK_EQ(wasm_rt_grow_memory(&m, 1), UINT32_MAX);
    wasm_rt_free_memory(&m);
}

static void tables_grow_and_end(void) {
    wasm_rt_funcref_table_t t;
    wasm_rt_allocate_funcref_table(&t, 2, 5);
    CHECK_EQ(t.size, 2);
    CHECK(t.data[0].func == NULL && t.data[1].func_type == NULL);
    const wasm_rt_funcref_t entry = {.func_type = "type", .func = grow_by_bytes};
    CHECK_EQ(wasm_rt_grow_funcref_table(&t, 3, entry), 2);
    CHECK(t.data[1].func == NULL && t.data[2].func == entry.func && t.data[4].func == entry.func);
    CHECK_EQ(wasm_rt_grow_funcref_table(&t, 1, entry), UINT32_MAX);
    CHECK_EQ(wasm_rt_grow_funcref_table(&t, UINT32_MAX, entry), UINT32_MAX);
    CHECK_EQ(t.size, 5);
    wasm_rt_free_funcref_table(&t);
}

static const guest_test_t wasm_memory_tests[] = {
    {"the bound is exact, for loads and stores of every width", bounds_are_exact},
    {"4 GiB index plus 4 GiB offset traps", far_addresses_trap},
    {"a store across the end writes nothing", crossing_store_writes_nothing},
    {"memories lie apart", memories_do_not_touch},
    {"grow reaches the maximum, moves nothing, and ends", grow_to_the_maximum},
    {"grow works from zero pages", grow_from_nothing},
    {"grow is -1 when frames cannot back it, and nothing changed", grow_beyond_the_machine_fails},
    {"grow of a 64-bit memory", grow_a_64_bit_memory},
    {"grow of a memory with one-byte pages", grow_by_bytes},
    {"tables grow to their maximum", tables_grow_and_end},
};
GUEST_GROUP(wasm_memory, "wasm-memory");
