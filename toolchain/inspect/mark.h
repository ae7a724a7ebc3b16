/* SPDX-License-Identifier: MIT */
/*
 * Source lines through wasm2c, which says nothing of where in the module a statement comes from.
 *
 * module_mark() writes the module anew with `i32.const K; drop` before the first instruction of
 * each function and wherever the source line changes. wasm2c writes one statement for each
 * instruction, in their order, and of these two exactly `var_iN = Ku;`: what stands behind it, up
 * to the next, comes from the instructions behind the mark. K counts up through values that no
 * i32.const of the module has, so there is no other such statement. ingot-mend
 * (toolchain/mend/lines.c) turns them into #line directives. The two instructions are valid
 * anywhere, do nothing, and code that wasm2c leaves out because it is never reached takes its marks
 * with it.
 */
#ifndef INGOT_TOOLCHAIN_MARK_H
#define INGOT_TOOLCHAIN_MARK_H

#include "toolchain/inspect/sources.h"
#include "toolchain/lib/text.h"

/*
 * `bytes` are those that `m` and `s` were read from. Writes the module to `out`, and to `marks`
 * (module-N.lines) what the marks mean, in lines with their fields separated by tabs:
 *
 *     marks K N       the first value, and how many there are
 *     file PATH       the files, numbered from 0
 *     FILE LINE       for each mark; LINE 0: not known
 *
 * A function's first mark says where it is declared. False, with both unchanged, when there is
 * nothing to mark, or no room between the constants.
 */
bool module_mark(const module_t *m, const sources_t *s, const uint8_t *bytes, size_t len,
                 text_t *out, text_t *marks);

#endif
