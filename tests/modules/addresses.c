/* SPDX-License-Identifier: MIT */
/*
 * The memory at address 0 against one that is anywhere, as KTAP: the same module twice, of which
 * one is the image's main module. Both make the same calls, with addresses about all edges that
 * there are, and must answer alike: the same results, the same traps at the same addresses, and the
 * same bytes in the end. Single accesses are compared with what the specification says, too.
 */
#include <string.h>

#include "tests/modules/common.h"

enum { ROUNDS = 60000, HASH_EVERY = 1000 };

static const wasm_instance_t *low, *high;

typedef struct outcome {
    bool returned;
    uint64_t value;
    wasm_trap_t trap;
} outcome_t;

static outcome_t call(const wasm_instance_t *instance, uint32_t index, uint32_t address,
                      uint32_t other) {
    const wasm_value_t params[] = {{.type = WASM_RT_I32, .bits = address},
                                   {.type = WASM_RT_I32, .bits = other}};
    wasm_value_t value = {0};
    outcome_t o = {0};
    o.returned = wasm_call_export(instance, &instance->exports[index], params, &value, &o.trap);
    o.value = value.bits;
    return o;
}

/* An edge, and a few bytes before or behind it. */
static uint32_t address_near(uint64_t size, uint64_t offset) {
    static const uint64_t edges[] = {0, 1u << 31, UINT64_C(1) << 32, 32768, 65536};
    uint64_t kind = random_number() % 8, near = random_number() % 48 - 24;
    switch (kind) {
    case 0:
        return (uint32_t)random_number();
    case 1:
        return (uint32_t)(random_number() % size);
    case 2:
        return (uint32_t)(size + near);
    case 3:
        return (uint32_t)(size - offset + near);
    case 4:
        return (uint32_t)((UINT64_C(1) << 32) - offset + near);
    default:
        return (uint32_t)(edges[random_number() % 5] + near);
    }
}

static uint64_t number_at(const char *text) {
    uint64_t n = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
    }
    return n;
}

/* "load32@4": four bytes at the address plus 4. False for what is no single access. */
static bool single_access(const char *name, uint64_t *len, uint64_t *offset) {
    const char *at = strchr(name, '@');
    if (at == NULL) {
        return false;
    }
    *len = number_at(name + strcspn(name, "0123456789")) / 8;
    *offset = number_at(at + 1);
    return true;
}

/* Both ends of a memory. */
typedef struct ends {
    uint8_t first[16], last[16];
} ends_t;

static ends_t ends_of(const wasm_memory_t *memory) {
    ends_t e;
    memcpy(e.first, memory->bytes, sizeof e.first);
    memcpy(e.last, memory->bytes + memory->size - sizeof e.last, sizeof e.last);
    return e;
}

/* A vector is accessed in halves, in an order of the compiler's: either may be the one that is
 * told.
 */
static bool is_vector(const char *name) {
    return strstr(name, "vector") != NULL;
}

/* The trap of an access at `at`: it tells the first byte outside, and nothing has been written. */
static bool is_right_trap(const char *name, const wasm_trap_t *t, const wasm_memory_t *memory,
                          const ends_t *before, uint64_t at) {
    uint64_t first = at > memory->size ? at : memory->size;
    ends_t after = ends_of(memory);
    return t->kind == WASM_RT_TRAP_OOB && t->has_address && t->memory == memory && !t->carry &&
           t->size == memory->size &&
           (t->offset == first || (is_vector(name) && t->offset == at + 8)) &&
           memcmp(before, &after, sizeof after) == 0;
}

/* What a single access must have done; `memory` is as it is now, `before` as its ends were. */
static bool is_right(const char *name, const outcome_t *o, const wasm_memory_t *memory,
                     const ends_t *before, uint32_t address, uint32_t other) {
    uint64_t len, offset;
    if (!single_access(name, &len, &offset)) {
        return true;
    }
    uint64_t at = address + offset;
    if (at + len > memory->size) {
        return !o->returned && is_right_trap(name, &o->trap, memory, before, at);
    }
    uint64_t value = 0, expected = name[0] == 's' ? other : o->value;
    unsigned bits = len < 8 ? 8 * (unsigned)len : 64;
    memcpy(&value, memory->bytes + at, bits / 8);
    return o->returned && (value ^ expected) << (64 - bits) == 0;
}

