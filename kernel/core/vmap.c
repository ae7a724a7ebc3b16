/* SPDX-License-Identifier: MIT */
#include "kernel/core/vmap.h"

#include <string.h>

#include "kernel/core/log.h"
#include "mm/frame.h"
#include "mm/mmap.h"

#define GIB (UINT64_C(1) << 30)

/* No frame of translated code reaches over this: a function has at most 50,000 locals. */
#define STACK_GUARD (UINT64_C(64) << 20)
#define MAX_STACKS 4u
#define MAX_RESERVED (DT_MAX_RESERVED + 2u)

aspace_t kernel_aspace;

static mmap_t stacks[MAX_STACKS];
static unsigned n_stacks;
static vrange_t boot_stacks[HAL_BOOT_STACKS];

static prange_t page_cover(prange_t r) {
    uint64_t start = align_down(r.start.raw, PAGE_SIZE);
    uint64_t end = r.start.raw + r.len;
    if (!align_up_checked(end, PAGE_SIZE, &end)) {
        end = align_down(end, PAGE_SIZE);
    }
    return (prange_t){PADDR(start), end - start};
}

static prange_t image_of(const hal_boot_info_t *boot) {
    return (prange_t){boot->kernel_phys, boot->image};
}

static unsigned list_reserved(const hal_boot_info_t *boot, const dt_facts_t *facts,
                              prange_t out[MAX_RESERVED]) {
    unsigned n = 0;
    for (; n < facts->n_reserved; n++) {
        out[n] = page_cover(facts->reserved[n]);
    }
    out[n++] = image_of(boot);
    out[n++] = page_cover((prange_t){boot->fdt, facts->blob_len});
    return n;
}

/* RAM beyond the direct map's reach is left out. */
static unsigned list_banks(const dt_facts_t *facts, prange_t out[DT_MAX_BANKS]) {
    unsigned n = 0;
    for (unsigned i = 0; i < facts->n_memory; i++) {
        prange_t bank = facts->memory[i];
        if (bank.start.raw >= HAL_DIRECT_MAP_SIZE) {
            LOG(LOG_WARN, core, "memory at %lx is out of reach", bank.start.raw);
            continue;
        }
        if (bank.len > HAL_DIRECT_MAP_SIZE - bank.start.raw) {
            bank.len = HAL_DIRECT_MAP_SIZE - bank.start.raw;
        }
        out[n++] = bank;
    }
    return n;
}

status_t vmap_init_frames(const hal_boot_info_t *boot, const dt_facts_t *facts) {
    prange_t banks[DT_MAX_BANKS], reserved[MAX_RESERVED];
    unsigned n_banks = list_banks(facts, banks);
    for (unsigned i = 0; i < n_banks; i++) {
        status_t s = hal_early_direct_map(banks[i]);
        if (s != STATUS_OK) {
            return s;
        }
    }
    memcpy(boot_stacks, boot->stacks, sizeof boot_stacks);
    return frame_init(banks, n_banks, reserved, list_reserved(boot, facts, reserved));
}

static status_t map_phys(prange_t phys, vaddr_t at, uint64_t guard_before, hal_perms_t perms,
                         const char *name) {
    vaddr_t where;
    return aspace_map(&kernel_aspace,
                      &(aspace_request_t){
                          .len = phys.len,
                          .guard_before = guard_before,
                          .fixed = true,
                          .at = at,
                          .kind = REGION_PHYS,
                          .perms = perms,
                          .phys = phys.start,
                          .name = name,
                      },
                      &where);
}

static status_t map_direct(prange_t phys, hal_perms_t perms, const char *name) {
    return map_phys(phys, vaddr_of(hal_phys_to_virt(phys.start)), 0, perms, name);
}

/* The bank without the reserved ranges, piece by piece. The kernel's image is one of them, so text
 * and rodata have no writable alias. */
static status_t map_bank(prange_t bank, const prange_t *reserved, unsigned n_reserved) {
    uint64_t at, end = align_down(bank.start.raw + bank.len, PAGE_SIZE);
    if (!align_up_checked(bank.start.raw, PAGE_SIZE, &at)) {
        return STATUS_OK;
    }
    while (at < end) {
        uint64_t next = end, resume = end;
        for (unsigned i = 0; i < n_reserved; i++) {
            uint64_t r = reserved[i].start.raw, r_end = r + reserved[i].len;
            if (r_end > at && r < next) {
                next = r > at ? r : at;
                resume = r_end;
            }
        }
        if (next > at) {
            status_t s = map_direct((prange_t){PADDR(at), next - at}, HAL_PERMS_RW, "direct map");
            if (s != STATUS_OK) {
                return s;
            }
        }
        at = resume;
    }
    return STATUS_OK;
}

