/* SPDX-License-Identifier: MIT */
/* A table made of a small image, read back by the kernel's own reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hal/boot.h"
#include "kernel/debug/lines.h"
#include "kernel/debug/symtab.h"
#include "toolchain/lib/file.h"
#include "toolchain/symbols/flow.h"
#include "toolchain/symbols/leb.h"
#include "toolchain/symbols/rust.h"
#include "toolchain/symbols/table.h"
#include "toolchain/symbols/tokens.h"

/* The section that the kernel's linker script gives symbols to. */
#define ROOM 65536
__asm__(".data\n.balign 8\n.globl __symtab_start\n__symtab_start:\n.space 65536\n"
        ".globl __symtab_end\n__symtab_end:\n.text\n");
extern uint8_t __symtab_start[];

/* ---- what clang 19 makes of a function whose frame is needed on one path only ---- */

static const uint8_t shrink_wrapped[] = {
    0x91, 0xc9,             /* 00 beqz a1, 14 */
    0x41, 0x11,             /* 02 addi sp, sp, -16 */
    0x06, 0xe4,             /* 04 sd ra, 8(sp) */
    0xfd, 0x35,             /* 06 addiw a1, a1, -1 */
    0xef, 0xf0, 0x9f, 0xff, /* 08 jal 0 */
    0x05, 0x25,             /* 0c addiw a0, a0, 1 */
    0xa2, 0x60,             /* 0e ld ra, 8(sp) */
    0x41, 0x01,             /* 10 addi sp, sp, 16 */
    0x82, 0x80,             /* 12 ret */
    0x08, 0x61,             /* 14 ld a0, 0(a0) */
    0x82, 0x80,             /* 16 ret */
};

/* The same of -msave-restore: a routine that is called through t0 makes the frame. */
static const uint8_t save_restore[] = {
    0x08, 0x61,             /* 00 ld a0, 0(a0) */
    0x11, 0xe1,             /* 02 bnez a0, 06 */
    0x82, 0x80,             /* 04 ret */
    0xef, 0xf2, 0xbf, 0xfe, /* 06 jal t0, ... */
    0x08, 0x61,             /* 0a ld a0, 0(a0) */
    0x6f, 0xf0, 0x5f, 0xfe, /* 0c j ... */
};

static void test_flow(void **state) {
    (void)state;
    flow_state_t states[sizeof shrink_wrapped / 2 + 1];
    flow_follow(shrink_wrapped, sizeof shrink_wrapped, states);
    assert_int_equal(states[0], FLOW_UNFRAMED);
    assert_int_equal(states[0x04 / 2], FLOW_FRAMED);
    assert_int_equal(states[0x0c / 2], FLOW_FRAMED); /* behind the call */
    assert_int_equal(states[0x12 / 2], FLOW_UNFRAMED);
    assert_int_equal(states[0x14 / 2], FLOW_UNFRAMED); /* the other path */
    assert_false(flow_accesses(shrink_wrapped + 0x10, 2));
    assert_true(flow_accesses(shrink_wrapped + 0x14, 2));
    flow_follow(save_restore, sizeof save_restore, states);
    assert_int_equal(states[0x04 / 2], FLOW_UNFRAMED);
    assert_int_equal(states[0x06 / 2], FLOW_UNFRAMED);
    assert_int_equal(states[0x0a / 2], FLOW_FRAMED);
    assert_int_equal(states[0x0c / 2], FLOW_FRAMED);
}

/* ---- names ---- */

static void expand(const tokens_t *t, uint8_t token, text_t *out) {
    if (token < t->n_literals) {
        text_add(out, (const char *)&t->literals[token], 1);
        return;
    }
    expand(t, t->pairs[token - t->n_literals][0], out);
    expand(t, t->pairs[token - t->n_literals][1], out);
}

static void test_tokens(void **state) {
    (void)state;
    enum { N = 200 };
    text_t texts[N] = {0}, copies[N] = {0};
    size_t before = 0, after = 0;
    srand(1);
    for (int i = 0; i < N; i++) {
        text_addf(&texts[i], "\1app!core::fmt::Formatter<%d>::pad_%s", rand() % 50,
                  i % 3 == 0 ? "aaaaaa" : "integral");
        for (int k = rand() % 5; k > 0; k--) {
            text_addf(&texts[i], "%c", 1 + rand() % 255);
        }
        text_add(&copies[i], texts[i].data, texts[i].len);
        before += texts[i].len;
    }
    tokens_t tokens;
    tokens_encode(&tokens, texts, N);
    for (int i = 0; i < N; i++) {
        text_t back = {0};
        for (size_t k = 0; k < texts[i].len; k++) {
            expand(&tokens, (uint8_t)texts[i].data[k], &back);
        }
        assert_int_equal(back.len, copies[i].len);
        assert_memory_equal(back.data, copies[i].data, back.len);
        after += texts[i].len;
        text_free(&back);
        text_free(&texts[i]);
        text_free(&copies[i]);
    }
    assert_true(tokens.n_literals + tokens.n_pairs <= 256);
    assert_true(after < before);
}

