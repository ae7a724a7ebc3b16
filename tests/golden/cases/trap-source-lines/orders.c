#include "shelf.h"

struct order {
    int item;
    const struct order *next;
};

static int (*const rules[])(int, int) = {price, discount};

__attribute__((noinline)) static int sum(const struct order *o, int rule) {
    int total = 0;
    while (o != 0) {
        total += rules[rule](o->item, rule);
        o = o->next;
    }
    return total;
}

__attribute__((export_name("divide"))) int divide(int by) {
    const struct order last = {by, 0};
    const struct order first = {10, &last};
    return sum(&first, 1);
}

__attribute__((export_name("lookup"))) int lookup(int item) {
    const struct order only = {
        .item = item,
    };
    return sum(&only, 0);
}

__attribute__((export_name("recurse"))) int recurse(int n) {
    if (n == 0) {
        return divide(0);
    }
    return recurse(n - 1) +
           1;
}