static status_t map_segment(const hal_boot_info_t *boot, vrange_t segment, uint64_t guard_before,
                            hal_perms_t perms, const char *name) {
    uint64_t offset = segment.start.raw - HAL_KERNEL_BASE;
    prange_t phys = {PADDR(boot->kernel_phys.raw + offset), segment.len};
    return segment.len == 0 ? STATUS_OK : map_phys(phys, segment.start, guard_before, perms, name);
}

status_t vmap_init_tables(const hal_boot_info_t *boot, const dt_facts_t *facts, bool sv48,
                          uint64_t seed) {
    unsigned levels = sv48 ? 4 : 3;
    uint64_t half = UINT64_C(1) << (levels == 4 ? 47 : 38);
    status_t s = aspace_init(&kernel_aspace, &(aspace_config_t){
                                                 .levels = levels,
                                                 .window = {VADDR(VMAP_LOWEST), half - VMAP_LOWEST},
                                                 .seeded = seed != 0,
                                                 .seed = seed,
                                             });
    prange_t banks[DT_MAX_BANKS], reserved[MAX_RESERVED];
    unsigned n_reserved = list_reserved(boot, facts, reserved);
    unsigned n_banks = list_banks(facts, banks);
    const struct {
        vrange_t range;
        hal_perms_t perms;
        const char *name;
    } segments[] = {
        {boot->text, HAL_PERMS_RX, "kernel text"},
        {boot->rodata, HAL_PERMS_R, "kernel rodata"},
        {boot->user_text, HAL_PERMS_USER_RX, "module text"},
        {boot->data, HAL_PERMS_RW, "kernel data"},
        {boot->user_data, HAL_PERMS_USER_RW, "module data"},
        {boot->bss, HAL_PERMS_RW, "kernel bss"},
    };
    for (unsigned i = 0; i < sizeof segments / sizeof *segments && s == STATUS_OK; i++) {
        s = map_segment(boot, segments[i].range, 0, segments[i].perms, segments[i].name);
    }
    for (unsigned i = 0; i < HAL_BOOT_STACKS && s == STATUS_OK; i++) {
        static const char *const names[] = {"boot stack", "trap stack", "nested trap stack"};
        s = map_segment(boot, boot->stacks[i], PAGE_SIZE, HAL_PERMS_RW, names[i]);
    }
    if (s == STATUS_OK) {
        s = map_direct(reserved[n_reserved - 1], HAL_PERMS_R, "device tree");
    }
    if (s == STATUS_OK) {
        /* Image-backed regions are copied from here (mm/fault.c), and nobody else reads it. */
        uint64_t offset = boot->pages.start.raw - HAL_KERNEL_BASE;
        prange_t pages = {PADDR(boot->kernel_phys.raw + offset), boot->pages.len};
        s = pages.len == 0 ? STATUS_OK : map_direct(pages, HAL_PERMS_R, "image pages");
    }
    for (unsigned i = 0; i < n_banks && s == STATUS_OK; i++) {
        s = map_bank(banks[i], reserved, n_reserved);
    }
    if (s != STATUS_OK) {
        return s;
    }
    hal_mmu_activate(&kernel_aspace.pt);
    return hal_mmu_is_active(&kernel_aspace.pt) ? STATUS_OK : ERR_UNSUPPORTED;
}

status_t vmap_stack_new(uint64_t len, const char *name, uint64_t *top) {
    uint64_t size;
    if (n_stacks == MAX_STACKS || !align_up_checked(len, PAGE_SIZE, &size)) {
        return ERR_RANGE;
    }
    status_t s = mmap_new_zeroed(&kernel_aspace,
                                 &(mmap_opts_t){
                                     .len = size,
                                     .guard_before = STACK_GUARD,
                                     .perms = HAL_PERMS_USER_RW,
                                     .name = name,
                                 },
                                 &stacks[n_stacks]);
    if (s != STATUS_OK) {
        return s;
    }
    vrange_t r = mmap_range(&stacks[n_stacks++]);
    *top = r.start.raw + r.len;
    return STATUS_OK;
}

