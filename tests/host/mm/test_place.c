/* SPDX-License-Identifier: MIT */
/* Rule 16: placement is uniform over the fitting slots, and a fixed seed reproduces it; without a
 * seed it is the first fit. And rule 15 in small: the tree alone against a sorted list. */
#include "tests/host/mm/fixture.h"

#include "mm/place.h"
#include "mm/tree.h"

#include <stdlib.h>
#include <string.h>

#define P PAGE_SIZE

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- The tree ---- */

enum { SLOTS = 256 };

static unsigned check_node(const region_t *n) {
    if (n == NULL) {
        return 0;
    }
    unsigned l = check_node(n->left), r = check_node(n->right);
    assert_true(l <= r + 1 && r <= l + 1);
    assert_int_equal(n->height, 1 + (l > r ? l : r));
    uint64_t gap = 0, last = region_last(n);
    if (n->left != NULL) {
        assert_true(n->left->high < n->start.raw);
        gap = n->left->max_gap;
        gap = n->start.raw - n->left->high - 1 > gap ? n->start.raw - n->left->high - 1 : gap;
    }
    if (n->right != NULL) {
        assert_true(n->right->low > last);
        gap = n->right->max_gap > gap ? n->right->max_gap : gap;
        gap = n->right->low - last - 1 > gap ? n->right->low - last - 1 : gap;
    }
    assert_int_equal(n->max_gap, gap);
    assert_int_equal(n->low, n->left != NULL ? n->left->low : n->start.raw);
    assert_int_equal(n->high, n->right != NULL ? n->right->high : last);
    return n->height;
}

static void test_rule_15_tree_against_a_list(void **state) {
    (void)state;
    static region_t nodes[SLOTS];
    static bool in[SLOTS];
    memset(in, 0, sizeof in);
    region_t *root = NULL;
    uint64_t seed = 1234567;
    for (unsigned step = 0; step < 20000; step++) {
        uint64_t r = next_random(&seed);
        unsigned i = (unsigned)(r % SLOTS);
        if (in[i]) {
            if (r >> 20 & 1) {
                tree_remove(&root, &nodes[i]);
                in[i] = false;
            } else {
                nodes[i].len = ((r >> 32) % 16 + 1) * P; /* at most to the next slot */
                tree_refresh(root, &nodes[i]);
            }
        } else {
            nodes[i] = (region_t){.start = VADDR(i * 16 * P), .len = ((r >> 32) % 16 + 1) * P};
            tree_insert(&root, &nodes[i]);
            in[i] = true;
        }
        if (step % 16 == 0) {
            check_node(root);
        }
        uint64_t at = next_random(&seed) % (SLOTS * 16 * P);
        region_t *find = NULL, *next = NULL, *prev = NULL;
        for (unsigned k = 0; k < SLOTS; k++) {
            if (in[k] && at >= nodes[k].start.raw) {
                prev = nodes[k].start.raw < at ? &nodes[k] : prev;
                find = at <= region_last(&nodes[k]) ? &nodes[k] : find;
            }
            if (in[k] && next == NULL && region_last(&nodes[k]) >= at) {
                next = &nodes[k];
            }
        }
        assert_ptr_equal(tree_find(root, at), find);
        assert_ptr_equal(tree_next(root, at), next);
        assert_ptr_equal(tree_prev(root, at), prev);
    }
}

/* ---- Placement against a naive search ---- */

/* A small window with some regions in it, around it and across its ends. */
static region_t *build(region_t *nodes, uint64_t *seed, unsigned *count) {
    region_t *root = NULL;
    uint64_t at = 0;
    *count = 0;
    while (at < 400 * P && *count < SLOTS) {
        at += next_random(seed) % 24 * P;
        uint64_t len = (next_random(seed) % 12 + 1) * P;
        nodes[*count] = (region_t){.start = VADDR(at), .len = len};
        tree_insert(&root, &nodes[(*count)++]);
        at += len;
    }
    return root;
}

static bool fits(const region_t *root, vrange_t w, const place_want_t *want, uint64_t at) {
    if (at < w.start.raw + want->before || at + want->after > w.start.raw + w.len ||
        at % want->align != 0) {
        return false;
    }
    const region_t *next = tree_next((region_t *)root, at - want->before);
    return next == NULL || next->start.raw >= at + want->after;
}

static void test_rule_16_first_fit_is_the_first(void **state) {
    (void)state;
    static region_t nodes[SLOTS];
    uint64_t seed = 424242;
    for (unsigned round = 0; round < 3000; round++) {
        unsigned count;
        region_t *root = round % 50 == 0 ? NULL : build(nodes, &seed, &count);
        vrange_t w = {VADDR(next_random(&seed) % 64 * P), (next_random(&seed) % 300 + 1) * P};
        place_want_t want = {next_random(&seed) % 4 * P, (next_random(&seed) % 20 + 1) * P,
                             P << next_random(&seed) % 5};
        uint64_t at = 0, end = w.start.raw + w.len;
        while (at < end && !fits(root, w, &want, at)) {
            at += P;
        }
        vaddr_t out;
        bool ok = place_first(root, w, &want, &out);
        assert_int_equal(ok, at < end);
        if (ok) {
            assert_int_equal(out.raw, at);
        }
        uint64_t random = round;
        ok = place_random(root, w, &want, &random, &out);
        assert_int_equal(ok, at < end);
        assert_true(!ok || fits(root, w, &want, out.raw));
    }
}

