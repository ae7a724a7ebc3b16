/* SPDX-License-Identifier: MIT */
/*
 * Looking at a running module from the timer's interrupt: stopping it when its time is up
 * (ingot.timeout), and sampling where it is (ingot.profile). Only in images that were made for it
 * (`--with timer`), and nothing runs before one of the two options asks for it.
 *
 * The interrupt may come at any instruction of the kernel too. It only reads the stack and writes
 * its own buffer; the module is stopped only where the interrupt finds translated code.
 */
#ifndef INGOT_KERNEL_WASM_TIMER_H
#define INGOT_KERNEL_WASM_TIMER_H

#include "kernel/core/registry.h"

extern const service_t timer_service;

#endif
