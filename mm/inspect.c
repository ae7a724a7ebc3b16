/* SPDX-License-Identifier: MIT */
/* Looking at an address space without changing it (mm/aspace.h). */
#include <inttypes.h>

#include "mm/aspace_internal.h"
#include "mm/frame.h"

bool aspace_is_busy(const aspace_t *as) {
    return atomic_load_explicit(&as->lock.held, memory_order_relaxed);
}

const region_t *aspace_find(aspace_t *as, vaddr_t address) {
    hal_lock_take(&as->lock);
    const region_t *r = tree_find(as->root, address.raw);
    hal_lock_release(&as->lock);
    return r;
}

const region_t *aspace_next(aspace_t *as, vaddr_t address) {
    hal_lock_take(&as->lock);
    const region_t *r = tree_next(as->root, address.raw);
    hal_lock_release(&as->lock);
    return r;
}

status_t aspace_translate(aspace_t *as, vaddr_t address, hal_pt_entry_t *out) {
    hal_lock_take(&as->lock);
    bool ok = hal_pt_query(&as->pt, address, out);
    hal_lock_release(&as->lock);
    return ok ? STATUS_OK : ERR_NOT_FOUND;
}

const char *region_kind_text(region_kind_t kind) {
    static const char *const texts[] = {
        [REGION_RESERVED] = "reserved", [REGION_WIRED] = "wired", [REGION_PHYS] = "physical",
        [REGION_ZERO] = "zeroed",       [REGION_IMAGE] = "image", [REGION_VIEW] = "view"};
    return texts[kind];
}

void aspace_dump(aspace_t *as, aspace_print_t print) {
    print("%-16s %-16s perm kind     committed KiB  name\n", "first", "last");
    uint64_t at = 0;
    const region_t *r;
    while ((r = aspace_next(as, VADDR(at))) != NULL) {
        char perms[5] = {'-', '-', '-', '-', 0};
        for (unsigned i = 0; i < 4; i++) {
            perms[i] = r->perms.bits & 1u << i ? "rwxu"[i] : '-';
        }
        print("%016" PRIx64 " %016" PRIx64 " %s %-8s %13" PRIu64 "  %s\n", r->start.raw,
              region_last(r), perms, region_kind_text(r->kind), r->committed * (PAGE_SIZE / 1024),
              r->name == NULL ? "" : r->name);
        if (region_last(r) == UINT64_MAX) {
            break;
        }
        at = region_last(r) + 1;
    }
    print("%" PRIu64 " regions, %" PRIu64 " KiB of tables; frames: %" PRIu64 " KiB free, %" PRIu64
          " of them promised, of %" PRIu64 "\n",
          as->regions, as->table_frames * (PAGE_SIZE / 1024),
          frame_free_count() * (PAGE_SIZE / 1024), frame_promised_count() * (PAGE_SIZE / 1024),
          frame_total_count() * (PAGE_SIZE / 1024));
}
