/* SPDX-License-Identifier: MIT */
/* The owning handle of a mapping (mm/mmap.h). */
#include "mm/mmap.h"

#include <string.h>

#include "hal/boot.h"
#include "mm/panic.h"

static uint64_t page_offset(uint64_t address) {
    return address & (PAGE_SIZE - 1);
}

static vaddr_t base_of(const mmap_t *m) {
    return VADDR(align_down(m->start.raw, PAGE_SIZE));
}

/* Bytes of whole pages that are mapped, from base_of() on. */
static uint64_t mapped_len(const mmap_t *m) {
    uint64_t end = page_offset(m->start.raw) + m->len;
    return align_down(end + PAGE_SIZE - 1, PAGE_SIZE);
}

/* `offset` bytes of the first page come before opts->len. */
static status_t create(aspace_t *as, aspace_request_t *request, const mmap_opts_t *opts,
                       uint64_t offset, mmap_t *out) {
    uint64_t end, capacity = opts->capacity == 0 ? opts->len : opts->capacity;
    if (capacity < opts->len) {
        return ERR_INVALID;
    }
    if (__builtin_add_overflow(opts->len, offset, &end) ||
        !align_up_checked(end, PAGE_SIZE, &request->len) ||
        __builtin_add_overflow(capacity, offset, &end) ||
        !align_up_checked(end, PAGE_SIZE, &request->capacity) ||
        !align_up_checked(opts->guard_before, PAGE_SIZE, &request->guard_before)) {
        return ERR_RANGE;
    }
    if (capacity == 0) {
        *out = mmap_new_empty();
        return STATUS_OK;
    }
    request->align = opts->align;
    request->fixed = opts->fixed;
    request->at = opts->at;
    request->perms = opts->perms;
    request->name = opts->name;
    vaddr_t at;
    status_t s = aspace_map(as, request, &at);
    if (s != STATUS_OK) {
        return s;
    }
    *out = (mmap_t){.as = as,
                    .start = VADDR(at.raw + offset),
                    .len = opts->len,
                    .capacity = request->capacity,
                    .guard_before = request->guard_before,
                    .perms = opts->perms,
                    .growable = request->kind == REGION_ZERO || request->kind == REGION_VIEW};
    return STATUS_OK;
}

mmap_t mmap_new_empty(void) {
    return (mmap_t){.as = NULL};
}

status_t mmap_new_zeroed(aspace_t *as, const mmap_opts_t *opts, mmap_t *out) {
    aspace_request_t request = {.kind = REGION_ZERO};
    return create(as, &request, opts, 0, out);
}

status_t mmap_new_wired(aspace_t *as, const mmap_opts_t *opts, bool contiguous, mmap_t *out) {
    aspace_request_t request = {.kind = REGION_WIRED, .contiguous = contiguous};
    return create(as, &request, opts, 0, out);
}

status_t mmap_new_phys(aspace_t *as, paddr_t phys, hal_mem_attr_t attr, const mmap_opts_t *opts,
                       mmap_t *out) {
    uint64_t offset = page_offset(phys.raw);
    aspace_request_t request = {
        .kind = REGION_PHYS, .phys = PADDR(phys.raw - offset), .attr = attr};
    mmap_opts_t plain = *opts;
    plain.capacity = plain.align = 0;
    return create(as, &request, &plain, offset, out);
}

status_t mmap_new_image(aspace_t *as, prange_t image, const mmap_opts_t *opts, mmap_t *out) {
    aspace_request_t request = {.kind = REGION_IMAGE, .phys = image.start, .image_len = image.len};
    mmap_opts_t plain = *opts;
    plain.capacity = 0;
    return create(as, &request, &plain, 0, out);
}

status_t mmap_new_view(aspace_t *as, vaddr_t of, const mmap_opts_t *opts, mmap_t *out) {
    aspace_request_t request = {.kind = REGION_VIEW, .of = of};
    if (opts->len == 0) {
        return ERR_INVALID;
    }
    return create(as, &request, opts, 0, out);
}

vrange_t mmap_range(const mmap_t *m) {
    return (vrange_t){m->start, m->len};
}

uint64_t mmap_len(const mmap_t *m) {
    return m->len;
}

uint64_t mmap_capacity(const mmap_t *m) {
    return m->capacity - page_offset(m->start.raw);
}

bool mmap_is_empty(const mmap_t *m) {
    return m->len == 0;
}

const void *mmap_as_ptr(const mmap_t *m) {
    return vaddr_ptr(m->start);
}

void *mmap_as_mut_ptr(mmap_t *m) {
    return vaddr_ptr(m->start);
}

/* ---- Parts ---- */

static status_t part_of(const mmap_t *m, uint64_t offset, uint64_t len, vrange_t *out) {
    if (offset > m->len || len > m->len - offset) {
        return ERR_RANGE;
    }
    *out = (vrange_t){VADDR(m->start.raw + offset), len};
    return STATUS_OK;
}

status_t mmap_commit(mmap_t *m, uint64_t offset, uint64_t len, fault_access_t access) {
    vrange_t part;
    status_t s = part_of(m, offset, len, &part);
    return s != STATUS_OK || len == 0 ? s : aspace_commit(m->as, part, access);
}

status_t mmap_protect(mmap_t *m, uint64_t offset, uint64_t len, hal_perms_t perms) {
    vrange_t part;
    status_t s = part_of(m, offset, len, &part);
    if (s == STATUS_OK) {
        s = hal_perms_make(perms.bits | (m->perms.bits & HAL_USER), &perms);
    }
    if (s != STATUS_OK || len == 0) {
        return s;
    }
    uint64_t first = align_down(part.start.raw, PAGE_SIZE);
    uint64_t last = align_down(part.start.raw + (len - 1), PAGE_SIZE);
    return aspace_protect(m->as, (vrange_t){VADDR(first), last - first + PAGE_SIZE}, perms);
}

