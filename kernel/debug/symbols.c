/* SPDX-License-Identifier: MIT */
/* The table is part of the image and read-only, so it is trusted; its addresses are not: they come
 * from damaged stacks. */
#include "kernel/debug/symbols.h"

#include "hal/boot.h"
#include "kernel/debug/symtab.h"

/* kernel.ld; both the same in an image without the table. */
extern const uint8_t __symtab_start[], __symtab_end[];

const symtab_header_t *symbols_table(void) {
    uintptr_t size = (uintptr_t)__symtab_end - (uintptr_t)__symtab_start;
    return size == 0 ? NULL : (const symtab_header_t *)__symtab_start;
}

uint64_t symbols_varint(const uint8_t **p) {
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = *(*p)++;
        v |= (uint64_t)(b & 0x7f) << shift;
        if (b < 0x80) {
            return v;
        }
    }
}

static const symtab_block_t *blocks(const symtab_header_t *h) {
    return (const symtab_block_t *)(h + 1);
}

static uint32_t count_blocks(uint32_t n) {
    return (n + SYMTAB_BLOCK - 1) / SYMTAB_BLOCK;
}

static const uint32_t *name_blocks(const symtab_header_t *h) {
    return (const uint32_t *)(blocks(h) + count_blocks(h->n_functions));
}

static const symtab_type_t *types(const symtab_header_t *h) {
    return (const symtab_type_t *)(name_blocks(h) + count_blocks(h->n_names));
}

static const uint8_t *literals(const symtab_header_t *h) {
    return (const uint8_t *)(types(h) + h->n_types);
}

static const uint8_t *pair(const symtab_header_t *h, uint8_t token) {
    return literals(h) + h->n_literals + 2 * (token - h->n_literals);
}

bool symbols_find(uint64_t pc, symbol_t *out) {
    const symtab_header_t *h = symbols_table();
    uint64_t offset = pc - HAL_KERNEL_BASE;
    if (h == NULL || h->n_functions == 0 || offset < blocks(h)[0].start) {
        return false;
    }
    uint32_t low = 0, high = count_blocks(h->n_functions); /* the block is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (blocks(h)[middle].start <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const uint8_t *p = __symtab_start + h->functions + blocks(h)[low].function;
    uint64_t end = blocks(h)[low].start;
    uint32_t i = low * SYMTAB_BLOCK, last = i + SYMTAB_BLOCK;
    for (; i < last && i < h->n_functions; i++) {
        uint64_t start = end, len = symbols_varint(&p);
        if (len == 0) {
            start += 2 * symbols_varint(&p);
            len = symbols_varint(&p);
        }
        const uint8_t *rules = __symtab_start + h->rules + symbols_varint(&p);
        uint64_t n_inlined = (len & 1) != 0 ? symbols_varint(&p) : 0;
        const uint8_t *inlined = p;
        p += n_inlined;
        end = start + (len & ~UINT64_C(1));
        if (offset < start) {
            return false;
        }
        if (offset < end) {
            *out = (symbol_t){HAL_KERNEL_BASE + start, end - start, i, rules, inlined, p};
            return true;
        }
    }
    return false;
}

hal_frame_rule_t symbols_rule(const symbol_t *symbol, uint64_t pc) {
    hal_frame_rule_t rule = {0};
    const uint8_t *p = symbol->rules;
    uint64_t at = symbol->start, step;
    while ((step = symbols_varint(&p)) != 0 && (at += 2 * (step - 1)) <= pc) {
        uint64_t size = symbols_varint(&p);
        rule.size = size / 2 * 8;
        rule.from_fp = (size & 1) != 0;
        rule.link_saved = (uint32_t)(8 * symbols_varint(&p));
        rule.fp_saved = (uint32_t)(8 * symbols_varint(&p));
    }
    return rule;
}

unsigned symbols_chain(const symbol_t *symbol, uint64_t pc,
                       symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1]) {
    symbol_frame_t within[SYMBOLS_MAX_INLINED];
    unsigned n = 0, told = 0, index = 0;
    uint64_t start = symbol->start;
    for (const uint8_t *p = symbol->inlined; p < symbol->inlined_end; index++) {
        start += 2 * symbols_varint(&p);
        uint64_t len = 2 * symbols_varint(&p);
        uint32_t name = (uint32_t)symbols_varint(&p);
        if (pc - start < len && n < SYMBOLS_MAX_INLINED) {
            within[n++] = (symbol_frame_t){name, index};
        }
    }
    while (n > 0) {
        frames[told++] = within[--n];
    }
    frames[told++] = (symbol_frame_t){symbol->name, 0};
    return told;
}

bool symbols_type(const void *type, uint32_t *name) {
    const symtab_header_t *h = symbols_table();
    uint64_t offset = (uintptr_t)type - HAL_KERNEL_BASE;
    for (uint32_t i = 0; h != NULL && i < h->n_types; i++) {
        if (types(h)[i].offset == offset) {
            *name = types(h)[i].text;
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

static const uint8_t *name_tokens(const symtab_header_t *h, uint32_t name, uint64_t *n) {
    const uint8_t *p = __symtab_start + h->names + name_blocks(h)[name / SYMTAB_BLOCK];
    for (uint32_t i = name % SYMTAB_BLOCK; i > 0; i--) {
        uint64_t len = symbols_varint(&p);
        p += len;
    }
    *n = symbols_varint(&p);
    return p;
}

/* Each pair stands for two earlier tokens, so this ends; what is to come waits on `rest`. */
static void expand(const symtab_header_t *h, uint8_t token, void (*write)(const char *, size_t)) {
    uint8_t rest[256];
    unsigned n = 0;
    rest[n++] = token;
    while (n > 0) {
        token = rest[--n];
        if (token < h->n_literals) {
            if (literals(h)[token] >= ' ') {
                write((const char *)&literals(h)[token], 1);
            }
            continue;
        }
        rest[n++] = pair(h, token)[1];
        rest[n++] = pair(h, token)[0];
    }
}

symbol_kind_t symbols_kind(uint32_t name) {
    const symtab_header_t *h = symbols_table();
    uint64_t n;
    const uint8_t *p = name_tokens(h, name, &n);
    if (n == 0) {
        return SYMBOL_KERNEL;
    }
    uint8_t token = *p;
    while (token >= h->n_literals) {
        token = pair(h, token)[0];
    }
    return literals(h)[token] == SYMTAB_WASM   ? SYMBOL_WASM
           : literals(h)[token] == SYMTAB_HOST ? SYMBOL_HOST
                                               : SYMBOL_KERNEL;
}

void symbols_write(uint32_t name, void (*write)(const char *text, size_t len)) {
    const symtab_header_t *h = symbols_table();
    uint64_t n;
    const uint8_t *p = name_tokens(h, name, &n);
    for (uint64_t i = 0; i < n; i++) {
        expand(h, p[i], write);
    }
}
