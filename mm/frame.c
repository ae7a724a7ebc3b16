/* SPDX-License-Identifier: MIT */
/*
 * The buddy allocator (mm/frame.h).
 *
 * Every frame has one state byte. A free block is known by its first frame alone; the bytes of its
 * other frames are not looked after, so that taking one frame out of a gigabyte costs no more than
 * the halvings. Two free buddies never lie side by side: freeing joins them.
 */
#include "mm/frame.h"

#include <string.h>

#include "hal/boot.h"
#include "hal/lock.h"
#include "mm/panic.h"

#define STATE_USED 0x00u     /* taken, or within a block */
#define STATE_RESERVED 0x01u /* never handed out */
#define STATE_FREE 0x80u     /* plus the order: first frame of a free block */

#define NONE UINT64_MAX

typedef struct bank {
    uint64_t first; /* frame number */
    uint64_t count;
    uint8_t *state;
} bank_t;

/* At the start of every free block. Links are frame numbers. */
typedef struct link {
    uint64_t next, prev;
} link_t;

static struct {
    hal_lock_t lock;
    size_t bank_count;
    bank_t banks[FRAME_MAX_BANKS];
    uint64_t lists[FRAME_MAX_ORDER + 1];
    uint64_t free, promised, total;
} frames;

static uint64_t frame_number(paddr_t p) {
    return p.raw >> PAGE_SHIFT;
}

static paddr_t frame_address(uint64_t number) {
    return PADDR(number << PAGE_SHIFT);
}

static link_t *link_of(uint64_t number) {
    return hal_phys_to_virt(frame_address(number));
}

static bank_t *bank_of(uint64_t number, uint64_t count) {
    for (size_t i = 0; i < frames.bank_count; i++) {
        bank_t *b = &frames.banks[i];
        if (number >= b->first && number - b->first < b->count &&
            count <= b->count - (number - b->first)) {
            return b;
        }
    }
    return NULL;
}

static void push(bank_t *b, uint64_t number, unsigned order) {
    link_t *l = link_of(number);
    l->next = frames.lists[order];
    l->prev = NONE;
    if (l->next != NONE) {
        link_of(l->next)->prev = number;
    }
    frames.lists[order] = number;
    b->state[number - b->first] = (uint8_t)(STATE_FREE | order);
}

static void take_out(bank_t *b, uint64_t number, unsigned order) {
    const link_t *l = link_of(number);
    if (l->prev == NONE) {
        frames.lists[order] = l->next;
    } else {
        link_of(l->prev)->next = l->next;
    }
    if (l->next != NONE) {
        link_of(l->next)->prev = l->prev;
    }
    b->state[number - b->first] = STATE_USED;
}

static bool take_block(unsigned order, uint64_t *out) {
    unsigned o = order;
    while (o <= FRAME_MAX_ORDER && frames.lists[o] == NONE) {
        o++;
    }
    if (o > FRAME_MAX_ORDER) {
        return false;
    }
    uint64_t number = frames.lists[o];
    bank_t *b = bank_of(number, 1);
    take_out(b, number, o);
    while (o > order) {
        o--;
        push(b, number + (UINT64_C(1) << o), o);
    }
    frames.free -= UINT64_C(1) << order;
    *out = number;
    return true;
}

/* Whether a free block contains this frame. */
static bool is_free(const bank_t *b, uint64_t number) {
    for (unsigned o = 0; o <= FRAME_MAX_ORDER; o++) {
        uint64_t head = align_down(number, UINT64_C(1) << o);
        if (head < b->first) {
            return false;
        }
        if (b->state[head - b->first] == (STATE_FREE | o)) {
            return true;
        }
    }
    return false;
}

static void give_block(bank_t *b, uint64_t number, unsigned order) {
    frames.free += UINT64_C(1) << order;
    while (order < FRAME_MAX_ORDER) {
        uint64_t buddy = number ^ (UINT64_C(1) << order);
        if (buddy < b->first || buddy - b->first >= b->count ||
            b->state[buddy - b->first] != (STATE_FREE | order)) {
            break;
        }
        take_out(b, buddy, order);
        number &= ~(UINT64_C(1) << order);
        order++;
    }
    push(b, number, order);
}

/* Gives [number, number + count) as the fewest aligned blocks. */
static void give_run(bank_t *b, uint64_t number, uint64_t count) {
    while (count > 0) {
        unsigned order = 0;
        while (order < FRAME_MAX_ORDER && is_aligned(number, UINT64_C(2) << order) &&
               UINT64_C(2) << order <= count) {
            order++;
        }
        give_block(b, number, order);
        number += UINT64_C(1) << order;
        count -= UINT64_C(1) << order;
    }
}

