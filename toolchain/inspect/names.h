/* SPDX-License-Identifier: MIT */
/* The `name` custom section (core spec, appendix A.4). */
#ifndef INGOT_TOOLCHAIN_NAMES_H
#define INGOT_TOOLCHAIN_NAMES_H

#include "toolchain/inspect/reader.h"

/*
 * Fills module_name and func_names. A broken section is not an error of the module: it sets
 * bad_names, and no name of it is kept.
 */
void parse_names(const reader_t *section, module_t *m);

#endif
