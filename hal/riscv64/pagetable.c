/* SPDX-License-Identifier: MIT */
/*
 * Sv39 and Sv48 page tables (hal/mmu.h). Pure memory work: compiles for the host tests too.
 *
 *    47      39 38     30 29     21 20     12 11          0
 *   | level 3  | level 2 | level 1 | level 0 | offset      |   9 bits each; level 3: Sv48 only
 *
 * Entries come in four states:
 *   empty          0
 *   table          V=1, RWX=0          the next level
 *   leaf           V=1, RWX!=0
 *   retired        V=0, rest kept      no longer valid, but still names the frame that has to be
 *                                      put back after the flush; needs no memory to remember it
 * A retired table comes back to life when something is mapped below it before the flush: what
 * hardware may still have cached of it is true again.
 */
#include "hal/boot.h"
#include "hal/mmu.h"
#include "hal/riscv64/pte.h"

#define PTE_RWX (PTE_R | PTE_W | PTE_X)
#define PTE_OWNED (UINT64_C(1) << 8) /* the first of PTE_RSW: see hal_pt_entry_t.owned */

#define PT_INDEX_BITS 9u
#define PT_ENTRIES (1u << PT_INDEX_BITS)

_Static_assert(HAL_R << 1 == PTE_R && HAL_W << 1 == PTE_W && HAL_X << 1 == PTE_X &&
                   HAL_USER << 1 == PTE_U,
               "permissions and entry bits are one shift apart");

static unsigned shift_of(unsigned level) {
    return PAGE_SHIFT + PT_INDEX_BITS * level;
}

static uint64_t span_of(unsigned level) {
    return UINT64_C(1) << shift_of(level);
}

static unsigned index_of(uint64_t va, unsigned level) {
    return (unsigned)(va >> shift_of(level)) & (PT_ENTRIES - 1);
}

static uint64_t pte_make(paddr_t pa, uint64_t bits) {
    return pa.raw >> PAGE_SHIFT << PTE_PPN_SHIFT | bits;
}

static paddr_t pte_pa(uint64_t pte) {
    return PADDR((pte & PTE_PPN) >> PTE_PPN_SHIFT << PAGE_SHIFT);
}

static uint64_t *pte_table(uint64_t pte) {
    return hal_phys_to_virt(pte_pa(pte));
}

static bool pte_is_leaf(uint64_t pte) {
    return (pte & PTE_RWX) != 0;
}

static uint64_t leaf_bits(hal_perms_t perms, bool owned) {
    return (uint64_t)perms.bits << 1 | PTE_V | PTE_A | PTE_D | (owned ? PTE_OWNED : 0);
}

static uint64_t *root_of(const hal_pt_t *pt) {
    return hal_phys_to_virt(pt->root);
}

static uint64_t last_of(vrange_t r) {
    return r.start.raw + (r.len - 1);
}

status_t hal_pt_init(hal_pt_t *pt, unsigned levels, const hal_pt_ops_t *ops) {
    if (levels != 3 && levels != 4) {
        return ERR_INVALID;
    }
    hal_pt_t fresh = {.levels = levels, .ops = ops};
    paddr_t root;
    status_t s = ops->get_table(pt, &root);
    if (s != STATUS_OK) {
        return s;
    }
    fresh.root = root;
    *pt = fresh;
    return STATUS_OK;
}

void hal_pt_destroy(hal_pt_t *pt) {
    pt->ops->put_table(pt, pt->root);
}

/* The entry of `va` at `level`, or NULL where the tables do not reach down to it. */
static uint64_t *find_slot(const hal_pt_t *pt, uint64_t va, unsigned level) {
    uint64_t *table = root_of(pt);
    for (unsigned l = pt->levels - 1; l > level; l--) {
        uint64_t pte = table[index_of(va, l)];
        if (!(pte & PTE_V) || pte_is_leaf(pte)) {
            return NULL;
        }
        table = pte_table(pte);
    }
    return &table[index_of(va, level)];
}

/* The same, but makes (or revives) the tables on the way. */
static status_t make_slot(hal_pt_t *pt, uint64_t va, unsigned level, uint64_t **slot) {
    uint64_t *table = root_of(pt);
    for (unsigned l = pt->levels - 1; l > level; l--) {
        uint64_t *pte = &table[index_of(va, l)];
        if (pte_is_leaf(*pte)) {
            return ERR_OVERLAP;
        }
        if (*pte == 0) {
            paddr_t frame;
            status_t s = pt->ops->get_table(pt, &frame);
            if (s != STATUS_OK) {
                return s;
            }
            *pte = pte_make(frame, 0);
        }
        *pte |= PTE_V;
        table = pte_table(*pte);
    }
    *slot = &table[index_of(va, level)];
    return STATUS_OK;
}

static unsigned best_level(uint64_t va, uint64_t pa, uint64_t left, unsigned max_level) {
    unsigned level = max_level < HAL_PT_MAX_LEVEL ? max_level : HAL_PT_MAX_LEVEL;
    while (level > 0 && (!is_aligned(va | pa, span_of(level)) || left < span_of(level))) {
        level--;
    }
    return level;
}

