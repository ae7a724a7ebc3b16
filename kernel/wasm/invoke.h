/* SPDX-License-Identifier: MIT */
/*
 * --invoke: calls one export with arguments from the command line, and prints its results one per
 * line, as wasmtime does. Integers may be decimal (signed or unsigned) or 0x...; floats are what
 * strtod takes, nan and inf included.
 *
 * What is called is an export of the main module by that name or, when it has none, MODULE::EXPORT:
 * an export of any module of the image. The first "::" behind a module's name is the separator.
 */
#ifndef INGOT_KERNEL_WASM_INVOKE_H
#define INGOT_KERNEL_WASM_INVOKE_H

#include "kernel/wasm/module.h"

/* Arguments are the boot arguments after argv[0]. Ends the machine: 0, a trap's 134, or 126 when
 * the export, the number or the form of the arguments is wrong. */
_Noreturn void wasm_invoke(const char *name);

#endif
