/* SPDX-License-Identifier: MIT */
#include "toolchain/symbols/elf.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/lib/file.h"
#include "toolchain/lib/text.h"

static bool section_at(const elf_t *elf, uint32_t index, Elf64_Shdr *out) {
    Elf64_Ehdr eh;
    memcpy(&eh, elf->bytes, sizeof eh);
    if (index >= eh.e_shnum) {
        return false;
    }
    memcpy(out, elf->bytes + eh.e_shoff + (size_t)index * sizeof *out, sizeof *out);
    return out->sh_type == SHT_NOBITS ||
           (out->sh_offset <= elf->len && out->sh_size <= elf->len - out->sh_offset);
}

static cursor_t contents(const elf_t *elf, const Elf64_Shdr *sh) {
    const uint8_t *p = elf->bytes + sh->sh_offset;
    return sh->sh_type == SHT_NOBITS ? (cursor_t){0} : (cursor_t){p, p + sh->sh_size, false};
}

static bool find(const elf_t *elf, const char *name, Elf64_Shdr *out) {
    Elf64_Ehdr eh;
    Elf64_Shdr names;
    memcpy(&eh, elf->bytes, sizeof eh);
    if (!section_at(elf, eh.e_shstrndx, &names)) {
        return false;
    }
    for (uint32_t i = 0; section_at(elf, i, out); i++) {
        cursor_t c = cursor_at(contents(elf, &names), out->sh_name);
        if (strcmp(take_string(&c), name) == 0) {
            return true;
        }
    }
    return false;
}

cursor_t elf_section(const elf_t *elf, const char *name) {
    Elf64_Shdr sh;
    return find(elf, name, &sh) ? contents(elf, &sh) : (cursor_t){0};
}

/* Of two symbols at one address: the one with a size, then the global, then the first by name. */
static int compare(const void *a, const void *b) {
    const elf_function_t *x = a, *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end > y->end ? -1 : 1;
    }
    return strcmp(x->symbol, y->symbol);
}

/* Functions, and the labels that assembler code exports. */
static bool is_function(const elf_t *elf, const Elf64_Sym *sym) {
    unsigned type = ELF64_ST_TYPE(sym->st_info), bind = ELF64_ST_BIND(sym->st_info);
    return sym->st_value >= elf->text && sym->st_value < elf->text_end &&
           (type == STT_FUNC || (type == STT_NOTYPE && bind == STB_GLOBAL));
}

static void read_functions(elf_t *elf, cursor_t symbols, cursor_t strings) {
    size_t n = (size_t)(symbols.end - symbols.p) / sizeof(Elf64_Sym);
    elf->functions = xcalloc(n, sizeof *elf->functions);
    elf->types = xcalloc(n, sizeof *elf->types);
    for (size_t i = 0; i < n; i++) {
        Elf64_Sym sym;
        memcpy(&sym, symbols.p + i * sizeof sym, sizeof sym);
        cursor_t c = cursor_at(strings, sym.st_name);
        elf_function_t f = {take_string(&c), sym.st_value, sym.st_value + sym.st_size};
        if (is_function(elf, &sym)) {
            elf->functions[elf->n_functions++] = f;
        } else if (ELF64_ST_TYPE(sym.st_info) == STT_OBJECT && sym.st_value >= elf->text &&
                   strncmp(f.symbol, "ingot_type_", sizeof "ingot_type_" - 1) == 0) {
            elf->types[elf->n_types++] = f;
        }
    }
    qsort(elf->functions, elf->n_functions, sizeof *elf->functions, compare);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < elf->n_functions; i++) {
        elf_function_t f = elf->functions[i];
        if (kept > 0 && elf->functions[kept - 1].start == f.start) {
            continue;
        }
        elf->functions[kept++] = f;
    }
    elf->n_functions = kept;
    /* A label has no size: it reaches to the next. */
    for (uint32_t i = 0; i < kept; i++) {
        uint64_t limit = i + 1 < kept ? elf->functions[i + 1].start : elf->text_end;
        elf_function_t *f = &elf->functions[i];
        f->end = f->end <= f->start || f->end > limit ? limit : f->end;
    }
}

/* The modules' code may be missing; it is not far behind the kernel's. */
static status_t read_code(elf_t *elf, const Elf64_Shdr *text) {
    Elf64_Shdr user;
    bool has_user = find(elf, ".user.text", &user) && user.sh_size > 0;
    cursor_t own = contents(elf, text);
    uint64_t end = text->sh_addr + text->sh_size;
    if (text->sh_type == SHT_NOBITS || end < text->sh_addr ||
        (has_user &&
         (user.sh_type == SHT_NOBITS || user.sh_addr < end ||
          user.sh_addr - text->sh_addr > elf->len || user.sh_addr + user.sh_size < user.sh_addr))) {
        return ERR_CORRUPT;
    }
    elf->text = text->sh_addr;
    elf->text_end = has_user ? user.sh_addr + user.sh_size : end;
    elf->code = xcalloc(elf->text_end - elf->text + 1, 1);
    memcpy(elf->code, own.p, text->sh_size);
    if (has_user) {
        memcpy(elf->code + (user.sh_addr - elf->text), contents(elf, &user).p, user.sh_size);
    }
    return STATUS_OK;
}

cursor_t elf_code(const elf_t *elf) {
    return (cursor_t){elf->code, elf->code + (elf->text_end - elf->text), false};
}

static status_t check(elf_t *elf) {
    Elf64_Ehdr eh;
    Elf64_Shdr text, symbols, strings;
    if (elf->len < sizeof eh) {
        return ERR_CORRUPT;
    }
    memcpy(&eh, elf->bytes, sizeof eh);
    if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
        eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_RISCV ||
        eh.e_shentsize != sizeof text || eh.e_shoff > elf->len ||
        eh.e_shnum > (elf->len - eh.e_shoff) / sizeof text || !find(elf, ".text", &text) ||
        !find(elf, ".symtab", &symbols) || !section_at(elf, symbols.sh_link, &strings)) {
        return ERR_CORRUPT;
    }
    status_t s = read_code(elf, &text);
    if (s == STATUS_OK) {
        read_functions(elf, contents(elf, &symbols), contents(elf, &strings));
    }
    return s;
}

status_t elf_read(const char *path, elf_t *out) {
    *out = (elf_t){.path = path};
    status_t s = file_read(path, &out->bytes, &out->len);
    if (s != STATUS_OK) {
        return s;
    }
    s = check(out);
    if (s != STATUS_OK) {
        fprintf(stderr, "error: %s: not a linked 64-bit RISC-V image with symbols\n", path);
        elf_free(out);
    }
    return s;
}

void elf_free(elf_t *elf) {
    free(elf->bytes);
    free(elf->code);
    free(elf->functions);
    free(elf->types);
    *elf = (elf_t){0};
}