/* ---- Starting ---- */

typedef struct extent {
    uint64_t first, end; /* frame numbers */
} extent_t;

typedef struct plan {
    extent_t reserved[FRAME_MAX_RESERVED + 1]; /* one more for the state bytes */
    size_t reserved_count;
} plan_t;

/* The first free piece of the bank at or behind *cursor. */
static bool next_free(const plan_t *p, const bank_t *b, uint64_t *cursor, extent_t *out) {
    uint64_t first = *cursor, end = b->first + b->count;
    for (size_t i = 0; i < p->reserved_count; i++) {
        if (p->reserved[i].first <= first && first < p->reserved[i].end) {
            first = p->reserved[i].end;
            i = (size_t)-1; /* another one may begin where this one ends */
        }
    }
    if (first >= end) {
        return false;
    }
    for (size_t i = 0; i < p->reserved_count; i++) {
        if (p->reserved[i].first > first && p->reserved[i].first < end) {
            end = p->reserved[i].first;
        }
    }
    *out = (extent_t){first, end};
    *cursor = end;
    return true;
}

static bool find_room(const plan_t *p, uint64_t count, uint64_t *out) {
    for (size_t i = 0; i < frames.bank_count; i++) {
        uint64_t cursor = frames.banks[i].first;
        extent_t e;
        while (next_free(p, &frames.banks[i], &cursor, &e)) {
            if (e.end - e.first >= count) {
                *out = e.first;
                return true;
            }
        }
    }
    return false;
}

static status_t plan_banks(const prange_t *banks, size_t count, uint64_t *frame_sum) {
    *frame_sum = 0;
    frames.bank_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t end;
        if (__builtin_add_overflow(banks[i].start.raw, banks[i].len, &end)) {
            return ERR_INVALID;
        }
        uint64_t first = banks[i].start.raw / PAGE_SIZE + (banks[i].start.raw % PAGE_SIZE != 0);
        end >>= PAGE_SHIFT;
        if (end <= first) {
            continue;
        }
        for (size_t j = 0; j < frames.bank_count; j++) {
            const bank_t *b = &frames.banks[j];
            if (first < b->first + b->count && b->first < end) {
                return ERR_INVALID;
            }
        }
        frames.banks[frames.bank_count++] = (bank_t){.first = first, .count = end - first};
        *frame_sum += end - first;
    }
    return STATUS_OK;
}

static void plan_reserved(plan_t *p, const prange_t *reserved, size_t count) {
    p->reserved_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t end;
        if (reserved[i].len == 0) {
            continue;
        }
        if (__builtin_add_overflow(reserved[i].start.raw, reserved[i].len - 1, &end)) {
            end = UINT64_MAX;
        }
        p->reserved[p->reserved_count++] =
            (extent_t){reserved[i].start.raw >> PAGE_SHIFT, (end >> PAGE_SHIFT) + 1};
    }
}

/* All of the bank's frames: the reserved ones marked, the others given to the lists. */
static void open_bank(const plan_t *p, bank_t *b) {
    memset(b->state, STATE_USED, b->count);
    uint64_t cursor = b->first, done = b->first;
    extent_t e;
    while (next_free(p, b, &cursor, &e)) {
        memset(b->state + (done - b->first), STATE_RESERVED, e.first - done);
        give_run(b, e.first, e.end - e.first);
        done = e.end;
    }
    memset(b->state + (done - b->first), STATE_RESERVED, b->first + b->count - done);
}

status_t frame_init(const prange_t *banks, size_t bank_count, const prange_t *reserved,
                    size_t reserved_count) {
    if (bank_count == 0 || bank_count > FRAME_MAX_BANKS || reserved_count > FRAME_MAX_RESERVED) {
        return ERR_INVALID;
    }
    memset(&frames, 0, sizeof frames);
    for (unsigned o = 0; o <= FRAME_MAX_ORDER; o++) {
        frames.lists[o] = NONE;
    }
    uint64_t frame_sum;
    status_t s = plan_banks(banks, bank_count, &frame_sum);
    if (s != STATUS_OK) {
        frames.bank_count = 0;
        return s;
    }
    plan_t plan;
    plan_reserved(&plan, reserved, reserved_count);
    uint64_t state_frames = (frame_sum + PAGE_SIZE - 1) >> PAGE_SHIFT, room;
    if (frame_sum == 0 || !find_room(&plan, state_frames, &room)) {
        frames.bank_count = 0;
        return ERR_NO_MEMORY;
    }
    plan.reserved[plan.reserved_count++] = (extent_t){room, room + state_frames};
    uint8_t *state = hal_phys_to_virt(frame_address(room));
    for (size_t i = 0; i < frames.bank_count; i++) {
        frames.banks[i].state = state;
        state += frames.banks[i].count;
        open_bank(&plan, &frames.banks[i]);
    }
    frames.total = frames.free;
    return STATUS_OK;
}

