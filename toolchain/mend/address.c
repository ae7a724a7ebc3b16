/* SPDX-License-Identifier: MIT */
/*
 * Addresses that differ by a constant. Programs read x[i - 1], x[i] and x[i + 1] as three sums in
 * 32 bits, of which each is extended to 64 and added to the memory's base: two instructions more
 * than a native program needs for every access but the first. Adding the constant after the
 * extension is the same only where the 32-bit sum does not wrap around.
 *
 * It does not wrap where an access before it, in the same straight line of code, was at an address
 * `t` that differs by a constant `d` from this one. That access did not trap, so that t is below
 * the memory's size, which is at most 4 GiB - 64 KiB (kernel/wasm/memory.c sees to it). With |d| <=
 * MAX_DISTANCE,
 *
 *  - t + d does not reach 4 GiB;
 *  - where t + d is below 0, the wrapped address would be above every memory's size: a trap. The
 *    sum in 64 bits lies in the guard in front of the memory: the same trap. An offset of the
 *    instruction itself could lead out of that guard again, so there must be none when d < 0.
 *
 * So `t`, extended, is kept in a local (an anchor), and later addresses are given as t + d. What
 * values are is known from the code's own text: copies, and sums with constants. Whatever may come
 * from elsewhere (a label, a statement of another form) ends the straight line.
 *
 * A memory at address 0 needs no sum, only an address of 64 bits. Registers hold 32-bit values
 * extended by their sign, so that one costs nothing. It is exact where the instruction has no
 * offset: such a memory is at most 2 GiB - 64 KiB large, and an address above that becomes one of
 * the last 2 GiB below 0, where no module finds anything (kernel/wasm/memory.c sees to both): the
 * same trap. With an offset the sum could come out above 0 again, so there the address is extended
 * with zeroes, unless a load without offset, which did not trap, has shown that the sign is 0. A
 * store shows nothing: the compiler may leave it out where later ones write over it, or make it
 * last. And that of a vector is two stores, of which the second could come out above 0 when it is
 * made first.
 */
#define _GNU_SOURCE /* memmem */

#include <stdint.h>
#include <string.h>

#include "toolchain/mend/parts.h"

#define MAX_DISTANCE 32768
#define MAX_ANCHORS 32u /* in one straight line: as many 64-bit values may stay alive */
#define BUCKETS 256u

/* A variable is root + offset, modulo 2^32; root 0 is the number zero. */
typedef struct value {
    uint32_t root, offset;
} value_t;

typedef struct variable {
    slice_t name;
    value_t value;
    uint32_t line_of_code; /* the straight line that `value` was found in */
    struct variable *next;
} variable_t;

typedef struct anchor {
    uint32_t root, offset;
    slice_t memory, name;
    size_t line;
    int number;     /* of the local; -1 as long as nobody uses it */
    bool is_signed; /* how it was extended: by its sign, or with zeroes */
} anchor_t;

typedef struct state {
    arena_t *arena;
    slice_t *lines;
    variable_t *buckets[BUCKETS];
    uint32_t line_of_code, roots;
    anchor_t anchors[MAX_ANCHORS];
    unsigned n_anchors, numbers, most;
    bool low; /* the memory lies at address 0 */
} state_t;

static void new_line_of_code(state_t *s) {
    s->line_of_code++;
    s->n_anchors = 0;
    s->numbers = 0;
}

static value_t *value_of(state_t *s, slice_t name) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.n; i++) {
        hash = (hash ^ (uint8_t)name.p[i]) * 16777619u;
    }
    variable_t **link = &s->buckets[hash % BUCKETS];
    while (*link != NULL &&
           ((*link)->name.n != name.n || memcmp((*link)->name.p, name.p, name.n) != 0)) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        *link = arena_alloc(s->arena, 1, sizeof **link);
        (*link)->name = name;
    }
    variable_t *v = *link;
    if (v->line_of_code != s->line_of_code) {
        v->line_of_code = s->line_of_code;
        v->value = (value_t){++s->roots, 0};
    }
    return &v->value;
}

