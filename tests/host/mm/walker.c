/* SPDX-License-Identifier: MIT */
/*
 * A second reading of the RISC-V manual (privileged, 4.3.2 and 4.4.1): walks the raw table bytes,
 * and dies on any entry that the manual or the project forbids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/boot.h"
#include "tests/host/mm/sim.h"

static void die(const char *what, uint64_t va, uint64_t pte) {
    fprintf(stderr, "walker: %s: va %016llx pte %016llx\n", what, (unsigned long long)va,
            (unsigned long long)pte);
    abort();
}

static uint64_t read_entry(uint64_t table, uint64_t index) {
    const uint8_t *bytes = hal_phys_to_virt(PADDR(table));
    uint64_t pte = 0;
    for (unsigned i = 0; i < 8; i++) { /* little-endian */
        pte |= (uint64_t)bytes[index * 8 + i] << (8 * i);
    }
    return pte;
}

static uint64_t address_in(uint64_t pte) {
    return (pte >> 10 & ((UINT64_C(1) << 44) - 1)) << 12;
}

static void check_leaf(uint64_t va, uint64_t pte, unsigned level) {
    if ((pte & SIM_W) && (pte & SIM_X)) {
        die("writable and executable", va, pte);
    }
    if ((pte & SIM_W) && !(pte & SIM_R)) {
        die("writable, not readable: reserved", va, pte);
    }
    if (!(pte & SIM_A) || !(pte & SIM_D)) {
        die("A and D are not preset", va, pte);
    }
    if (pte >> 54 != 0) {
        die("upper bits", va, pte);
    }
    if (address_in(pte) & ((UINT64_C(4096) << 9 * level) - 1)) {
        die("misaligned big leaf", va, pte);
    }
}

bool sim_walk(const aspace_t *as, uint64_t va, sim_leaf_t *out) {
    unsigned bits = as->pt.levels == 3 ? 39 : 48;
    uint64_t top = va >> (bits - 1);
    if (top != 0 && top != UINT64_MAX >> (bits - 1)) {
        return false;
    }
    uint64_t table = as->pt.root.raw;
    for (int level = (int)as->pt.levels - 1; level >= 0; level--) {
        uint64_t pte = read_entry(table, va >> (12 + 9 * level) & 511);
        if (!(pte & SIM_V)) {
            return false;
        }
        if (pte & (SIM_R | SIM_W | SIM_X)) {
            check_leaf(va, pte, (unsigned)level);
            uint64_t inside = va & ((UINT64_C(4096) << 9 * level) - 1);
            *out = (sim_leaf_t){va, address_in(pte) + inside, (unsigned)level, pte};
            return true;
        }
        table = address_in(pte);
    }
    die("a pointer at the last level", va, 0);
    return false;
}

unsigned sim_path(const aspace_t *as, uint64_t va, uint64_t tables[4]) {
    unsigned n = 0;
    uint64_t table = as->pt.root.raw;
    for (int level = (int)as->pt.levels - 1; level > 0; level--) {
        uint64_t pte = read_entry(table, va >> (12 + 9 * level) & 511);
        if (!(pte & SIM_V) || (pte & (SIM_R | SIM_W | SIM_X))) {
            break;
        }
        table = address_in(pte);
        tables[n++] = table;
    }
    return n;
}

typedef struct tour {
    const aspace_t *as;
    sim_leaf_fn leaf;
    sim_table_fn table;
    void *context;
} tour_t;

static void tour_table(const tour_t *t, uint64_t table, int level, uint64_t base) {
    uint64_t span = UINT64_C(4096) << 9 * level;
    for (uint64_t i = 0; i < 512; i++) {
        uint64_t pte = read_entry(table, i), va = base + i * span;
        if (level == (int)t->as->pt.levels - 1 && i >= 256) {
            va |= ~UINT64_C(0) << (12 + 9 * t->as->pt.levels);
        }
        if (!(pte & SIM_V)) {
            if (pte != 0 && t->as->open_scopes == 0) {
                die("something retired was left", va, pte);
            }
        } else if (pte & (SIM_R | SIM_W | SIM_X)) {
            check_leaf(va, pte, (unsigned)level);
            if (t->leaf != NULL) {
                sim_leaf_t l = {va, address_in(pte), (unsigned)level, pte};
                t->leaf(&l, t->context);
            }
        } else {
            if (level == 0 || (pte & ~(((UINT64_C(1) << 44) - 1) << 10)) != SIM_V) {
                die("malformed pointer to a table", va, pte);
            }
            if (t->table != NULL) {
                t->table(va, va + (span - 1), t->context);
            }
            tour_table(t, address_in(pte), level - 1, va);
        }
    }
}

void sim_walk_all(const aspace_t *as, sim_leaf_fn leaf, sim_table_fn table, void *context) {
    const tour_t t = {as, leaf, table, context};
    tour_table(&t, as->pt.root.raw, (int)as->pt.levels - 1, 0);
}
