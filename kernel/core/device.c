/* SPDX-License-Identifier: MIT */
#include "kernel/core/device.h"

#include "hal/boot.h"
#include "kernel/core/log.h"
#include "kernel/core/vmap.h"
#include "mm/frame.h"

/*
 * Windows lie side by side from a random start, so that they share page tables: a machine has
 * a dozen of them, a page each.
 */
static status_t map_window(prange_t reg, const char *name, void **out) {
    static vaddr_t next;
    uint64_t first = align_down(reg.start.raw, PAGE_SIZE), offset = reg.start.raw - first, len;
    if (!align_up_checked(offset + reg.len, PAGE_SIZE, &len)) {
        return ERR_RANGE;
    }
    aspace_request_t request = {
        .len = len,
        .fixed = next.raw != 0,
        .at = next,
        .kind = REGION_PHYS,
        .perms = HAL_PERMS_RW,
        .attr = HAL_MEM_DEVICE,
        .phys = PADDR(first),
        .name = name,
    };
    vaddr_t at;
    status_t s = aspace_map(&kernel_aspace, &request, &at);
    if (request.fixed && (s == ERR_OVERLAP || s == ERR_RANGE)) {
        request.fixed = false; /* something else is there by now */
        s = aspace_map(&kernel_aspace, &request, &at);
    }
    if (s != STATUS_OK) {
        return s;
    }
    LOG(LOG_DEBUG, core, "registers of `%s`: 0x%lx at 0x%lx", name, reg.start.raw, at.raw + offset);
    next = VADDR(at.raw + len);
    *out = (uint8_t *)vaddr_ptr(at) + offset; /* stays mapped until power-off */
    return STATUS_OK;
}

status_t device_map(prange_t reg, const char *name, void **out) {
    uint64_t end;
    if (reg.len == 0) {
        return ERR_INVALID;
    }
    if (__builtin_add_overflow(reg.start.raw, reg.len, &end)) {
        return ERR_RANGE;
    }
    /* A device tree that puts a device into RAM must not give anybody a second way to it. */
    if (reg.start.raw < HAL_DIRECT_MAP_SIZE) {
        const region_t *r = aspace_next(&kernel_aspace, vaddr_of(hal_phys_to_virt(reg.start)));
        uint64_t last = vaddr_of(hal_phys_to_virt(PADDR(end - 1))).raw;
        if (r != NULL && r->start.raw <= last) {
            return ERR_OVERLAP;
        }
    }
    return map_window(reg, name, out);
}

status_t dma_alloc(size_t len, void **out) {
    paddr_t at;
    if (len == 0 || len > SIZE_MAX - PAGE_SIZE) {
        return ERR_INVALID;
    }
    status_t s = frame_alloc_run((len + PAGE_SIZE - 1) / PAGE_SIZE, &at);
    if (s == STATUS_OK) {
        LOG(LOG_DEBUG, core, "%lu bytes for a device to access: 0x%lx", len, at.raw);
        *out = hal_phys_to_virt(at);
    }
    return s;
}

paddr_t dma_addr(const void *p) {
    return hal_virt_to_phys(p);
}
