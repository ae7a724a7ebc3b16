/* SPDX-License-Identifier: MIT */
/* Linear memories: every access beyond the size traps and does nothing else; growth is exact. */
#include <string.h>

#include "kernel/core/vmap.h"
#include "kernel/wasm/memory.h"
#include "kernel/wasm/user.h"
#include "mm/frame.h"
#include "tests/guest/groups.h"
#include "tests/guest/user.h"

#define WASM_PAGE 65536u
#define NO_MAXIMUM 65536u

static void check_traps(const wasm_memory_t *m, uint64_t offset, unsigned bytes, bool store) {
    user_access_t a = {m->user.raw + offset, UINT64_C(0x0807060504030201), bytes, store};
    wasm_trap_t trap;
    if (user_try_access(&a, &trap)) {
        FAIL("%s of %u bytes at 0x%lx of 0x%lx did not trap", store ? "store" : "load", bytes,
             offset, m->size);
    }
    CHECK_EQ(trap.kind, WASM_RT_TRAP_OOB);
    CHECK(trap.has_address);
    CHECK_EQ(trap.size, m->size);
    CHECK(trap.offset >= offset && trap.offset < offset + bytes && trap.offset >= m->size);
}

static void check_works(const wasm_memory_t *m, uint64_t offset, unsigned bytes, bool store,
                        uint64_t value) {
    user_access_t a = {m->user.raw + offset, value, bytes, store};
    wasm_trap_t trap;
    CHECK(user_try_access(&a, &trap));
    CHECK_EQ(a.value, value);
}

static wasm_memory_t *new_memory(uint64_t pages, uint64_t max) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){pages, max, false, WASM_PAGE});
    CHECK_EQ(m->size, pages * WASM_PAGE);
    return m;
}

static void bounds_are_exact(void) {
    for (uint64_t pages = 0; pages < 3; pages++) {
        wasm_memory_t *m = new_memory(pages, NO_MAXIMUM);
        for (unsigned store = 0; store < 2; store++) {
            check_traps(m, m->size, 1, store);
            check_traps(m, m->size, 8, store);
            check_traps(m, m->size + 1, 4, store);
            check_traps(m, m->size + PAGE_SIZE, 1, store);
            if (pages > 0) {
                check_works(m, m->size - 1, 1, store, 0);
                check_works(m, m->size - 8, 8, store, 0);
                check_traps(m, m->size - 1, 4, store);
                check_traps(m, m->size - 7, 8, store);
            }
        }
        wasm_memory_free(m);
    }
}

/* The largest address plus the largest static offset, and what lies between. */
static void far_addresses_trap(void) {
    wasm_memory_t *m = new_memory(1, NO_MAXIMUM);
    const uint64_t max = UINT32_MAX;
    for (unsigned store = 0; store < 2; store++) {
        check_traps(m, max, 1, store);
        check_traps(m, max, 8, store);
        check_traps(m, max + 1, 8, store);
        check_traps(m, max + max - 7, 8, store);
        check_traps(m, max + max, 8, store);
        for (uint64_t at = WASM_PAGE; at < 2 * max; at = at * 2 + 1) {
            check_traps(m, at, 1, store);
        }
    }
    wasm_memory_free(m);
}

static void crossing_store_writes_nothing(void) {
    wasm_memory_t *m = new_memory(1, NO_MAXIMUM);
    memset(m->bytes + m->size - 16, 0xee, 16);
    for (unsigned inside = 1; inside < 8; inside++) {
        check_traps(m, m->size - inside, 8, true);
        for (unsigned i = 1; i <= 16; i++) {
            CHECK_EQ(m->bytes[m->size - i], 0xee);
        }
    }
    wasm_memory_free(m);
}

/* A pointer wrapped below the memory never reaches what lies there. */
static void memories_do_not_touch(void) {
    wasm_memory_t *a = new_memory(1, NO_MAXIMUM), *b = new_memory(1, NO_MAXIMUM);
    uint64_t distance =
        a->user.raw > b->user.raw ? a->user.raw - b->user.raw : b->user.raw - a->user.raw;
    CHECK(distance > UINT64_C(8) << 30);
    check_traps(a, a->size, 1, true);
    check_traps(b, b->size, 1, true);
    CHECK(wasm_memory_at(VADDR(a->user.raw + a->size)) == a);
    CHECK(wasm_memory_at(b->user) == b);
    CHECK(wasm_memory_at(vaddr_of(a->bytes)) == NULL);
    CHECK(wasm_memory_at(vaddr_of(&a)) == NULL);
    wasm_memory_free(b);
    wasm_memory_free(a);
}

static void grow_to_the_maximum(void) {
    wasm_memory_t *m = new_memory(1, 4);
    uint8_t *data = m->bytes;
    uint64_t user = m->user.raw;
    memset(data, 3, WASM_PAGE);
    CHECK(wasm_memory_grow(m, 0));
    CHECK_EQ(m->size, WASM_PAGE);
    CHECK(wasm_memory_grow(m, 2));
    CHECK_EQ(m->size, 3 * WASM_PAGE);
    CHECK(m->bytes == data && m->user.raw == user);
    CHECK_EQ(data[WASM_PAGE - 1], 3);
    check_works(m, WASM_PAGE, 8, false, 0);
    check_works(m, m->size - 8, 8, true, 7);
    CHECK_EQ(data[m->size - 8], 7);
    check_traps(m, m->size, 1, false);
    CHECK(!wasm_memory_grow(m, 2));
    CHECK(!wasm_memory_grow(m, UINT64_MAX));
    CHECK(!wasm_memory_grow(m, UINT32_MAX));
    CHECK_EQ(m->size, 3 * WASM_PAGE);
    check_traps(m, m->size, 1, false);
    CHECK(wasm_memory_grow(m, 1));
    check_works(m, m->size - 1, 1, true, 9);
    CHECK(!wasm_memory_grow(m, 1));
    check_traps(m, m->size, 1, true);
    wasm_memory_free(m);
}

