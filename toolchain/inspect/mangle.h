/* SPDX-License-Identifier: MIT */
/* The C identifiers that wasm2c 1.0.39 (and 1.0.42) makes of wasm names. */
#ifndef INGOT_TOOLCHAIN_MANGLE_H
#define INGOT_TOOLCHAIN_MANGLE_H

#include "toolchain/inspect/module.h"
#include "toolchain/lib/text.h"

/*
 * Letters and digits stay; an underscore stays unless it is the first or last character or follows
 * another; every other byte becomes 0xHH, and so does a hex digit that would make a name look as if
 * it held such an escape. In module names each underscore that stays is doubled.
 */
void mangle_name(text_t *t, name_t name);
void mangle_module(text_t *t, name_t name);

/* "w2c_MODULE_FIELD": the symbol of an import, or of an export of the module of that name. */
void mangle_symbol(text_t *t, name_t module, name_t field);

/* 'i', 'j', 'f', 'd', 'o', 'r', 'e', 'x': the letters of `struct wasm_multi_...`. */
char mangle_valtype(valtype_t type);

#endif