/* ---- Taking and giving ---- */

static bool has_unpromised(uint64_t count) {
    return frames.free - frames.promised >= count;
}

status_t frame_alloc(unsigned order, paddr_t *out) {
    if (order > FRAME_MAX_ORDER) {
        return ERR_INVALID;
    }
    uint64_t number;
    hal_lock_take(&frames.lock);
    bool ok = has_unpromised(UINT64_C(1) << order) && take_block(order, &number);
    hal_lock_release(&frames.lock);
    if (!ok) {
        return ERR_NO_MEMORY;
    }
    *out = frame_address(number);
    return STATUS_OK;
}

status_t frame_alloc_zeroed(unsigned order, paddr_t *out) {
    status_t s = frame_alloc(order, out);
    if (s == STATUS_OK) {
        hal_clear_pages(*out, UINT64_C(1) << order);
    }
    return s;
}

status_t frame_alloc_run(uint64_t count, paddr_t *out) {
    if (count == 0) {
        return ERR_INVALID;
    }
    unsigned order = 0;
    while (order <= FRAME_MAX_ORDER && UINT64_C(1) << order < count) {
        order++;
    }
    uint64_t number;
    hal_lock_take(&frames.lock);
    bool ok = order <= FRAME_MAX_ORDER && has_unpromised(count) && take_block(order, &number);
    if (ok) {
        give_run(bank_of(number, 1), number + count, (UINT64_C(1) << order) - count);
    }
    hal_lock_release(&frames.lock);
    if (!ok) {
        return ERR_NO_MEMORY;
    }
    *out = frame_address(number);
    return STATUS_OK;
}

void frame_free_run(paddr_t start, uint64_t count) {
    if (count == 0) {
        return;
    }
    uint64_t number = frame_number(start);
    hal_lock_take(&frames.lock);
    bank_t *b = bank_of(number, count);
    MM_ASSERT(b != NULL && is_aligned(start.raw, PAGE_SIZE), "freed frames lie in RAM");
    MM_ASSERT(b->state[number - b->first] != STATE_RESERVED, "freed frames were handed out");
    MM_ASSERT(!is_free(b, number), "freed frames were in use");
    give_run(b, number, count);
    hal_lock_release(&frames.lock);
}

void frame_free(paddr_t start, unsigned order) {
    MM_ASSERT(order <= FRAME_MAX_ORDER && is_aligned(start.raw, PAGE_SIZE << order),
              "a freed block is aligned to its size");
    frame_free_run(start, UINT64_C(1) << order);
}

/* ---- Promises ---- */

status_t frame_promise(uint64_t count) {
    hal_lock_take(&frames.lock);
    bool ok = has_unpromised(count);
    frames.promised += ok ? count : 0;
    hal_lock_release(&frames.lock);
    return ok ? STATUS_OK : ERR_NO_MEMORY;
}

void frame_unpromise(uint64_t count) {
    hal_lock_take(&frames.lock);
    MM_ASSERT(count <= frames.promised, "what is unpromised was promised");
    frames.promised -= count;
    hal_lock_release(&frames.lock);
}

bool frame_take_promised_block(unsigned order, paddr_t *out) {
    uint64_t number;
    hal_lock_take(&frames.lock);
    MM_ASSERT(frames.promised >= UINT64_C(1) << order, "what is taken was promised");
    bool ok = take_block(order, &number);
    if (ok) {
        frames.promised -= UINT64_C(1) << order;
        *out = frame_address(number);
    }
    hal_lock_release(&frames.lock);
    return ok;
}

void frame_take_promised(paddr_t *out) {
    bool ok = frame_take_promised_block(0, out);
    MM_ASSERT(ok, "a promised frame is there");
}

static uint64_t read_locked(const uint64_t *value) {
    hal_lock_take(&frames.lock);
    uint64_t v = *value;
    hal_lock_release(&frames.lock);
    return v;
}

uint64_t frame_free_count(void) {
    return read_locked(&frames.free);
}

uint64_t frame_promised_count(void) {
    return read_locked(&frames.promised);
}

uint64_t frame_total_count(void) {
    return read_locked(&frames.total);
}
