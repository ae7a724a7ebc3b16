/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/tokens.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void choose_literals(tokens_t *tokens, text_t *texts, size_t n) {
    bool used[256] = {false};
    uint8_t token_of[256] = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < texts[i].len; k++) {
            used[(uint8_t)texts[i].data[k]] = true;
        }
    }
    for (unsigned b = 0; b < 256; b++) {
        if (used[b]) {
            token_of[b] = (uint8_t)tokens->n_literals;
            tokens->literals[tokens->n_literals++] = (uint8_t)b;
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < texts[i].len; k++) {
            texts[i].data[k] = (char)token_of[(uint8_t)texts[i].data[k]];
        }
    }
}

/* Neighbours that overlap ("aaa") are counted as often as they can be replaced. */
static void count_pairs(const text_t *texts, size_t n, uint32_t *counts) {
    memset(counts, 0, 65536 * sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = (const uint8_t *)texts[i].data;
        for (size_t k = 0; k + 1 < texts[i].len; k++) {
            counts[p[k] << 8 | p[k + 1]]++;
            if (k + 2 < texts[i].len && p[k] == p[k + 1] && p[k] == p[k + 2]) {
                k++;
            }
        }
    }
}

static void replace_pair(text_t *t, uint8_t a, uint8_t b, uint8_t token) {
    uint8_t *p = (uint8_t *)t->data;
    size_t out = 0;
    for (size_t k = 0; k < t->len; k++) {
        if (k + 1 < t->len && p[k] == a && p[k + 1] == b) {
            p[out++] = token;
            k++;
        } else {
            p[out++] = p[k];
        }
    }
    t->len = out;
}

void tokens_encode(tokens_t *tokens, text_t *texts, size_t n) {
    *tokens = (tokens_t){0};
    choose_literals(tokens, texts, n);
    uint32_t *counts = xcalloc(65536, sizeof *counts);
    while (tokens->n_literals + tokens->n_pairs < 256) {
        count_pairs(texts, n, counts);
        unsigned best = 0;
        for (unsigned i = 1; i < 65536; i++) {
            best = counts[i] > counts[best] ? i : best;
        }
        if (counts[best] <= 2) {
            break; /* the pair itself takes two bytes */
        }
        unsigned token = tokens->n_literals + tokens->n_pairs;
        uint8_t a = (uint8_t)(best >> 8), b = (uint8_t)best;
        for (size_t i = 0; i < n; i++) {
            replace_pair(&texts[i], a, b, (uint8_t)token);
        }
        tokens->pairs[tokens->n_pairs][0] = a;
        tokens->pairs[tokens->n_pairs++][1] = b;
    }
    free(counts);
}