static void test_rust(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"},
        {"_ZN5alloc7raw_vec15RawVec$LT$T$GT$13with_capacity17h977882ad28637724E",
         "alloc::raw_vec::RawVec<T>::with_capacity"},
        {"_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$"
         "3fmt17h0123456789abcdefE",
         "<alloc::string::String as core::fmt::Display>::fmt"},
        {"_ZN4core3fmt5writeE", NULL}, /* C++: no hash */
        {"_ZN4core3fmt99write17h0123456789abcdefE", NULL},
        {"_ZN17h0123456789abcdefE", NULL},
        {"_ZN", NULL},
        {"main", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text_t out = {0};
        assert_int_equal(rust_demangle(names[i][0], &out), names[i][1] != NULL);
        assert_string_equal(text_str(&out), names[i][1] != NULL ? names[i][1] : "");
        text_free(&out);
    }
}

/* ---- a whole table ---- */

#define TEXT HAL_KERNEL_BASE
#define N_FUNCTIONS 150u /* more than two blocks */

/* Call frame information as clang writes it: one CIE, one FDE for the last function. */
static void debug_frame(text_t *t, uint64_t start) {
    static const uint8_t cie[] = {0x14, 0,    0, 0,    0xff, 0xff, 0xff, 0xff, 4, 0, 8, 0,
                                  1,    0x7c, 1, 0x0c, 2,    0,    0,    0,    0, 0, 0, 0};
    static const uint8_t program[] = {0x44, 0x0e, 16, 0x42, 0x81, 2, 0, 0};
    uint32_t len = 4 + 16 + sizeof program, at = 0;
    uint64_t size = sizeof shrink_wrapped;
    text_add(t, (const char *)cie, sizeof cie);
    text_add(t, (const char *)&len, 4);
    text_add(t, (const char *)&at, 4);
    text_add(t, (const char *)&start, 8);
    text_add(t, (const char *)&size, 8);
    text_add(t, (const char *)program, sizeof program);
}

typedef struct section {
    const char *name;
    text_t bytes;
    uint32_t type, link;
    uint64_t address;
} section_t;

static void write_elf(const char *path, section_t *sections, uint16_t n) {
    text_t out = {0}, names = {0};
    Elf64_Shdr headers[10] = {0};
    Elf64_Ehdr eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                     .e_machine = EM_RISCV,
                     .e_shentsize = sizeof(Elf64_Shdr),
                     .e_shnum = (uint16_t)(n + 1),
                     .e_shstrndx = n};
    text_add(&names, "", 1);
    text_add(&out, (const char *)&eh, sizeof eh);
    for (uint16_t i = 0; i < n; i++) {
        headers[i + 1].sh_name = (uint32_t)names.len;
        text_add(&names, sections[i].name, strlen(sections[i].name) + 1);
        if (i + 1 == n) {
            sections[i].bytes = names;
        }
        headers[i + 1].sh_type = sections[i].type;
        headers[i + 1].sh_link = sections[i].link;
        headers[i + 1].sh_addr = sections[i].address;
        headers[i + 1].sh_offset = out.len;
        headers[i + 1].sh_size = sections[i].bytes.len;
        text_add(&out, text_str(&sections[i].bytes), sections[i].bytes.len);
    }
    eh.e_shoff = out.len;
    text_add(&out, (const char *)headers, (n + 1u) * sizeof headers[0]);
    memcpy(out.data, &eh, sizeof eh);
    assert_int_equal(file_write(path, out.data, out.len), STATUS_OK);
    text_free(&out);
    for (uint16_t i = 0; i < n; i++) {
        text_free(&sections[i].bytes);
    }
}

static char shown[512];

static void show(const char *text, size_t len) {
    strncat(shown, text, len);
}

static const char *name_at(uint64_t pc, symbol_t *symbol) {
    symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1];
    shown[0] = 0;
    if (!symbols_find(pc, symbol)) {
        return NULL;
    }
    assert_int_equal(symbols_chain(symbol, pc, frames), 1);
    symbols_write(frames[0].name, show);
    return shown;
}

