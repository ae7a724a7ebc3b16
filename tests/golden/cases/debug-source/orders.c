#include <stdio.h>
#include <stdlib.h>

struct order {
    int count, price;
    struct order *next;
};

static int cost(const struct order *o) {
    int sum = o->count;
    sum *= o->price;
    return sum;
}

static int total(const struct order *o) {
    int sum = 0;
    while (o != NULL) {
        sum += cost(o);
        o = o->next;
    }
    return sum;
}

int main(void) {
    struct order second = {3, 70, NULL};
    struct order first = {2, 45, &second};
    printf("total: %d\n", total(&first));
    return 0;
}
