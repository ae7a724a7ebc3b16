/* SPDX-License-Identifier: MIT */
/* A linked list: built, reversed, merge-sorted, removed from, summed. */
#include "bench.h"

#define COUNT 6000u

typedef struct item {
    struct item *next;
    uint32_t key;
} item_t;

static item_t items[COUNT];

static NOINLINE item_t *reverse(item_t *list) {
    item_t *result = NULL;
    while (list != NULL) {
        item_t *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static item_t *merge(item_t *a, item_t *b) {
    item_t *head = NULL, **link = &head;
    while (a != NULL && b != NULL) {
        item_t **smaller = a->key <= b->key ? &a : &b;
        *link = *smaller;
        link = &(*smaller)->next;
        *smaller = *link;
    }
    *link = a != NULL ? a : b;
    return head;
}

static NOINLINE item_t *sort(item_t *list) {
    if (list == NULL || list->next == NULL) {
        return list;
    }
    item_t *slow = list;
    for (const item_t *fast = list->next; fast != NULL && fast->next != NULL;
         fast = fast->next->next) {
        slow = slow->next;
    }
    item_t *second = slow->next;
    slow->next = NULL;
    return merge(sort(list), sort(second));
}

static NOINLINE item_t *remove_odd(item_t *list) {
    for (item_t **link = &list; *link != NULL;) {
        if ((*link)->key & 1) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
    return list;
}

BENCH(list) {
    uint32_t random = n;
    uint64_t hash = MIX_START;
    for (unsigned round = 0; round < 2; round++) {
        item_t *list = NULL;
        for (unsigned i = 0; i < COUNT; i++) {
            items[i] = (item_t){list, next_random(&random)};
            list = &items[i];
        }
        list = remove_odd(sort(reverse(list)));
        for (; list != NULL; list = list->next) {
            hash = mix(hash, list->key);
        }
    }
    return hash;
}
