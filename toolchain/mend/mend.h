/* SPDX-License-Identifier: MIT */
/*
 * Mends the C that wasm2c 1.0.39 writes, where it is slow on riscv64 or wrong:
 *
 *  - loads are volatile, not operands of inline assembly, which cost instructions; vector loads are
 *    kept alive at all (else a load whose value is unused would not trap);
 *  - function types are one hidden weak symbol per signature in the whole image, so that
 *    call_indirect compares one address; the slow path says which of the three traps it is;
 *  - tables that never change become constant arrays of functions, one for each type (table.c);
 *  - many data segments become a table and a loop;
 *  - table entries point at functions themselves, not at forwarding wrappers;
 *  - the base of a 32-bit memory is kept in a local: it never moves, but C's aliasing rules make
 *    the compiler load it again after every store;
 *  - an address that differs by a constant from one accessed just before is given by the distance
 *    (address.c says why that is exact);
 *  - where the memory lies at address 0 there is no base: an address is its own pointer;
 *  - 64-bit addresses trap when address + offset overflows;
 *  - the checks of memory accesses hand the address on to the trap's report;
 *  - out-of-bounds table accesses are told apart from those of memories;
 *  - an imported tag that is exported again is not defined a second time, which is not C;
 *  - tail calls: the instance pointer of the trampoline is initialised, locals of tail callees are
 *    declared in valid C, results of ordinary calls made in tail position are not lost;
 *  - atomics on a memory that is not shared give the value that was there;
 *  - where the module carries debug information, #line says what each statement comes from
 * (lines.c);
 *  - a catch_all after a catch: its whole body, not only its first statement, is the alternative.
 *
 * Every rewrite knows the exact text it replaces; when it is not there, or more often than it
 * should be, the mending fails and says which one. Text of a newer wasm2c is refused.
 */
#ifndef INGOT_TOOLCHAIN_MEND_H
#define INGOT_TOOLCHAIN_MEND_H

#include <stdbool.h>

#include "hal/status.h"
#include "toolchain/lib/text.h"

typedef struct mend_file {
    const char *name;
    text_t text;
} mend_file_t;

typedef struct mend_error {
    char message[256];
} mend_error_t;

typedef struct mend_options {
    const mend_file_t *lines; /* the plan's module-N.lines, or NULL */
    bool low_memory;          /* the module's only memory will lie at address 0 (address.c) */
} mend_options_t;

/*
 * Mends all the files that wasm2c wrote for one module: NAME.c alone, or NAME-impl.h and NAME_*.c.
 * Files that were mended before are left as they are. On failure no file is changed.
 */
status_t mend(mend_file_t *files, size_t n_files, const mend_options_t *options,
              mend_error_t *error);

#endif