static bool are_alike(const char *name, const outcome_t *a, const outcome_t *b) {
    if (a->returned || b->returned) {
        return a->returned == b->returned && a->value == b->value;
    }
    return a->trap.kind == b->trap.kind && a->trap.has_address == b->trap.has_address &&
           (a->trap.offset == b->trap.offset || is_vector(name)) && a->trap.size == b->trap.size;
}

static void tell(const char *who, const outcome_t *o) {
    if (o->returned) {
        say("#   %s: returned 0x%lx\n", who, o->value);
    } else {
        say("#   %s: %s, 0x%lx of 0x%lx\n", who, wasm_trap_text(o->trap.kind), o->trap.offset,
            o->trap.size);
    }
}

typedef struct tally {
    unsigned returned, trapped, wrong, unlike;
} tally_t;

static void compare(uint32_t index, uint32_t address, uint32_t other, tally_t *tally) {
    const char *name = low->exports[index].name;
    const wasm_memory_t *first = low->caller->memory, *second = high->caller->memory;
    const ends_t ends[] = {ends_of(first), ends_of(second)};
    outcome_t a = call(low, index, address, other), b = call(high, index, address, other);
    bool right = is_right(name, &a, first, &ends[0], address, other) &&
                 is_right(name, &b, second, &ends[1], address, other);
    bool alike = are_alike(name, &a, &b);
    if (a.returned) {
        tally->returned++;
    } else {
        tally->trapped++;
    }
    tally->wrong += !right;
    tally->unlike += !alike;
    if ((!right || !alike) && tally->wrong + tally->unlike < 10) {
        say("# %s 0x%x 0x%x:\n", name, address, other);
        tell("low", &a);
        tell("high", &b);
    }
}

/* How much of a function's stores is made before one of them traps is the compiler's choice, so
 * those with a name of this form are by themselves. */
static bool is_group(uint32_t index) {
    return strncmp(low->exports[index].name, "group:", 6) == 0;
}

/* At addresses where the first store is outside and so, in 32 bits or in 33, are all others: it
 * traps in either memory, and neither changes. */
static bool test_group(uint32_t index, uint32_t first, uint32_t n) {
    bool good = true;
    memset(low->caller->memory->bytes, 0x55, 256); /* what a store of zero would be seen in */
    memset(high->caller->memory->bytes, 0x55, 256);
    uint64_t hashes[] = {hash_memory(low), hash_memory(high)};
    for (uint32_t address = first; address != first + n; address++) {
        outcome_t a = call(low, index, address, 1), b = call(high, index, address, 1);
        good = good && !a.returned && !b.returned && a.trap.kind == WASM_RT_TRAP_OOB &&
               b.trap.kind == WASM_RT_TRAP_OOB;
    }
    return good && hash_memory(low) == hashes[0] && hash_memory(high) == hashes[1];
}

static bool test_groups(void) {
    bool good = true;
    unsigned n = 0;
    for (uint32_t i = 0; i < low->n_exports; i++) {
        if (is_group(i)) {
            n++;
            good = test_group(i, (1u << 31) - 16, 32) && test_group(i, -32u, 32) && good;
        }
    }
    return good && n == 3;
}

static void go(tally_t *tally, bool *same_bytes) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t index = (uint32_t)(random_number() % low->n_exports);
        if (is_group(index)) {
            continue;
        }
        uint64_t size = low->caller->memory->size, len, offset = 0;
        (void)single_access(low->exports[index].name, &len, &offset);
        uint32_t address = address_near(size, offset), other = address_near(size, offset);
        compare(index, address, other, tally);
        if (i % HASH_EVERY == 0 || i + 1 == ROUNDS) {
            *same_bytes = *same_bytes && hash_memory(low) == hash_memory(high);
        }
    }
}

_Noreturn void addresses_run(void) {
    wasm_instantiate_all();
    low = find("low");
    high = find("high");
    result(low->caller->memory->user.raw == 0 && high->caller->memory->user.raw != 0,
           "one memory is at address 0, the other is not");
    tally_t tally = {0};
    bool same_bytes = true;
    go(&tally, &same_bytes);
    say("# %u calls returned, %u trapped, of memories with %lu pages in the end\n", tally.returned,
        tally.trapped, low->caller->memory->size / 65536);
    result(tally.returned > ROUNDS / 10 && tally.trapped > ROUNDS / 10,
           "addresses were inside and outside");
    result(tally.wrong == 0, "single accesses do, and trap, as specified");
    result(tally.unlike == 0, "both answer the same");
    result(same_bytes, "both memories hold the same");
    result(test_groups(), "stores in front of 2 GiB and 4 GiB trap, and nothing is written");
    finish();
}
