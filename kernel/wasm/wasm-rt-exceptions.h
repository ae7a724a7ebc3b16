/* SPDX-License-Identifier: MIT */
/* The name under which wasm2c's output includes the exceptions part of the runtime ABI. */
#ifndef INGOT_WASM_RT_EXCEPTIONS_H
#define INGOT_WASM_RT_EXCEPTIONS_H

#include "wasm-rt.h"

#endif
