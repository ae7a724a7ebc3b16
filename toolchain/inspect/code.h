/* SPDX-License-Identifier: MIT */
/* Walks instructions: which features they use, and whether their indices and immediates exist. */
#ifndef INGOT_TOOLCHAIN_CODE_H
#define INGOT_TOOLCHAIN_CODE_H

#include "toolchain/inspect/reader.h"

/* A value type; marks the features it needs. */
valtype_t read_valtype(reader_t *r, module_t *m);
/* The bytes after 0x63/0x64, or of ref.null: a heap type. VT_REF_OTHER when it is not a basic one.
 */
valtype_t read_heaptype(reader_t *r, module_t *m);

/* Locals and body of one function; must end exactly at the end of `r`. */
void scan_body(reader_t *r, module_t *m);
/* The same in steps: the locals; then, while *depth, which starts as 1, is not 0, one instruction
 * after the other. Answers its opcode. */
void scan_locals(reader_t *r, module_t *m);
uint8_t scan_step(reader_t *r, module_t *m, uint32_t *depth);
#define SCAN_I32_CONST 0x41
/* A constant expression, its `end` included. */
void scan_constant(reader_t *r, module_t *m);
/* One instruction of one; answers its opcode, SCAN_END for its `end` or after a failure. */
uint8_t scan_constant_step(reader_t *r, module_t *m);
#define SCAN_END 0x0b
#define SCAN_GLOBAL_GET 0x23
#define SCAN_I32_CONST 0x41

#endif
