/* SPDX-License-Identifier: MIT */
/* Writes a JSON text, then parses it into a tree by recursive descent, with UTF-8 checked. */
#include "bench.h"

#define TEXT_MAX (1u << 17)
#define NODES_MAX 32768u

typedef enum kind { J_NULL, J_BOOL, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT } kind_t;

typedef struct node {
    kind_t kind;
    uint32_t hash; /* of a string, or of the key in an object */
    double number;
    struct node *child, *next;
} node_t;

typedef struct parser {
    const uint8_t *at, *end;
    bool failed;
} parser_t;

static uint8_t text[TEXT_MAX];
static node_t nodes[NODES_MAX];
static uint32_t n_nodes;
static size_t text_len;

static void put(const char *s) {
    while (*s != 0) {
        text[text_len++] = (uint8_t)*s++;
    }
}

static void put_number(uint32_t v) {
    char digits[11];
    unsigned n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n > 0) {
        text[text_len++] = (uint8_t)digits[--n];
    }
}

static void make_text(uint32_t random) {
    text_len = 0;
    put("[");
    for (unsigned i = 0; text_len < TEXT_MAX - 512; i++) {
        put(i > 0 ? ",\n {\"id\": " : "{\"id\": ");
        put_number(next_random(&random) % 100000);
        put(", \"name\": \"gr\xc3\xbc\xc3\x9f"
            "e \xe2\x82\xac \xf0\x9f\x8c\x8d\n");
        put_number(next_random(&random));
        put("\", \"on\": ");
        put(next_random(&random) & 1 ? "true" : "false");
        put(", \"parent\": null, \"scores\": [");
        for (unsigned k = next_random(&random) % 6; k > 0; k--) {
            put_number(next_random(&random) % 1000);
            put(".");
            put_number(next_random(&random) % 1000);
            put(k > 1 ? "e2, " : "");
        }
        put("]}");
    }
    put("]");
}

static node_t *parse_value(parser_t *p);

static void skip_space(parser_t *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t')) {
        p->at++;
    }
}

static bool accept(parser_t *p, uint8_t c) {
    skip_space(p);
    if (p->at < p->end && *p->at == c) {
        p->at++;
        return true;
    }
    return false;
}

/* The length of the sequence that `at` starts; 0 when it is not UTF-8. */
static size_t utf8_length(const uint8_t *at, const uint8_t *end) {
    uint8_t c = *at;
    size_t len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (len == 0 || (size_t)(end - at) < len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

static NOINLINE uint32_t parse_string(parser_t *p) {
    uint32_t hash = 2166136261u;
    while (p->at < p->end && *p->at != '"') {
        if (*p->at == '\\') {
            p->at++;
        }
        size_t len = p->at < p->end ? utf8_length(p->at, p->end) : 0;
        if (len == 0) {
            p->failed = true;
            return 0;
        }
        while (len-- > 0) {
            hash = (hash ^ *p->at++) * 16777619u;
        }
    }
    p->failed |= p->at == p->end;
    p->at++;
    return hash;
}

static bool is_digit(const parser_t *p) {
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static NOINLINE double parse_number(parser_t *p) {
    double value = 0, unit = 1;
    while (is_digit(p)) {
        value = value * 10 + (*p->at++ - '0');
    }
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        while (is_digit(p)) {
            unit /= 10;
            value += unit * (*p->at++ - '0');
        }
    }
    if (p->at < p->end && *p->at == 'e') {
        uint32_t exponent = 0;
        p->at++;
        while (is_digit(p)) {
            exponent = exponent * 10 + (uint32_t)(*p->at++ - '0');
        }
        while (exponent-- > 0) {
            value *= 10;
        }
    }
    return value;
}

static void parse_members(parser_t *p, node_t *parent, uint8_t close) {
    node_t **link = &parent->child;
    if (accept(p, close)) {
        return;
    }
    do {
        uint32_t key = 0;
        if (parent->kind == J_OBJECT) {
            p->failed |= !accept(p, '"');
            key = parse_string(p);
            p->failed |= !accept(p, ':');
        }
        node_t *child = p->failed ? NULL : parse_value(p);
        if (child == NULL) {
            return;
        }
        child->hash ^= key;
        *link = child;
        link = &child->next;
    } while (accept(p, ','));
    p->failed |= !accept(p, close);
}

static void parse_word(parser_t *p, const char *word) {
    for (; *word != 0; word++, p->at++) {
        p->failed |= p->at >= p->end || *p->at != (uint8_t)*word;
    }
}

static NOINLINE node_t *parse_value(parser_t *p) {
    skip_space(p);
    if (p->failed || p->at == p->end || n_nodes == NODES_MAX) {
        p->failed = true;
        return NULL;
    }
    node_t *node = &nodes[n_nodes++];
    *node = (node_t){.kind = J_NULL};
    switch (*p->at) {
    case '{':
        p->at++;
        node->kind = J_OBJECT;
        parse_members(p, node, '}');
        break;
    case '[':
        p->at++;
        node->kind = J_ARRAY;
        parse_members(p, node, ']');
        break;
    case '"':
        p->at++;
        node->kind = J_STRING;
        node->hash = parse_string(p);
        break;
    case 't':
        node->kind = J_BOOL;
        node->number = 1;
        parse_word(p, "true");
        break;
    case 'f':
        node->kind = J_BOOL;
        parse_word(p, "false");
        break;
    case 'n':
        parse_word(p, "null");
        break;
    default:
        node->kind = J_NUMBER;
        node->number = parse_number(p);
    }
    return node;
}

static NOINLINE uint64_t walk(const node_t *node, uint64_t hash) {
    for (; node != NULL; node = node->next) {
        hash = mix(hash, (uint64_t)node->kind << 32 | node->hash);
        hash = mix_double(hash, node->number);
        hash = walk(node->child, hash);
    }
    return hash;
}

BENCH(json) {
    make_text(n);
    n_nodes = 0;
    parser_t p = {.at = text, .end = text + text_len};
    const node_t *root = parse_value(&p);
    return p.failed ? 0 : mix(walk(root, MIX_START), n_nodes);
}