status_t hal_pt_map(hal_pt_t *pt, vrange_t range, paddr_t phys, hal_perms_t perms,
                    hal_mem_attr_t attr, bool owned, unsigned max_level) {
    (void)attr; /* without Svpbmt the platform's memory attributes decide */
    uint64_t bits = leaf_bits(perms, owned);
    uint64_t va = range.start.raw, pa = phys.raw, left = range.len;
    while (left > 0) {
        unsigned level = best_level(va, pa, left, max_level);
        uint64_t size = span_of(level);
        uint64_t *slot;
        status_t s = make_slot(pt, va, level, &slot);
        if (s != STATUS_OK) {
            return s;
        }
        /* Up to the end of the table, before which no larger leaf can begin. */
        uint64_t pte = pte_make(PADDR(pa), bits), step = pte_make(PADDR(size), 0);
        do {
            if (*slot != 0) {
                return ERR_OVERLAP;
            }
            *slot++ = pte;
            pte += step;
            va += size;
            left -= size;
        } while (index_of(va, level) != 0 && left >= size);
        pa = phys.raw + (va - range.start.raw);
    }
    return STATUS_OK;
}

status_t hal_pt_prepare(hal_pt_t *pt, vrange_t range) {
    if (range.len == 0) {
        return STATUS_OK;
    }
    uint64_t va = align_down(range.start.raw, span_of(1));
    uint64_t tables = ((last_of(range) - va) >> shift_of(1)) + 1;
    for (; tables > 0; tables--, va += span_of(1)) {
        uint64_t *slot;
        status_t s = make_slot(pt, va, 0, &slot);
        if (s != STATUS_OK) {
            return s;
        }
    }
    return STATUS_OK;
}

uint64_t *hal_pt_slots(hal_pt_t *pt, vaddr_t va) {
    return find_slot(pt, va.raw, 0);
}

bool hal_pt_slot_is_empty(uint64_t slot) {
    return slot == 0;
}

bool hal_pt_slot_is_owned(uint64_t slot) {
    return (slot & PTE_OWNED) != 0;
}

void hal_pt_slot_set(uint64_t *slot, paddr_t pa, hal_perms_t perms, bool owned) {
    *slot = pte_make(pa, leaf_bits(perms, owned));
}

paddr_t hal_pt_promote(hal_pt_t *pt, vaddr_t va, paddr_t phys, hal_perms_t perms, bool owned) {
    uint64_t *slot = find_slot(pt, va.raw, 1);
    paddr_t table = pte_pa(*slot);
    *slot = pte_make(phys, leaf_bits(perms, owned));
    return table;
}

/* The slot of the leaf that covers `va`, or NULL. */
static uint64_t *find_leaf(const hal_pt_t *pt, uint64_t va, unsigned *level) {
    uint64_t *table = root_of(pt);
    for (unsigned l = pt->levels - 1;; l--) {
        uint64_t *pte = &table[index_of(va, l)];
        if (!(*pte & PTE_V)) {
            return NULL;
        }
        if (pte_is_leaf(*pte)) {
            *level = l;
            return pte;
        }
        table = pte_table(*pte);
    }
}

unsigned hal_pt_split_cost(const hal_pt_t *pt, vaddr_t va) {
    unsigned level, cost = 0;
    if (find_leaf(pt, va.raw, &level) == NULL) {
        return 0;
    }
    while (!is_aligned(va.raw, span_of(level))) {
        cost++;
        level--;
    }
    return cost;
}

status_t hal_pt_split(hal_pt_t *pt, vaddr_t va) {
    unsigned level;
    uint64_t *slot;
    while ((slot = find_leaf(pt, va.raw, &level)) != NULL && !is_aligned(va.raw, span_of(level))) {
        paddr_t frame;
        status_t s = pt->ops->get_table(pt, &frame);
        if (s != STATUS_OK) {
            return s;
        }
        uint64_t *table = hal_phys_to_virt(frame);
        uint64_t bits = *slot & ~PTE_PPN, pa = pte_pa(*slot).raw;
        for (unsigned i = 0; i < PT_ENTRIES; i++) {
            table[i] = pte_make(PADDR(pa + i * span_of(level - 1)), bits);
        }
        *slot = pte_make(frame, PTE_V);
    }
    return STATUS_OK;
}

/*
 * The walks below go over [first, last] within one table. Ends are inclusive, so that the top of
 * the address space does not wrap.
 */
typedef struct span {
    uint64_t first, last; /* what the entry covers */
    uint64_t from, to;    /* the part of it within the walk */
} span_t;

