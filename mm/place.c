/* SPDX-License-Identifier: MIT */
/* Finding room between regions (mm/place.h). */
#include "mm/place.h"

#include "mm/tree.h"

/* Random tries before the holes are counted. A try hits with the free part of the window. */
#define TRIES 16u

typedef struct search {
    const place_want_t *want;
    uint64_t first, last; /* the window */
    uint64_t skip;        /* fitting slots to pass over before taking one */
    uint64_t count;       /* slots seen */
    uint64_t found;
    bool counting, done;
} search_t;

/* The slots of one hole, [first, last] inclusive: how many, and the lowest. */
static uint64_t slots_in(const place_want_t *w, uint64_t first, uint64_t last, uint64_t *lowest) {
    uint64_t at;
    if (__builtin_add_overflow(first, w->before, &at) || !align_up_checked(at, w->align, &at) ||
        at > last || last - at < w->after - 1) {
        return 0;
    }
    *lowest = at;
    return (last - (w->after - 1) - at) / w->align + 1;
}

static void visit_hole(search_t *s, uint64_t first, uint64_t last) {
    first = first > s->first ? first : s->first;
    last = last < s->last ? last : s->last;
    uint64_t lowest, n;
    if (first > last || (n = slots_in(s->want, first, last, &lowest)) == 0) {
        return;
    }
    if (!s->counting && s->skip < n) {
        s->found = lowest + s->skip * s->want->align;
        s->done = true;
    }
    s->skip -= s->counting ? 0 : n;
    s->count += n;
}

/* The holes within a subtree, from left to right; whole subtrees without a large one are left. */
static void visit(search_t *s, const region_t *n) {
    if (n == NULL || s->done || n->max_gap < s->want->before + s->want->after || n->low > s->last ||
        n->high < s->first) {
        return;
    }
    visit(s, n->left);
    if (!s->done && n->left != NULL && n->left->high + 1 != n->start.raw) {
        visit_hole(s, n->left->high + 1, n->start.raw - 1);
    }
    if (!s->done && n->right != NULL && region_last(n) + 1 != n->right->low) {
        visit_hole(s, region_last(n) + 1, n->right->low - 1);
    }
    visit(s, n->right);
}

static void visit_all(search_t *s, const region_t *root) {
    if (root == NULL) {
        visit_hole(s, s->first, s->last);
        return;
    }
    if (root->low > s->first) {
        visit_hole(s, s->first, root->low - 1);
    }
    visit(s, root);
    if (!s->done && root->high < s->last) {
        visit_hole(s, root->high + 1, s->last);
    }
}

static search_t search_in(vrange_t window, const place_want_t *want) {
    return (search_t){
        .want = want, .first = window.start.raw, .last = window.start.raw + (window.len - 1)};
}

bool place_first(region_t *root, vrange_t window, const place_want_t *want, vaddr_t *out) {
    search_t s = search_in(window, want);
    visit_all(&s, root);
    if (s.done) {
        *out = VADDR(s.found);
    }
    return s.done;
}

/* splitmix64 (Steele, Lea, Flood 2014): small, and every 64-bit seed is a good one. */
static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Uniform in [0, n): draws in the incomplete last stretch of 2^64 are thrown away. */
static uint64_t draw_below(uint64_t *state, uint64_t n) {
    uint64_t floor = -n % n, r;
    do {
        r = draw(state);
    } while (r < floor);
    return r % n;
}

bool place_random(region_t *root, vrange_t window, const place_want_t *want, uint64_t *random,
                  vaddr_t *out) {
    search_t s = search_in(window, want);
    uint64_t lowest, all = slots_in(want, s.first, s.last, &lowest);
    /* Accepting the first draw that happens to be free is uniform over what is free. */
    for (unsigned i = 0; i < TRIES && all > 0; i++) {
        uint64_t at = lowest + draw_below(random, all) * want->align;
        const region_t *next = tree_next(root, at - want->before);
        if (next == NULL || next->start.raw > at + (want->after - 1)) {
            *out = VADDR(at);
            return true;
        }
    }
    s.counting = true;
    visit_all(&s, root);
    if (s.count == 0) {
        return false;
    }
    search_t pick = search_in(window, want);
    pick.skip = draw_below(random, s.count);
    visit_all(&pick, root);
    *out = VADDR(pick.found);
    return true;
}