/* Pearson's chi-square over all fitting slots. For k - 1 degrees of freedom the statistic has mean
 * k - 1 and deviation sqrt(2(k - 1)); with the fixed seeds this is deterministic, and five
 * deviations would not happen by chance in a million. */
static void check_uniform(region_t *root, vrange_t w, const place_want_t *want, uint64_t draws) {
    static uint64_t hits[4096];
    memset(hits, 0, sizeof hits);
    uint64_t random = 0x1d607, slots = 0;
    for (uint64_t i = 0; i < draws; i++) {
        vaddr_t at;
        assert_true(place_random(root, w, want, &random, &at));
        assert_true(fits(root, w, want, at.raw));
        hits[(at.raw - w.start.raw) / P]++;
    }
    double chi = 0;
    for (uint64_t i = 0; i < w.len / P; i++) {
        slots += fits(root, w, want, w.start.raw + i * P);
    }
    assert_true(slots > 1);
    double expected = (double)draws / (double)slots, freedom = (double)(slots - 1);
    for (uint64_t i = 0; i < w.len / P; i++) {
        if (fits(root, w, want, w.start.raw + i * P)) {
            double d = (double)hits[i] - expected;
            chi += d * d / expected;
        }
    }
    double off = chi - freedom;
    print_message("%llu slots: chi-square %.1f for %.0f degrees of freedom\n",
                  (unsigned long long)slots, chi, freedom);
    assert_true(off * off < 25 * 2 * freedom);
}

static void test_rule_16_placement_is_uniform(void **state) {
    (void)state;
    static region_t nodes[SLOTS];
    unsigned count;
    uint64_t seed = 31337;
    const vrange_t w = {VADDR(16 * P), 380 * P};
    region_t *root = build(nodes, &seed, &count);
    const place_want_t plain = {0, P, P}, wide = {2 * P, 5 * P, P}, aligned = {0, 2 * P, 4 * P};
    check_uniform(NULL, w, &wide, 200000);
    check_uniform(root, w, &plain, 200000);
    check_uniform(root, w, &wide, 200000);
    check_uniform(root, w, &aligned, 200000);
    /* Nearly full: a draw hits once in a few hundred tries, so the holes get counted. */
    region_t full[3] = {{.start = VADDR(0), .len = 2000 * P},
                        {.start = VADDR(2003 * P), .len = 1000 * P},
                        {.start = VADDR(3004 * P), .len = 1000 * P}};
    root = NULL;
    for (unsigned i = 0; i < 3; i++) {
        tree_insert(&root, &full[i]);
    }
    check_uniform(root, (vrange_t){VADDR(0), 4000 * P}, &plain, 20000);
}

static void test_rule_16_fixed_seed_reproduces(void **state) {
    (void)state;
    uint64_t layouts[3][32];
    for (unsigned run = 0; run < 3; run++) {
        sim_start(4096);
        aspace_t as;
        const aspace_config_t config = {
            .levels = 3, .window = FIXTURE_WINDOW, .seeded = true, .seed = run == 2 ? 99 : 7};
        assert_int_equal(aspace_init(&as, &config), STATUS_OK);
        for (unsigned i = 0; i < 32; i++) {
            mmap_t m = new_zeroed(&as, (i % 5 + 1) * P, i % 3 == 0 ? GIB(1) : 0);
            layouts[run][i] = mmap_range(&m).start.raw;
        }
        aspace_destroy(&as);
        sim_stop();
    }
    assert_memory_equal(layouts[0], layouts[1], sizeof layouts[0]);
    assert_memory_not_equal(layouts[0], layouts[2], sizeof layouts[0]);
}

static void test_window_that_is_full(void **state) {
    (void)state;
    for (unsigned seeded = 0; seeded < 2; seeded++) {
        sim_start(4096);
        aspace_t as;
        const aspace_config_t config = {
            .levels = 4, .window = {VADDR(MIB(1)), 4 * P}, .seeded = seeded, .seed = 1};
        assert_int_equal(aspace_init(&as, &config), STATUS_OK);
        mmap_t maps[4], more;
        for (unsigned i = 0; i < 4; i++) {
            maps[i] = new_zeroed(&as, P, 0);
        }
        const mmap_opts_t opts = {.len = 1, .perms = HAL_PERMS_RW};
        assert_int_equal(mmap_new_zeroed(&as, &opts, &more), ERR_RANGE);
        uint64_t hole = mmap_range(&maps[2]).start.raw;
        mmap_drop(&maps[2]);
        assert_int_equal(mmap_new_zeroed(&as, &opts, &more), STATUS_OK);
        assert_int_equal(mmap_range(&more).start.raw, hole);
        aspace_destroy(&as);
        sim_stop();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_15_tree_against_a_list),
        cmocka_unit_test(test_rule_16_first_fit_is_the_first),
        cmocka_unit_test(test_rule_16_placement_is_uniform),
        cmocka_unit_test(test_rule_16_fixed_seed_reproduces),
        cmocka_unit_test(test_window_that_is_full),
    };
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