static uint64_t max_u64(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static span_t span_at(uint64_t first, uint64_t last, unsigned level, unsigned index) {
    uint64_t start = align_down(first, span_of(level + 1)) + index * span_of(level);
    uint64_t end = start + (span_of(level) - 1);
    return (span_t){start, end, max_u64(first, start), min_u64(last, end)};
}

static bool protect(uint64_t *table, unsigned level, uint64_t first, uint64_t last,
                    hal_perms_t owned, hal_perms_t borrowed) {
    bool changed = false;
    for (unsigned i = index_of(first, level); i <= index_of(last, level); i++) {
        uint64_t *pte = &table[i];
        if (!(*pte & PTE_V)) {
            continue;
        }
        if (!pte_is_leaf(*pte)) {
            span_t s = span_at(first, last, level, i);
            changed |= protect(pte_table(*pte), level - 1, s.from, s.to, owned, borrowed);
            continue;
        }
        bool is_owned = (*pte & PTE_OWNED) != 0;
        uint64_t fresh = (*pte & PTE_PPN) | leaf_bits(is_owned ? owned : borrowed, is_owned);
        changed |= fresh != *pte;
        *pte = fresh;
    }
    return changed;
}

bool hal_pt_protect(hal_pt_t *pt, vrange_t range, hal_perms_t owned, hal_perms_t borrowed) {
    return protect(root_of(pt), pt->levels - 1, range.start.raw, last_of(range), owned, borrowed);
}

typedef struct retirement {
    uint64_t hole_first, hole_last;
    uint64_t owned;
    bool tables;
} retirement_t;

static void retire(uint64_t *table, unsigned level, uint64_t first, uint64_t last,
                   retirement_t *how) {
    for (unsigned i = index_of(first, level); i <= index_of(last, level); i++) {
        uint64_t *pte = &table[i];
        if (!(*pte & PTE_V)) {
            continue;
        }
        if (pte_is_leaf(*pte)) {
            how->owned += *pte & PTE_OWNED ? span_of(level) >> PAGE_SHIFT : 0;
            *pte &= ~PTE_V;
            continue;
        }
        span_t s = span_at(first, last, level, i);
        retire(pte_table(*pte), level - 1, s.from, s.to, how);
        if (how->hole_first <= s.first && s.last <= how->hole_last) {
            *pte &= ~PTE_V;
            how->tables = true;
        }
    }
}

uint64_t hal_pt_unmap(hal_pt_t *pt, vrange_t range, vrange_t hole, bool *tables) {
    retirement_t how = {hole.start.raw, last_of(hole), 0, false};
    retire(root_of(pt), pt->levels - 1, range.start.raw, last_of(range), &how);
    *tables = how.tables;
    return how.owned;
}

static void sweep(hal_pt_t *pt, uint64_t *table, unsigned level, uint64_t first, uint64_t last) {
    for (unsigned i = index_of(first, level); i <= index_of(last, level); i++) {
        uint64_t *pte = &table[i];
        if (*pte == 0) {
            continue;
        }
        span_t s = span_at(first, last, level, i);
        if (*pte & PTE_V) {
            if (!pte_is_leaf(*pte)) {
                sweep(pt, pte_table(*pte), level - 1, s.from, s.to);
            }
            continue;
        }
        if (!pte_is_leaf(*pte)) {
            sweep(pt, pte_table(*pte), level - 1, s.first, s.last);
            pt->ops->put_table(pt, pte_pa(*pte));
        } else if (*pte & PTE_OWNED) {
            pt->ops->put_leaf(pt, pte_pa(*pte), level);
        }
        *pte = 0;
    }
}

void hal_pt_sweep(hal_pt_t *pt, vrange_t range) {
    sweep(pt, root_of(pt), pt->levels - 1, range.start.raw, last_of(range));
}

bool hal_pt_query(const hal_pt_t *pt, vaddr_t va, hal_pt_entry_t *entry) {
    unsigned level;
    const uint64_t *slot = find_leaf(pt, va.raw, &level);
    if (slot == NULL) {
        return false;
    }
    entry->pa = PADDR(pte_pa(*slot).raw + (va.raw & (span_of(level) - 1)));
    entry->perms = (hal_perms_t){(uint8_t)((*slot & (PTE_RWX | PTE_U)) >> 1)};
    entry->level = (uint8_t)level;
    entry->owned = (*slot & PTE_OWNED) != 0;
    return true;
}

static uint64_t count_owned(uint64_t *table, unsigned level, uint64_t first, uint64_t last) {
    uint64_t owned = 0;
    for (unsigned i = index_of(first, level); i <= index_of(last, level); i++) {
        uint64_t *pte = &table[i];
        if (!(*pte & PTE_V)) {
            continue;
        }
        if (!pte_is_leaf(*pte)) {
            span_t s = span_at(first, last, level, i);
            owned += count_owned(pte_table(*pte), level - 1, s.from, s.to);
        } else if (*pte & PTE_OWNED) {
            owned += span_of(level) >> PAGE_SHIFT;
        }
    }
    return owned;
}

uint64_t hal_pt_count_owned(const hal_pt_t *pt, vrange_t range) {
    return count_owned(root_of(pt), pt->levels - 1, range.start.raw, last_of(range));
}
