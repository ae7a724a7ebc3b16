/* SPDX-License-Identifier: MIT */
/* Which memory of an image lies at address 0, where the translated code needs no base for it. */
#include "toolchain/inspect/plan.h"

/* 2 GiB, less what keeps sums of neighbouring addresses exact (toolchain/mend/address.c). */
#define LOW_MEMORY_PAGES 32767u

bool plan_has_low_memory(const plan_t *p, uint32_t module) {
    const index_space_t *memories = &p->link.modules[module].m.space[KIND_MEMORY];
    if (p->large_memory || module != p->link.main || memories->count != 1 ||
        memories->n_imported != 0) {
        return false;
    }
    const extern_type_t *memory = &memories->items[0];
    return !memory->limits.is64 && memory->page_size == DEFAULT_PAGE_SIZE &&
           memory->limits.min <= LOW_MEMORY_PAGES;
}
