/* SPDX-License-Identifier: MIT */
/* Binary search trees out of an arena with a free list: insert, find, remove, walk. */
#include "bench.h"

#define COUNT 8000u

typedef struct node {
    struct node *left, *right;
    uint32_t key, value;
} node_t;

static node_t arena[COUNT];
static node_t *free_nodes;

static node_t *new_node(uint32_t key) {
    node_t *node = free_nodes;
    free_nodes = node->right;
    *node = (node_t){.key = key, .value = 1};
    return node;
}

static NOINLINE node_t *insert(node_t *root, uint32_t key) {
    if (root == NULL) {
        return new_node(key);
    }
    if (key < root->key) {
        root->left = insert(root->left, key);
    } else if (key > root->key) {
        root->right = insert(root->right, key);
    } else {
        root->value++;
    }
    return root;
}

static NOINLINE const node_t *find(const node_t *root, uint32_t key) {
    while (root != NULL && root->key != key) {
        root = key < root->key ? root->left : root->right;
    }
    return root;
}

static NOINLINE node_t *remove_least(node_t *root, node_t **least) {
    if (root->left == NULL) {
        *least = root;
        return root->right;
    }
    root->left = remove_least(root->left, least);
    return root;
}

static NOINLINE node_t *remove_key(node_t *root, uint32_t key) {
    if (root == NULL) {
        return NULL;
    }
    if (key < root->key) {
        root->left = remove_key(root->left, key);
        return root;
    }
    if (key > root->key) {
        root->right = remove_key(root->right, key);
        return root;
    }
    node_t *replacement;
    if (root->right == NULL) {
        replacement = root->left;
    } else {
        node_t *rest = remove_least(root->right, &replacement);
        replacement->right = rest;
        replacement->left = root->left;
    }
    root->right = free_nodes;
    free_nodes = root;
    return replacement;
}

static NOINLINE uint64_t walk(const node_t *root, uint64_t hash) {
    if (root == NULL) {
        return hash;
    }
    hash = walk(root->left, hash);
    hash = mix(hash, (uint64_t)root->key << 32 | root->value);
    return walk(root->right, hash);
}

BENCH(tree) {
    uint32_t random = n, again = n;
    node_t *root = NULL;
    uint64_t hash = MIX_START;
    free_nodes = NULL;
    for (unsigned i = 0; i < COUNT; i++) {
        arena[i].right = free_nodes;
        free_nodes = &arena[i];
    }
    for (unsigned i = 0; i < COUNT; i++) {
        root = insert(root, next_random(&random) >> 12);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t key = next_random(&again) >> 12;
        const node_t *node = find(root, key ^ (i & 1));
        hash = mix(hash, node != NULL ? node->value : 0);
        if (i % 3 == 0) {
            root = remove_key(root, key);
        }
    }
    return walk(root, hash);
}
