/* SPDX-License-Identifier: MIT */
/* `ingot-inspect show`: what a module is and needs, and whether it can be cast. */
#ifndef INGOT_TOOLCHAIN_SHOW_H
#define INGOT_TOOLCHAIN_SHOW_H

#include "toolchain/inspect/link.h"

/* To stdout. Imports are looked up in `host`; what else could provide them is not known here. */
void show_text(const link_module_t *lm, const host_t *host);
void show_json(const link_module_t *lm, const host_t *host);

/* Parts of JSON documents, shared with the manifest. */
void features_json(text_t *t, const module_t *m);
void import_json(text_t *t, const import_t *import); /* without the closing brace */

#endif
