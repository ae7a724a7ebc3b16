/* SPDX-License-Identifier: MIT */
#include "kernel/core/device.h"

#include "hal/boot.h"
#include "kernel/core/vmap.h"
#include "mm/frame.h"
#include "mm/mmap.h"

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
    mmap_t window;
    status_t s =
        mmap_new_phys(&kernel_aspace, reg.start, HAL_MEM_DEVICE,
                      &(mmap_opts_t){.len = reg.len, .perms = HAL_PERMS_RW, .name = name}, &window);
    if (s == STATUS_OK) {
        *out = mmap_as_mut_ptr(&window); /* stays mapped until power-off */
    }
    return s;
}

status_t dma_alloc(size_t len, void **out) {
    paddr_t at;
    if (len == 0 || len > SIZE_MAX - PAGE_SIZE) {
        return ERR_INVALID;
    }
    status_t s = frame_alloc_run((len + PAGE_SIZE - 1) / PAGE_SIZE, &at);
    if (s == STATUS_OK) {
        *out = hal_phys_to_virt(at);
    }
    return s;
}

paddr_t dma_addr(const void *p) {
    return hal_virt_to_phys(p);
}
