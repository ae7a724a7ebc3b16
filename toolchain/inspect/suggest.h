/* SPDX-License-Identifier: MIT */
/* "did you mean": the nearest name to an import that nothing provides. */
#ifndef INGOT_TOOLCHAIN_SUGGEST_H
#define INGOT_TOOLCHAIN_SUGGEST_H

#include "toolchain/inspect/link.h"

/* Levenshtein distance, in bytes; names longer than 255 bytes are infinitely far (UINT32_MAX). */
uint32_t edit_distance(name_t a, name_t b);

/* Adds "; ..." to `t` when there is something to say. */
void suggest(text_t *t, const link_t *l, const link_module_t *lm, const import_t *import);

#endif