static bool is_stack_guard(vaddr_t v) {
    for (unsigned i = 0; i < n_stacks; i++) {
        uint64_t start = mmap_range(&stacks[i]).start.raw;
        if (v.raw < start && start - v.raw <= STACK_GUARD) {
            return true;
        }
    }
    return false;
}

vmap_fault_t vmap_handle_fault(const hal_trap_t *t) {
    hal_trap_kind_t kind = hal_trap_kind(t);
    fault_access_t access = kind == HAL_TRAP_LOAD_FAULT    ? ACCESS_READ
                            : kind == HAL_TRAP_STORE_FAULT ? ACCESS_WRITE
                                                           : ACCESS_EXECUTE;
    fault_level_t level = hal_trap_from_user(t)     ? LEVEL_USER
                          : hal_trap_user_access(t) ? LEVEL_BOTH
                                                    : LEVEL_KERNEL;
    vaddr_t at = hal_trap_address(t);
    switch (aspace_handle_fault(&kernel_aspace, at, access, level)) {
    case FAULT_RESOLVED:
        return VMAP_FAULT_RESOLVED;
    case FAULT_GUARD:
        return is_stack_guard(at) ? VMAP_FAULT_STACK_GUARD : VMAP_FAULT_OTHER;
    default:
        return VMAP_FAULT_OTHER;
    }
}

bool vmap_is_user_stack(vaddr_t v) {
    vrange_t r;
    return vmap_stack_at(v, &r) && r.start.raw < HAL_DIRECT_MAP_BASE;
}

bool vmap_stack_at(vaddr_t v, vrange_t *out) {
    for (unsigned i = 0; i < n_stacks; i++) {
        vrange_t r = mmap_range(&stacks[i]);
        if (v.raw - (r.start.raw - STACK_GUARD) <= r.len + STACK_GUARD) {
            *out = r;
            return true;
        }
    }
    for (unsigned i = 0; i < HAL_BOOT_STACKS; i++) {
        if (v.raw - boot_stacks[i].start.raw <= boot_stacks[i].len) {
            *out = boot_stacks[i];
            return true;
        }
    }
    return false;
}

/* What lies beside `r` in the same mapping and is no guard. */
static const region_t *neighbour(const region_t *r, bool before) {
    uint64_t at = before ? r->start.raw - 1 : r->start.raw + r->len;
    const region_t *n = aspace_find(&kernel_aspace, VADDR(at));
    return n != NULL && n->identity == r->identity && n->kind != REGION_RESERVED ? n : NULL;
}

/* The accessible part of what `r`, a guard or not, is a piece of: all pieces of it together. */
static vrange_t backed_part(const region_t *r, bool *below) {
    const region_t *first = r;
    *below = false;
    if (r->kind == REGION_RESERVED) {
        first = neighbour(r, true);
        if (first == NULL) {
            first = neighbour(r, false);
            *below = first != NULL;
        }
        if (first == NULL) {
            return (vrange_t){r->start, 0};
        }
    }
    const region_t *last = first;
    for (const region_t *n; (n = neighbour(first, true)) != NULL;) {
        first = n;
    }
    for (const region_t *n; (n = neighbour(last, false)) != NULL;) {
        last = n;
    }
    return (vrange_t){first->start, last->start.raw + last->len - first->start.raw};
}

void vmap_describe(vaddr_t v, void (*print)(const char *format, ...)) {
    if (aspace_is_busy(&kernel_aspace)) {
        print("ingot: panic:   the address space was being changed\n");
        return;
    }
    const region_t *r = aspace_find(&kernel_aspace, v);
    if (r == NULL) {
        print("ingot: panic:   %016lx belongs to no region\n", v.raw);
        return;
    }
    bool below;
    vrange_t part = backed_part(r, &below);
    if (below) {
        print("ingot: panic:   %016lx is guard of %s, 0x%lx below it\n", v.raw, r->name,
              part.start.raw - v.raw);
    } else {
        /* Offset from the thing's start: beyond the size is its tail. */
        print("ingot: panic:   %016lx is %s +0x%lx, size 0x%lx\n", v.raw, r->name,
              v.raw - part.start.raw, part.len);
    }
}

void vmap_print(void) {
    aspace_dump(&kernel_aspace, console_printf);
}