static void grow_from_nothing(void) {
    wasm_memory_t *m = new_memory(0, NO_MAXIMUM);
    check_traps(m, 0, 1, false);
    CHECK(wasm_memory_grow(m, 1));
    check_works(m, WASM_PAGE - 8, 8, true, 1);
    CHECK_EQ(m->bytes[WASM_PAGE - 8], 1);
    check_traps(m, WASM_PAGE, 1, false);
    CHECK(wasm_memory_grow(m, 1));
    m->bytes[WASM_PAGE] = 5;
    check_works(m, WASM_PAGE, 1, false, 5);
    wasm_memory_free(m);
}

static void grow_beyond_the_machine_fails(void) {
    wasm_memory_t *m = new_memory(1, NO_MAXIMUM);
    uint8_t *data = m->bytes;
    memset(data, 0x5a, WASM_PAGE);
    uint64_t fits = (frame_free_count() - frame_promised_count()) * PAGE_SIZE / WASM_PAGE;
    uint64_t frames = frame_free_count(), promised = frame_promised_count();
    CHECK(!wasm_memory_grow(m, fits + 1));
    CHECK(!wasm_memory_grow(m, NO_MAXIMUM - 1));
    CHECK_EQ(frame_free_count(), frames);
    CHECK_EQ(frame_promised_count(), promised);
    CHECK(m->bytes == data && m->size == WASM_PAGE);
    for (unsigned i = 0; i < WASM_PAGE; i += 97) {
        CHECK_EQ(data[i], 0x5a);
    }
    check_traps(m, WASM_PAGE, 1, false);

    /* Page by page until the end: what was granted can all be used. */
    uint64_t granted = 0;
    wasm_trap_t trap;
    while (wasm_memory_grow(m, 1)) {
        granted++;
    }
    CHECK(granted + granted / 64 + 2 >= fits); /* the rest went into tables */
    const user_access_t all = {.at = m->user.raw, .value = m->size / PAGE_SIZE};
    user_write(&user_access, &all, sizeof all);
    CHECK(user_call(user_touch, 0, NULL, &trap));
    for (uint64_t at = 0; at < m->size; at += PAGE_SIZE) {
        data[at] = 1;
    }
    check_traps(m, m->size, 1, true);
    wasm_memory_free(m);
}

static void grow_a_64_bit_memory(void) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){1, 3, true, WASM_PAGE});
    CHECK(wasm_memory_grow(m, 2));
    CHECK(!wasm_memory_grow(m, 1));
    CHECK_EQ(m->size, 3 * WASM_PAGE);
    check_works(m, m->size - 1, 1, true, 1);
    wasm_memory_free(m);
}

/* Custom page sizes: 1 byte. The checks are in the code; the size is exact. */
static void grow_by_bytes(void) {
    wasm_memory_t *m = wasm_memory_new(NULL, &(wasm_memory_type_t){3, 5000, false, 1});
    CHECK_EQ(m->size, 3);
    CHECK(wasm_memory_grow(m, 4997));
    CHECK_EQ(m->size, 5000);
    check_works(m, 4999, 1, true, 1);
    CHECK_EQ(m->bytes[4999], 1);
    CHECK(!wasm_memory_grow(m, 1));
    wasm_memory_free(m);
}

/* What one side writes the other reads, also on pages that only one of them has looked at so far.
 */
static void kernel_and_module_see_the_same(void) {
    wasm_memory_t *m = new_memory(4, NO_MAXIMUM);
    for (uint64_t at = 0; at < m->size; at += 3 * PAGE_SIZE + 8) {
        check_works(m, at, 8, false, 0);
        m->bytes[at] = 0x11;
        check_works(m, at, 1, false, 0x11);
        check_works(m, at, 4, true, 0x22334455);
        CHECK_EQ(*(uint32_t *)(m->bytes + at), 0x22334455);
    }
    CHECK_EQ(m->bytes[m->size - 1], 0);
    wasm_memory_free(m);
}

/* The module's addresses are not the kernel's, nor the kernel's the module's. */
static void neither_reaches_the_other_place(void) {
    wasm_memory_t *m = new_memory(1, 1);
    CHECK_FAULTS(HAL_TRAP_LOAD_FAULT, touch_read, m->user.raw);
    CHECK_FAULTS(HAL_TRAP_STORE_FAULT, touch_write_blind, m->user.raw);
    m->bytes[0] = 1;
    CHECK_USER_FAULTS(HAL_TRAP_LOAD_FAULT, user_load, m->bytes);
    CHECK_USER_FAULTS(HAL_TRAP_STORE_FAULT, user_store, m->bytes);
    CHECK_EQ(m->bytes[0], 1);
    wasm_memory_free(m);
}

/* Tables are pages of the module's own, which it makes and grows. They stay: so it does that before
 * anything is counted. */
static uint64_t wrong_line = UINT64_MAX;

void tables_warm_up(void) {
    wasm_trap_t trap;
    user_call(user_tables_grow, 0, &wrong_line, &trap);
    user_call(user_indirect, 0, NULL, &trap);
}

static void tables_grow_and_end(void) {
    if (wrong_line != 0) {
        FAIL("line %lu of tests/guest/user/table.c", wrong_line);
    }
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
    {"the kernel and the module see the same bytes", kernel_and_module_see_the_same},
    {"each at its own place only", neither_reaches_the_other_place},
    {"tables grow to their maximum", tables_grow_and_end},
};
GUEST_GROUP(wasm_memory, "wasm-memory");
