/* SPDX-License-Identifier: MIT */
/* The augmented AVL tree of regions (mm/tree.h). */
#include "mm/tree.h"

/* An AVL tree of this height has more nodes than there are pages. */
#define MAX_HEIGHT 80u

typedef struct path {
    region_t **slots[MAX_HEIGHT];
    unsigned depth;
} path_t;

static unsigned height(const region_t *n) {
    return n == NULL ? 0 : n->height;
}

static uint64_t max_u64(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Recomputes what a node knows of its subtree, from its children. */
static void update(region_t *n) {
    uint64_t last = region_last(n);
    n->height = (uint8_t)(1 + max_u64(height(n->left), height(n->right)));
    n->low = n->start.raw;
    n->high = last;
    n->max_gap = 0;
    if (n->left != NULL) {
        n->low = n->left->low;
        n->max_gap = max_u64(n->left->max_gap, n->start.raw - n->left->high - 1);
    }
    if (n->right != NULL) {
        n->high = n->right->high;
        n->max_gap = max_u64(n->max_gap, max_u64(n->right->max_gap, n->right->low - last - 1));
    }
}

static void rotate_right(region_t **slot) {
    region_t *n = *slot, *l = n->left;
    n->left = l->right;
    l->right = n;
    *slot = l;
    update(n);
    update(l);
}

static void rotate_left(region_t **slot) {
    region_t *n = *slot, *r = n->right;
    n->right = r->left;
    r->left = n;
    *slot = r;
    update(n);
    update(r);
}

static void rebalance(region_t **slot) {
    region_t *n = *slot;
    int tilt = (int)height(n->left) - (int)height(n->right);
    if (tilt > 1) {
        if (height(n->left->left) < height(n->left->right)) {
            rotate_left(&n->left);
        }
        rotate_right(slot);
    } else if (tilt < -1) {
        if (height(n->right->right) < height(n->right->left)) {
            rotate_right(&n->right);
        }
        rotate_left(slot);
    } else {
        update(n);
    }
}

static void rebalance_path(path_t *p) {
    while (p->depth > 0) {
        rebalance(p->slots[--p->depth]);
    }
}

/* Goes down to the slot where `key` is or would be, noting the slots above it. */
static region_t **descend(region_t **root, uint64_t key, path_t *p) {
    region_t **slot = root;
    p->depth = 0;
    while (*slot != NULL && (*slot)->start.raw != key) {
        p->slots[p->depth++] = slot;
        slot = key < (*slot)->start.raw ? &(*slot)->left : &(*slot)->right;
    }
    return slot;
}

void tree_insert(region_t **root, region_t *r) {
    path_t p;
    region_t **slot = descend(root, r->start.raw, &p);
    r->left = r->right = NULL;
    update(r);
    *slot = r;
    rebalance_path(&p);
}

void tree_remove(region_t **root, region_t *r) {
    path_t p;
    region_t **slot = descend(root, r->start.raw, &p);
    if (r->left == NULL || r->right == NULL) {
        *slot = r->left != NULL ? r->left : r->right;
        rebalance_path(&p);
        return;
    }
    /* The successor takes the place of r. */
    unsigned place = p.depth;
    p.slots[p.depth++] = slot;
    region_t **next = &r->right;
    while ((*next)->left != NULL) {
        p.slots[p.depth++] = next;
        next = &(*next)->left;
    }
    region_t *successor = *next;
    *next = successor->right;
    successor->left = r->left;
    successor->right = r->right;
    *slot = successor;
    if (p.depth > place + 1) {
        p.slots[place + 1] = &successor->right; /* was a field of r */
    }
    rebalance_path(&p);
}

void tree_refresh(region_t *root, region_t *r) {
    path_t p;
    descend(&root, r->start.raw, &p);
    update(r);
    while (p.depth > 0) {
        update(*p.slots[--p.depth]);
    }
}

region_t *tree_find(region_t *root, uint64_t address) {
    region_t *n = root;
    while (n != NULL) {
        if (address < n->start.raw) {
            n = n->left;
        } else if (address > region_last(n)) {
            n = n->right;
        } else {
            return n;
        }
    }
    return NULL;
}

region_t *tree_next(region_t *root, uint64_t address) {
    region_t *n = root, *best = NULL;
    while (n != NULL) {
        if (region_last(n) >= address) {
            best = n;
            n = n->left;
        } else {
            n = n->right;
        }
    }
    return best;
}

region_t *tree_prev(region_t *root, uint64_t address) {
    region_t *n = root, *best = NULL;
    while (n != NULL) {
        if (n->start.raw < address) {
            best = n;
            n = n->right;
        } else {
            n = n->left;
        }
    }
    return best;
}