status_t mmap_make_readonly(mmap_t *m, uint64_t offset, uint64_t len) {
    return mmap_protect(m, offset, len, HAL_PERMS_R);
}

status_t mmap_make_executable(mmap_t *m, uint64_t offset, uint64_t len) {
    return mmap_protect(m, offset, len, HAL_PERMS_RX);
}

/* Whole pages, so that the tail behind len(), which must read as zeroes once it is grown over, is
 * never the image's. */
status_t mmap_overlay(mmap_t *m, uint64_t offset, prange_t image) {
    vrange_t part;
    status_t s = part_of(m, offset, image.len, &part);
    return s != STATUS_OK || image.len == 0 ? s : aspace_overlay(m->as, part, image.start);
}

/* ---- Copying ---- */

/* Commits the part, and refuses devices. */
static status_t open_part(mmap_t *m, uint64_t offset, uint64_t len, fault_access_t access,
                          vrange_t *part) {
    status_t s = part_of(m, offset, len, part);
    if (s != STATUS_OK || len == 0) {
        return s;
    }
    const region_t *r = aspace_find(m->as, m->start);
    if (r != NULL && r->attr == HAL_MEM_DEVICE) {
        return ERR_UNSUPPORTED;
    }
    return aspace_commit(m->as, *part, access);
}

/* The bytes at `at` up to the end of their page, where the direct map shows them. */
static uint8_t *bytes_at(mmap_t *m, uint64_t at, uint64_t left, uint64_t *count) {
    hal_pt_entry_t e;
    status_t s = aspace_translate(m->as, VADDR(at), &e);
    MM_ASSERT(s == STATUS_OK, "a committed page is present");
    uint64_t room = PAGE_SIZE - page_offset(at);
    *count = room < left ? room : left;
    return hal_phys_to_virt(e.pa);
}

status_t mmap_copy_in(mmap_t *m, uint64_t offset, const void *from, uint64_t len) {
    vrange_t part = {VADDR(0), 0};
    status_t s = open_part(m, offset, len, ACCESS_WRITE, &part);
    const uint8_t *next = from;
    for (uint64_t n, at = part.start.raw; s == STATUS_OK && len > 0; at += n, next += n, len -= n) {
        uint8_t *bytes = bytes_at(m, at, len, &n);
        memcpy(bytes, next, n);
    }
    return s;
}

status_t mmap_copy_out(mmap_t *m, uint64_t offset, void *to, uint64_t len) {
    vrange_t part = {VADDR(0), 0};
    status_t s = open_part(m, offset, len, ACCESS_READ, &part);
    uint8_t *next = to;
    for (uint64_t n, at = part.start.raw; s == STATUS_OK && len > 0; at += n, next += n, len -= n) {
        const uint8_t *bytes = bytes_at(m, at, len, &n);
        memcpy(next, bytes, n);
    }
    return s;
}

status_t mmap_with_slice(mmap_t *m, uint64_t offset, uint64_t len, mmap_slice_fn fn,
                         void *context) {
    status_t s = mmap_commit(m, offset, len, ACCESS_READ);
    return s != STATUS_OK ? s : fn(vaddr_ptr(VADDR(m->start.raw + offset)), len, context);
}

status_t mmap_with_slice_mut(mmap_t *m, uint64_t offset, uint64_t len, mmap_slice_mut_fn fn,
                             void *context) {
    status_t s = mmap_commit(m, offset, len, ACCESS_WRITE);
    return s != STATUS_OK ? s : fn(vaddr_ptr(VADDR(m->start.raw + offset)), len, context);
}

/* ---- Growing and dropping ---- */

/* A pointer may have written behind len() in the last page; what grows over it is zero again. */
static void clear_tail(const mmap_t *m) {
    uint64_t at = m->start.raw + m->len;
    hal_pt_entry_t e;
    if (page_offset(at) != 0 && aspace_translate(m->as, VADDR(at), &e) == STATUS_OK && e.owned) {
        memset(hal_phys_to_virt(e.pa), 0, PAGE_SIZE - page_offset(at));
    }
}

status_t mmap_grow(mmap_t *m, uint64_t new_len) {
    if (new_len < m->len) {
        return ERR_INVALID;
    }
    if (new_len == m->len) {
        return STATUS_OK;
    }
    if (!m->growable || new_len > m->capacity) {
        return ERR_RANGE;
    }
    mmap_t grown = *m;
    grown.len = new_len;
    uint64_t old = mapped_len(m);
    status_t s = aspace_grow(m->as, m->start, old, mapped_len(&grown) - old, m->perms);
    if (s == STATUS_OK) {
        clear_tail(m);
        *m = grown;
    }
    return s;
}

status_t mmap_shrink(mmap_t *m, uint64_t new_len) {
    if (new_len > m->len || !m->growable) {
        return new_len == m->len ? STATUS_OK : ERR_INVALID;
    }
    mmap_t shrunk = *m;
    shrunk.len = new_len;
    uint64_t old = mapped_len(m);
    status_t s = aspace_shrink(m->as, m->start, old, old - mapped_len(&shrunk));
    if (s == STATUS_OK) {
        *m = shrunk;
    }
    return s;
}

void mmap_drop(mmap_t *m) {
    if (m->as != NULL) {
        vrange_t all = {VADDR(base_of(m).raw - m->guard_before), m->guard_before + m->capacity};
        status_t s = aspace_unmap(m->as, all);
        MM_ASSERT(s == STATUS_OK, "a mapping that is dropped is whole");
    }
    *m = mmap_new_empty();
}