/* ---- lines of the first function, as clang 19 would write them ---- */

static const char debug_abbrev[] = {1, 0x11, 0, 0x10, 0x17, 0, 0, 0}; /* a unit with its lines */

static void add_number(text_t *t, uint64_t v, unsigned size) {
    for (; size > 0; size--, v >>= 8) {
        text_add(t, (const char[]){(char)v}, 1);
    }
}

static void debug_info(text_t *t) {
    add_number(t, 12, 4); /* length */
    add_number(t, 4, 2);  /* version */
    add_number(t, 0, 4);  /* abbreviations */
    add_number(t, 8, 1);  /* size of addresses */
    add_number(t, 1, 1);  /* the unit */
    add_number(t, 0, 4);
}

static void debug_line(text_t *t) {
    static const char header[] = "\1\1\1\xfb\x0e\x0d\0\1\1\1\1\0\0\0\1\0\0\1src\0\0"
                                 "generated.c\0\0\0\0a.c\0\1\0\0\0";
    enum { SET_FILE = 4, ADVANCE_PC = 2, ADVANCE_LINE = 3, COPY = 1 };
    static const char rows[] = {ADVANCE_LINE,
                                8,
                                SET_FILE,
                                2,
                                COPY, /* 0: a.c:9 */
                                ADVANCE_PC,
                                8,
                                ADVANCE_LINE,
                                4,
                                COPY, /* 8: 13 */
                                ADVANCE_PC,
                                4,
                                ADVANCE_LINE,
                                0x73,
                                COPY, /* c: none */
                                ADVANCE_PC,
                                8,
                                ADVANCE_LINE,
                                3,
                                COPY, /* 14: 3 */
                                ADVANCE_PC,
                                2,
                                SET_FILE,
                                1,
                                COPY, /* 16: generated */
                                ADVANCE_PC,
                                2,
                                0,
                                1,
                                1}; /* 18: the end */
    text_t unit = {0};
    add_number(&unit, 4, 2);
    add_number(&unit, sizeof header - 1, 4);
    text_add(&unit, header, sizeof header - 1);
    text_add(&unit, "\0\x09\2", 3); /* the address */
    add_number(&unit, TEXT, 8);
    text_add(&unit, rows, sizeof rows);
    add_number(t, unit.len, 4);
    text_add(t, unit.data, unit.len);
    text_free(&unit);
}

/* What the line of a backtrace ends with. */
static void line_is(uint64_t pc, const char *text) {
    symbol_t symbol;
    symbol_frame_t frames[SYMBOLS_MAX_INLINED + 1];
    lines_place_t places[SYMBOLS_MAX_INLINED + 1] = {0};
    assert_true(symbols_find(pc, &symbol));
    assert_int_equal(symbols_chain(&symbol, pc, frames), 1);
    lines_reader.find(&symbol, pc, frames, 1, places);
    shown[0] = 0;
    lines_reader.write(frames[0].name, places[0], show);
    assert_string_equal(shown, text);
}

static void make_image(const char *elf, const char *plan, const char *source) {
    section_t sections[] = {{.name = ".text", .type = SHT_PROGBITS, .address = TEXT},
                            {.name = ".symtab", .type = SHT_SYMTAB, .link = 3},
                            {.name = ".strtab", .type = SHT_STRTAB},
                            {.name = ".debug_frame", .type = SHT_PROGBITS},
                            {.name = ".debug_info", .type = SHT_PROGBITS},
                            {.name = ".debug_abbrev", .type = SHT_PROGBITS},
                            {.name = ".debug_line", .type = SHT_PROGBITS},
                            {.name = ".shstrtab", .type = SHT_STRTAB}};
    text_t symbols = {0}, declarations = {0};
    text_add(&sections[2].bytes, "", 1);
    text_addf(&symbols, "module\ta_b\tapp\t%u\t1\nsrc/a.c\ta.c\n", N_FUNCTIONS);
    for (uint32_t i = 0; i < N_FUNCTIONS; i++) {
        Elf64_Sym sym = {.st_name = (uint32_t)sections[2].bytes.len,
                         .st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
                         .st_value = TEXT + sections[0].bytes.len,
                         .st_size = sizeof shrink_wrapped};
        text_add(&sections[0].bytes, (const char *)shrink_wrapped, sizeof shrink_wrapped);
        text_add(&sections[1].bytes, (const char *)&sym, sizeof sym);
        text_addf(&sections[2].bytes, "w2c_a__b_f%u", i);
        text_add(&sections[2].bytes, "", 1);
        text_addf(&symbols, i < 2 ? "function number %u\t0\t%u\n" : "function number %u\n", i,
                  7 + i);
        text_addf(&declarations, "%su32 w2c_a__b_f%u(w2c_a__b*, u32);\n", i % 2 ? "static " : "",
                  i);
    }
    debug_frame(&sections[3].bytes, TEXT + (N_FUNCTIONS - 1) * sizeof shrink_wrapped);
    debug_info(&sections[4].bytes);
    text_add(&sections[5].bytes, debug_abbrev, sizeof debug_abbrev);
    debug_line(&sections[6].bytes);
    assert_int_equal(file_write(plan, symbols.data, symbols.len), STATUS_OK);
    assert_int_equal(file_write(source, declarations.data, declarations.len), STATUS_OK);
    write_elf(elf, sections, sizeof sections / sizeof sections[0]);
    text_free(&symbols);
    text_free(&declarations);
}

