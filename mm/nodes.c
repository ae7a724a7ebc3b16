/* SPDX-License-Identifier: MIT */
/* A slab of region nodes (mm/nodes.h). */
#include "mm/nodes.h"

#include <string.h>

#include "hal/boot.h"
#include "mm/frame.h"
#include "mm/panic.h"

/* At the start of each page; pages with a free slot are linked. */
typedef struct node_page {
    struct node_page *next, *prev;
    region_t *free; /* linked through `left` */
    paddr_t frame;
    unsigned used;
} node_page_t;

#define NODES_PER_PAGE ((PAGE_SIZE - sizeof(node_page_t)) / sizeof(region_t))

static struct {
    hal_lock_t lock;
    node_page_t *partial;
    uint64_t pages;
} nodes;

static void link_in(node_page_t *p) {
    p->prev = NULL;
    p->next = nodes.partial;
    if (p->next != NULL) {
        p->next->prev = p;
    }
    nodes.partial = p;
}

static void link_out(node_page_t *p) {
    *(p->prev != NULL ? &p->prev->next : &nodes.partial) = p->next;
    if (p->next != NULL) {
        p->next->prev = p->prev;
    }
}

static bool add_page(void) {
    paddr_t frame;
    if (frame_alloc(0, &frame) != STATUS_OK) {
        return false;
    }
    node_page_t *p = hal_phys_to_virt(frame);
    *p = (node_page_t){.frame = frame};
    region_t *slots = (region_t *)(p + 1);
    for (unsigned i = 0; i < NODES_PER_PAGE; i++) {
        slots[i].left = p->free;
        p->free = &slots[i];
    }
    nodes.pages++;
    link_in(p);
    return true;
}

region_t *node_alloc(void) {
    region_t *node = NULL;
    hal_lock_take(&nodes.lock);
    if (nodes.partial != NULL || add_page()) {
        node_page_t *p = nodes.partial;
        node = p->free;
        p->free = node->left;
        p->used++;
        if (p->free == NULL) {
            link_out(p);
        }
    }
    hal_lock_release(&nodes.lock);
    if (node != NULL) {
        memset(node, 0, sizeof *node);
    }
    return node;
}

void node_free(region_t *node) {
    node_page_t *p = (node_page_t *)align_down((uintptr_t)node, PAGE_SIZE);
    hal_lock_take(&nodes.lock);
    MM_ASSERT(p->used > 0, "a freed node was in use");
    if (p->free == NULL) {
        link_in(p);
    }
    node->left = p->free;
    p->free = node;
    if (--p->used == 0) {
        link_out(p);
        nodes.pages--;
        frame_free(p->frame, 0);
    }
    hal_lock_release(&nodes.lock);
}

uint64_t node_frames(void) {
    hal_lock_take(&nodes.lock);
    uint64_t n = nodes.pages;
    hal_lock_release(&nodes.lock);
    return n;
}
