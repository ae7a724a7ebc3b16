/* SPDX-License-Identifier: MIT */
/*
 * The kernel heap (mm/heap.h).
 *
 * Every page that begins a run, small or not, begins with a head that says what follows. A block
 * never lies at a page border, so the head of a block is found by rounding down. With checks:
 *
 *     | head ... | size, state | the block's bytes | canary | slack |
 */
#include "mm/heap.h"

#include <string.h>

#include "mm/mmap.h"
#include "mm/panic.h"

enum { HEAD_SMALL = 1, HEAD_RUN, HEAD_LARGE, HEAD_FREE };

typedef struct head {
    uint64_t magic; /* seed, address and kind: not to be guessed or mistaken */
    uint32_t pages; /* of a run, free or not */
    uint16_t class; /* of small blocks */
    uint16_t used;  /* small blocks in use */
    struct slot *free;
    struct head *next, *prev; /* small: pages of the class with room. Free runs: by address */
} head_t;

/* A free small block. */
typedef struct slot {
    struct slot *next;
} slot_t;

/* In front of a block with a mapping of its own: the handle, behind the head. */
typedef struct large {
    head_t head;
    mmap_t map;
} large_t;

#define ROUND_16(n) (((n) + 15) & ~(size_t)15)
#define SMALL_OFFSET ROUND_16(sizeof(head_t))
#define LARGE_OFFSET ROUND_16(sizeof(large_t))

static const uint16_t class_sizes[] = {16,  32,  48,  64,  80,  96,  112, 128, 160, 192,
                                       224, 256, 320, 384, 448, 512, 640, 768, 1008};
#define CLASSES (sizeof class_sizes / sizeof class_sizes[0])

static struct {
    hal_lock_t lock;
    aspace_t *as; /* NULL before heap_init() */
    uint64_t seed;
    mmap_t region;
    head_t *partial[CLASSES];
    head_t *runs; /* free, by address; no two of them side by side */
    heap_stats_t stats;
} heap;

/* ---- What checks add to a block ---- */

#ifdef INGOT_HEAP_CHECKS
typedef struct guard {
    uint64_t size;
    uint64_t state;
} guard_t;

#define CANARY_SIZE sizeof(uint64_t)
#define STATE_LIVE UINT64_C(0x6c69766562796573)
#define STATE_FREED UINT64_C(0x66726565646f6e65)