/* "123u;" */
static bool read_constant(slice_t s, uint32_t *out) {
    uint64_t v = 0;
    size_t i = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && v <= UINT32_MAX; i++) {
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *out = (uint32_t)v;
    return i > 0 && v <= UINT32_MAX && slice_equals(slice_after(s, i), "u;");
}

/* After `name = right` or, with an operator, `name OP= right`. */
static void assign(state_t *s, slice_t name, char op, slice_t right) {
    value_t *to = value_of(s, name);
    slice_t source = slice_name(right);
    bool plain = source.n > 4 && slice_starts(right, "var_") &&
                 slice_equals(slice_after(right, source.n), ";");
    uint32_t constant;
    if (op == 0 && read_constant(right, &constant)) {
        *to = (value_t){0, constant};
    } else if (op == 0 && plain) {
        *to = *value_of(s, source);
    } else if ((op == '+' || op == '-') && plain && slice_starts(name, "var_i")) {
        value_t from = *value_of(s, source);
        if (from.root == 0) {
            to->offset = op == '+' ? to->offset + from.offset : to->offset - from.offset;
        } else if (to->root == 0 && op == '+') {
            *to = (value_t){from.root, from.offset + to->offset};
        } else {
            *to = (value_t){++s->roots, 0};
        }
    } else {
        *to = (value_t){++s->roots, 0};
    }
}

typedef struct place {
    slice_t memory, name;    /* of "&M, (u64)(NAME) + OFFSET" */
    const char *start, *end; /* "(u64)(NAME) + OFFSET" */
    uint32_t offset;
    unsigned count; /* of accesses in the line */
    bool is_store, is_vector_store;
} place_t;

static place_t find_place(slice_t line) {
    static const char marker[] = "_default32(", middle[] = ", (u64)(";
    place_t p = {.count = 0};
    const char *end = line.p + line.n, *at = line.p, *hit;
    while ((hit = memmem(at, (size_t)(end - at), marker, sizeof marker - 1)) != NULL) {
        at = hit + sizeof marker - 1;
        p.count++;
        slice_t before = {line.p, (size_t)(hit - line.p)};
        p.is_store = slice_contains(before, "_store");
        p.is_vector_store = slice_contains(before, "v128_store");
        const char *comma = memmem(at, (size_t)(end - at), middle, sizeof middle - 1);
        if (comma == NULL) {
            return (place_t){.count = 2};
        }
        p.memory = (slice_t){at, (size_t)(comma - at)};
        p.start = comma + 2;
        const char *name = comma + sizeof middle - 1;
        p.name = slice_name((slice_t){name, (size_t)(end - name)});
        const char *c = name + p.name.n;
        if (end - c < 2 || *c++ != ')' || p.name.n == 0) {
            return (place_t){.count = 2};
        }
        uint64_t offset = 0;
        if (end - c > 4 && memcmp(c, " + ", 3) == 0) {
            for (c += 3; c < end && *c >= '0' && *c <= '9' && offset <= UINT32_MAX; c++) {
                offset = offset * 10 + (uint64_t)(*c - '0');
            }
            c += c < end && *c == 'u';
        }
        if (offset > UINT32_MAX) {
            return (place_t){.count = 2};
        }
        p.offset = (uint32_t)offset;
        p.end = c;
    }
    return p;
}

static anchor_t *find_anchor(state_t *s, const place_t *p, value_t v, int32_t *distance) {
    for (unsigned i = 0; i < s->n_anchors; i++) {
        anchor_t *a = &s->anchors[i];
        int32_t d = (int32_t)(v.offset - a->offset);
        if (a->root == v.root && a->memory.n == p->memory.n &&
            memcmp(a->memory.p, p->memory.p, p->memory.n) == 0 && d >= -MAX_DISTANCE &&
            d <= MAX_DISTANCE && (d >= 0 || p->offset == 0)) {
            *distance = d;
            return a;
        }
    }
    return NULL;
}