static void test_table(void **state) {
    (void)state;
    char dir[] = "/tmp/symbols-XXXXXX", elf_path[64], plan[64], source[64];
    assert_non_null(mkdtemp(dir));
    snprintf(elf_path, sizeof elf_path, "%s/elf", dir);
    snprintf(plan, sizeof plan, "%s/plan", dir);
    snprintf(source, sizeof source, "%s/source", dir);
    make_image(elf_path, plan, source);

    elf_t elf;
    names_t names;
    text_t table = {0};
    table_sizes_t sizes;
    const char *sources[] = {source};
    assert_int_equal(elf_read(elf_path, &elf), STATUS_OK);
    assert_int_equal(names_read(plan, sources, 1, &names), STATUS_OK);
    table_make(&elf, &names, &table, &sizes);
    assert_true(table.len <= ROOM);
    memcpy(__symtab_start, table.data, table.len);

    symbol_t symbol;
    char expected[64];
    for (uint32_t i = 0; i < N_FUNCTIONS; i++) {
        uint64_t start = TEXT + i * sizeof shrink_wrapped;
        snprintf(expected, sizeof expected, "app!function number %u", i);
        assert_string_equal(name_at(start, &symbol), expected);
        assert_string_equal(name_at(start + sizeof shrink_wrapped - 2, &symbol), expected);
        assert_true(symbol.start == start && symbol.len == sizeof shrink_wrapped);
        assert_int_equal(symbols_kind(symbol.name), SYMBOL_WASM);
    }
    assert_null(name_at(TEXT - 1, &symbol));
    assert_null(name_at(TEXT + N_FUNCTIONS * sizeof shrink_wrapped, &symbol));

    /* The last one's frame: none, 16 bytes, ra saved; and none again on the other path. */
    uint64_t last = TEXT + (N_FUNCTIONS - 1) * sizeof shrink_wrapped;
    assert_true(symbols_find(last, &symbol));
    assert_int_equal(symbols_rule(&symbol, last).size, 0);
    assert_int_equal(symbols_rule(&symbol, last + 0x04).size, 16);
    assert_int_equal(symbols_rule(&symbol, last + 0x04).link_saved, 0);
    assert_int_equal(symbols_rule(&symbol, last + 0x08).link_saved, 8);
    assert_int_equal(symbols_rule(&symbol, last + 0x14).size, 0);
    assert_int_equal(symbols_rule(&symbol, last + 0x14).link_saved, 0);

    /* Lines, of what may fault or calls: the caller's address is within the call. */
    line_is(TEXT + 0x04, " at a.c:9");
    line_is(TEXT + 0x0b, " at a.c:13");
    line_is(TEXT + 0x0e, ", declared at a.c:7");
    line_is(TEXT + 0x14, " at a.c:3");
    line_is(TEXT + sizeof shrink_wrapped + 0x0b, ", declared at a.c:8");
    line_is(TEXT + 2 * sizeof shrink_wrapped + 0x0b, "");
    line_is(TEXT + 100 * sizeof shrink_wrapped + 0x0b, "");

    names_free(&names);
    /* One function less is declared than the plan has: refused, not guessed. */
    FILE *f = fopen(source, "w");
    fputs("u32 w2c_a__b_f0(w2c_a__b*, u32);\n", f);
    fclose(f);
    assert_int_equal(names_read(plan, sources, 1, &names), ERR_CORRUPT);
    text_free(&table);
    elf_free(&elf);
    unlink(elf_path);
    unlink(plan);
    unlink(source);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_flow), cmocka_unit_test(test_tokens),
                                       cmocka_unit_test(test_rust), cmocka_unit_test(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
