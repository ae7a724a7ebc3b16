/* SPDX-License-Identifier: MIT */
/* The linked image: its sections and the functions of its symbol table. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_ELF_H
#define INGOT_TOOLCHAIN_SYMBOLS_ELF_H

#include "hal/status.h"
#include "toolchain/dwarf/cursor.h"

typedef struct elf_function {
    const char *symbol;
    uint64_t start, end; /* addresses */
} elf_function_t;

typedef struct elf {
    const char *path;
    uint8_t *bytes;
    size_t len;
    uint64_t text, text_end;   /* addresses of the image's code: .text, then .user.text */
    uint8_t *code;             /* its bytes, and zeroes where there is none */
    elf_function_t *functions; /* by address; they do not overlap */
    uint32_t n_functions;
    elf_function_t *types; /* objects whose symbols start with "ingot_type_" */
    uint32_t n_types;
} elf_t;

/* Errors are told on stderr. */
status_t elf_read(const char *path, elf_t *out);
void elf_free(elf_t *elf);

cursor_t elf_code(const elf_t *elf);
/* An empty one when there is no such section. */
cursor_t elf_section(const elf_t *elf, const char *name);

#endif
