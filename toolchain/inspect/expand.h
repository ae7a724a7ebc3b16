/* SPDX-License-Identifier: MIT */
/*
 * The same module in the form that wasm2c 1.0.39 reads:
 *
 *  - a compact import section is written out, import by import;
 *  - memories are not shared: an image runs one thread, for which they are ordinary ones;
 *  - in a constant expression, the value of one of the module's own globals is replaced by that
 *    global's own initializer, which is the same value, since such a global is immutable;
 *  - data segments that are laid out as pages already (initial.h) are empty, or gone where nothing
 *    can refer to one by its index.
 *
 * All other indices, code and everything else stay as they are.
 */
#ifndef INGOT_TOOLCHAIN_EXPAND_H
#define INGOT_TOOLCHAIN_EXPAND_H

#include "toolchain/inspect/initial.h"
#include "toolchain/lib/text.h"

/* True when module_expand() would write anything else than the module's own bytes. */
bool module_needs_expansion(const module_t *m, const initial_t *initial);

/*
 * `bytes` are those that `m` was parsed from, or the same with other code. ERR_RANGE when the
 * initializers, each made of earlier ones, would grow beyond reason; *out is then unspecified.
 */
status_t module_expand(const module_t *m, const initial_t *initial, const uint8_t *bytes,
                       size_t len, text_t *out);

#endif