static uint64_t canary_of(const guard_t *g) {
    return (heap.seed ^ (uintptr_t)g) * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t padded(size_t size) {
    return size + sizeof(guard_t) + CANARY_SIZE;
}

static void *dress(void *raw, size_t size) {
    guard_t *g = raw;
    *g = (guard_t){size, canary_of(g) ^ STATE_LIVE};
    uint64_t canary = canary_of(g);
    memcpy((uint8_t *)(g + 1) + size, &canary, sizeof canary);
    return g + 1;
}

/* The block as the pages know it, after looking at its guard. */
static void *undress(void *block) {
    guard_t *g = (guard_t *)block - 1;
    uint64_t state = g->state ^ canary_of(g), canary = canary_of(g);
    MM_ASSERT(state != STATE_FREED, "a block is freed once");
    MM_ASSERT(state == STATE_LIVE, "what is freed is a block, and nothing wrote in front of it");
    MM_ASSERT(memcmp((uint8_t *)block + g->size, &canary, sizeof canary) == 0,
              "nothing wrote beyond the end of a block");
    return g;
}

static void bury(void *raw) {
    guard_t *g = raw;
    g->state = canary_of(g) ^ STATE_FREED;
}

/* The link of a free slot must not disturb the guard that tells a second free. */
#define LINK_OFFSET sizeof(guard_t)
#else
#define LINK_OFFSET 0

static size_t padded(size_t size) {
    return size;
}

static void *dress(void *raw, size_t size) {
    (void)size;
    return raw;
}

static void *undress(void *block) {
    return block;
}

static void bury(void *raw) {
    (void)raw;
}
#endif

static uint64_t magic_of(const void *page, unsigned kind) {
    return (heap.seed ^ (uintptr_t)page ^ kind) * UINT64_C(0xd6e8feb86659fd93);
}

static void set_kind(head_t *h, unsigned kind) {
    h->magic = magic_of(h, kind);
}

static bool has_kind(const head_t *h, unsigned kind) {
    return h->magic == magic_of(h, kind);
}

static head_t *head_of(void *raw) {
    return (head_t *)align_down((uintptr_t)raw, PAGE_SIZE);
}

/* ---- Runs of pages ---- */

static head_t *run_end(const head_t *run) {
    return (head_t *)((uintptr_t)run + run->pages * PAGE_SIZE);
}

static void give_run(head_t *run) {
    head_t *before = NULL, *after = heap.runs;
    while (after != NULL && after < run) {
        before = after;
        after = after->next;
    }
    heap.stats.free_pages += run->pages;
    set_kind(run, HEAD_FREE);
    run->next = after;
    if (after != NULL && run_end(run) == after) {
        run->pages += after->pages;
        run->next = after->next;
        after->magic = 0;
    }
    if (before != NULL && run_end(before) == run) {
        before->pages += run->pages;
        before->next = run->next;
        run->magic = 0;
    } else {
        *(before != NULL ? &before->next : &heap.runs) = run;
    }
}

/* Gives the free run at the end of the region back, all but what the next block may want. */
static void trim(void) {
    head_t **link = &heap.runs;
    while (*link != NULL && (*link)->next != NULL) {
        link = &(*link)->next;
    }
    head_t *last = *link;
    uint64_t len = mmap_len(&heap.region);
    uint8_t *end = (uint8_t *)mmap_as_mut_ptr(&heap.region) + len;
    if (last == NULL || last->pages < HEAP_TRIM_PAGES || (uint8_t *)run_end(last) != end) {
        return;
    }
    uint32_t less = last->pages - HEAP_GROW_PAGES;
    if (mmap_shrink(&heap.region, len - less * PAGE_SIZE) == STATUS_OK) {
        last->pages -= less;
        heap.stats.free_pages -= less;
        heap.stats.region_pages -= less;
    }
}

/* More pages at the end of the region; they join a free run that ends there. */
static bool grow(uint32_t pages) {
    uint64_t len = mmap_len(&heap.region), more = pages * PAGE_SIZE;
    if (mmap_grow(&heap.region, len + more) != STATUS_OK) {
        return false;
    }
    status_t s = mmap_commit(&heap.region, len, more, ACCESS_WRITE);
    MM_ASSERT(s == STATUS_OK, "what was just grown can be committed");
    head_t *run = (head_t *)((uint8_t *)mmap_as_mut_ptr(&heap.region) + len);
    *run = (head_t){.pages = pages};
    heap.stats.region_pages += pages;
    give_run(run);
    return true;
}

/* Grows by what is missing, and a little more if that can be had. */
static bool grow_for(uint32_t pages) {
    head_t *last = heap.runs;
    while (last != NULL && last->next != NULL) {
        last = last->next;
    }
    uint8_t *end = (uint8_t *)mmap_as_mut_ptr(&heap.region) + mmap_len(&heap.region);
    uint32_t missing = pages;
    if (last != NULL && (uint8_t *)run_end(last) == end) {
        missing -= last->pages;
    }
    return (missing < HEAP_GROW_PAGES && grow(HEAP_GROW_PAGES)) || grow(missing);
}

static head_t *find_run(uint32_t pages, head_t ***link) {
    for (*link = &heap.runs; **link != NULL; *link = &(**link)->next) {
        if ((**link)->pages >= pages) {
            return **link;
        }
    }
    return NULL;
}

static head_t *take_run(uint32_t pages, unsigned kind) {
    head_t **link, *run = find_run(pages, &link);
    if (run == NULL) {
        if (!grow_for(pages)) {
            return NULL;
        }
        run = find_run(pages, &link);
    }
    if (run->pages > pages) {
        head_t *rest = (head_t *)((uintptr_t)run + pages * PAGE_SIZE);
        *rest = (head_t){.pages = run->pages - pages, .next = run->next};
        set_kind(rest, HEAD_FREE);
        *link = rest;
    } else {
        *link = run->next;
    }
    heap.stats.free_pages -= pages;
    *run = (head_t){.pages = pages};
    set_kind(run, kind);
    return run;
}

/* ---- Small blocks ---- */

static slot_t *link_in_slot(void *raw) {
    return (slot_t *)((uint8_t *)raw + LINK_OFFSET);
}

static unsigned class_for(size_t size) {
    unsigned c = 0;
    while (class_sizes[c] < size) {
        c++;
    }
    return c;
}

static void list_page(head_t *h) {
    h->prev = NULL;
    h->next = heap.partial[h->class];
    if (h->next != NULL) {
        h->next->prev = h;
    }
    heap.partial[h->class] = h;
}

static void unlist_page(head_t *h) {
    *(h->prev != NULL ? &h->prev->next : &heap.partial[h->class]) = h->next;
    if (h->next != NULL) {
        h->next->prev = h->prev;
    }
}

static head_t *new_small_page(unsigned class) {
    head_t *h = take_run(1, HEAD_SMALL);
    if (h == NULL) {
        return NULL;
    }
    h->class = (uint16_t)class;
    size_t size = class_sizes[class];
    for (size_t at = SMALL_OFFSET; at + size <= PAGE_SIZE; at += size) {
        uint8_t *raw = (uint8_t *)h + at;
        bury(raw);
        slot_t *s = link_in_slot(raw);
        s->next = h->free;
        h->free = s;
    }
    list_page(h);
    return h;
}

static void *take_small(unsigned class) {
    head_t *h = heap.partial[class];
    if (h == NULL && (h = new_small_page(class)) == NULL) {
        return NULL;
    }
    slot_t *s = h->free;
    h->free = s->next;
    h->used++;
    if (h->free == NULL) {
        unlist_page(h);
    }
    return (uint8_t *)s - LINK_OFFSET;
}

static void give_small(head_t *h, void *raw) {
    MM_ASSERT(h->used > 0 &&
                  ((uint8_t *)raw - (uint8_t *)h - SMALL_OFFSET) % class_sizes[h->class] == 0,
              "what is freed is a block");
    bury(raw);
    if (h->free == NULL) {
        list_page(h);
    }
    slot_t *s = link_in_slot(raw);
    s->next = h->free;
    h->free = s;
    if (--h->used == 0) {
        unlist_page(h);
        give_run(h);
        trim();
    }
}

/* ---- All sizes ---- */

static uint64_t usable_size(void *raw) {
    head_t *h = head_of(raw);
    if (has_kind(h, HEAD_SMALL)) {
        return class_sizes[h->class];
    }
    if (has_kind(h, HEAD_RUN)) {
        return h->pages * PAGE_SIZE - SMALL_OFFSET;
    }
    MM_ASSERT(has_kind(h, HEAD_LARGE), "a block's page begins with a head");
    return mmap_len(&((large_t *)h)->map) - LARGE_OFFSET;
}

static void *take_large(size_t size) {
    uint64_t len;
    if (__builtin_add_overflow(size, LARGE_OFFSET, &len)) {
        return NULL;
    }
    mmap_t map;
    const mmap_opts_t opts = {.len = len, .perms = HAL_PERMS_RW, .name = "heap block"};
    if (mmap_new_zeroed(heap.as, &opts, &map) != STATUS_OK) {
        return NULL;
    }
    large_t *l = mmap_as_mut_ptr(&map);
    *l = (large_t){.map = map};
    set_kind(&l->head, HEAD_LARGE);
    heap.stats.large_blocks++;
    return (uint8_t *)l + LARGE_OFFSET;
}

static void *take(size_t size) {
    size_t need;
    if (heap.as == NULL || __builtin_add_overflow(padded(0), size, &need)) {
        return NULL;
    }
    void *raw;
    if (need <= class_sizes[CLASSES - 1]) {
        raw = take_small(class_for(need));
    } else if (need <= HEAP_RUN_MAX) {
        head_t *h =
            take_run((uint32_t)((need + SMALL_OFFSET + PAGE_SIZE - 1) >> PAGE_SHIFT), HEAD_RUN);
        raw = h == NULL ? NULL : (uint8_t *)h + SMALL_OFFSET;
    } else {
        raw = take_large(need);
    }
    if (raw == NULL) {
        return NULL;
    }
    heap.stats.live_blocks++;
    heap.stats.live_bytes += usable_size(raw);
    if (heap.stats.live_bytes > heap.stats.peak_bytes) {
        heap.stats.peak_bytes = heap.stats.live_bytes;
    }
    return dress(raw, size);
}

static void give(void *block) {
    void *raw = undress(block);
    head_t *h = head_of(raw);
    heap.stats.live_bytes -= usable_size(raw); /* panics where there is no head */
    heap.stats.live_blocks--;
    if (has_kind(h, HEAD_SMALL)) {
        give_small(h, raw);
    } else if (has_kind(h, HEAD_RUN)) {
        bury(raw);
        give_run(h);
        trim();
    } else {
        mmap_t map = ((large_t *)h)->map;
        heap.stats.large_blocks--;
        mmap_drop(&map);
    }
}

status_t heap_init(aspace_t *as, uint64_t seed) {
    mmap_t region;
    const mmap_opts_t opts = {.capacity = HEAP_CAPACITY, .perms = HAL_PERMS_RW, .name = "heap"};
    status_t s = mmap_new_zeroed(as, &opts, &region);
    if (s == STATUS_OK) {
        memset(&heap, 0, sizeof heap);
        heap.as = as;
        heap.seed = seed;
        heap.region = region;
    }
    return s;
}

void heap_destroy(void) {
    heap.as = NULL;
    mmap_drop(&heap.region);
}

void *heap_alloc(size_t size) {
    hal_lock_take(&heap.lock);
    void *block = take(size);
    hal_lock_release(&heap.lock);
    return block;
}

void *heap_zalloc(size_t size) {
    void *block = heap_alloc(size);
    if (block != NULL && padded(0) + size <= HEAP_RUN_MAX) { /* larger ones are zeroed on demand */
        memset(block, 0, size);
    }
    return block;
}

/* How many bytes of the block's room are the caller's. */
static uint64_t room_of(void *raw) {
    return usable_size(raw) - padded(0);
}

void *heap_realloc(void *block, size_t size) {
    if (block == NULL) {
        return heap_alloc(size);
    }
    hal_lock_take(&heap.lock);
    void *raw = undress(block), *moved;
    uint64_t room = room_of(raw);
    if (size <= room && (room <= HEAP_SMALL_MAX || size >= room / 2)) {
        moved = dress(raw, size);
    } else if ((moved = take(size)) != NULL) {
        memcpy(moved, block, size < room ? size : room);
        give(block);
    }
    hal_lock_release(&heap.lock);
    return moved;
}

void heap_free(void *block) {
    if (block != NULL) {
        hal_lock_take(&heap.lock);
        give(block);
        hal_lock_release(&heap.lock);
    }
}

heap_stats_t heap_stats(void) {
    hal_lock_take(&heap.lock);
    heap_stats_t s = heap.stats;
    hal_lock_release(&heap.lock);
    return s;
}