/* The anchor's own access gets the local that holds its address. */
static void raise_anchor(state_t *s, anchor_t *a) {
    if (a->number >= 0) {
        return;
    }
    a->number = (int)s->numbers++;
    s->most = s->numbers > s->most ? s->numbers : s->most;
    text_t t = {0};
    text_addf(&t, "  ingot_at_%d = (u64)(%s%.*s);\n", a->number, a->is_signed ? "(s32)" : "",
              (int)a->name.n, a->name.p);
    text_add(&t, s->lines[a->line].p, s->lines[a->line].n);
    s->lines[a->line] = arena_slice(s->arena, &t);
    text_free(&t);
}

/* The access's own address, extended by its sign. */
static void make_signed(state_t *s, size_t line, const place_t *p) {
    slice_t old = s->lines[line];
    text_t t = {0};
    text_add(&t, old.p, (size_t)(p->name.p - old.p));
    text_puts(&t, "(s32)");
    text_add(&t, p->name.p, (size_t)(old.p + old.n - p->name.p));
    s->lines[line] = arena_slice(s->arena, &t);
    text_free(&t);
}

static void access_memory(state_t *s, size_t line) {
    place_t p = find_place(s->lines[line]);
    if (p.count != 1) {
        return;
    }
    value_t v = *value_of(s, p.name);
    if (v.root == 0) {
        return; /* a constant address costs nothing */
    }
    int32_t distance;
    anchor_t *a = find_anchor(s, &p, v, &distance);
    bool is_signed = s->low && p.offset == 0 && !p.is_vector_store;
    if (a == NULL) {
        if (s->n_anchors < MAX_ANCHORS) {
            s->anchors[s->n_anchors++] =
                (anchor_t){v.root, v.offset, p.memory, p.name, line, -1, is_signed && !p.is_store};
        }
        if (is_signed) {
            make_signed(s, line, &p);
        }
        return;
    }
    if (distance == 0) {
        /* The same address: the compiler sees that by itself. */
        if (a->is_signed || is_signed) {
            make_signed(s, line, &p);
        }
        return;
    }
    raise_anchor(s, a);
    slice_t old = s->lines[line];
    text_t t = {0};
    text_add(&t, old.p, (size_t)(p.start - old.p));
    text_addf(&t, "(u64)(ingot_at_%d)", a->number);
    if (distance < 0) {
        text_addf(&t, " - %d", -distance);
    } else {
        text_addf(&t, " + %llu", (unsigned long long)distance + p.offset);
    }
    text_add(&t, p.end, (size_t)(old.p + old.n - p.end));
    s->lines[line] = arena_slice(s->arena, &t);
    text_free(&t);
}

/* Statements that assign no local: stores, calls whose results are dropped, globals, branches. */
static bool keeps_locals(slice_t t) {
    return !slice_contains(t, "&var_") &&
           (t.n == 0 || slice_starts(t, "instance->") || slice_starts(t, "if (") ||
            (slice_ends(t, ");") && !slice_starts(t, "var_")));
}

static void statement(state_t *s, size_t line) {
    slice_t t = slice_trim(s->lines[line]);
    slice_t name = slice_name(t);
    bool local = slice_starts(t, "var_") && name.n > 4 && name.n < t.n && t.p[name.n] == ' ';
    slice_t right = local ? slice_after(t, name.n + 1) : t;
    if (!local && !keeps_locals(t)) {
        new_line_of_code(s);
        return;
    }
    access_memory(s, line);
    if (!local) {
        return;
    }
    if (slice_starts(right, "= ")) {
        assign(s, name, 0, slice_after(right, 2));
    } else if (slice_starts(right, "+= ") || slice_starts(right, "-= ")) {
        assign(s, name, right.p[0], slice_after(right, 3));
    } else {
        assign(s, name, '?', right);
    }
}

unsigned mend_addresses(arena_t *a, slice_t *lines, size_t n, bool low_memory) {
    state_t *s = arena_alloc(a, 1, sizeof *s);
    s->arena = a;
    s->lines = lines;
    s->low = low_memory;
    s->line_of_code = 1;
    for (size_t i = 1; i < n; i++) {
        statement(s, i);
    }
    return s->most;
}
