extern int shelf[16];

/* Inlined nowhere, being called through a table. */
static int price(int item, int rule) {
    return shelf[item] + rule;
}

/* Inlined into discount(). */
static inline int ratio(int a, int b) {
    return a /
           b;
}

static int discount(int item, int rule) {
    int whole = shelf[0];
    return ratio(whole, item) -
           rule;
}
