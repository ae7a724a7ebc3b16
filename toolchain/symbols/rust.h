/* SPDX-License-Identifier: MIT */
/* Rust's legacy mangling, which rustc leaves in the name section where other compilers demangle. */
#ifndef INGOT_TOOLCHAIN_SYMBOLS_RUST_H
#define INGOT_TOOLCHAIN_SYMBOLS_RUST_H

#include <stdbool.h>

#include "toolchain/lib/text.h"

/* "_ZN4core3fmt5write17h0123456789abcdefE" to "core::fmt::write". False, with nothing added, for
 * any other name. Source: RFC 2603, "The current (legacy) mangling scheme". */
bool rust_demangle(const char *name, text_t *out);

#endif
