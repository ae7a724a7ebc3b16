/* SPDX-License-Identifier: MIT */
/*
 * Bits of a page-table entry, Sv39 and Sv48 alike.
 * Source: RISC-V Privileged Architecture 20211203, 4.4.1 (Sv39) and 4.5.1 (Sv48).
 *
 *   63  62-61  60-54     53 ........ 10   9-8   7   6   5   4   3   2   1   0
 *   N   PBMT   reserved  physical page    RSW   D   A   G   U   X   W   R   V
 *
 * V=0 means that hardware ignores the rest. R=W=X=0 with V=1 points to the next table.
 */
#ifndef INGOT_HAL_RISCV64_PTE_H
#define INGOT_HAL_RISCV64_PTE_H

#include <stdint.h>

#define PTE_V (UINT64_C(1) << 0)
#define PTE_R (UINT64_C(1) << 1)
#define PTE_W (UINT64_C(1) << 2)
#define PTE_X (UINT64_C(1) << 3)
#define PTE_U (UINT64_C(1) << 4)
#define PTE_G (UINT64_C(1) << 5)
#define PTE_A (UINT64_C(1) << 6)
#define PTE_D (UINT64_C(1) << 7)
#define PTE_OWNED (UINT64_C(1) << 8) /* first RSW bit: see hal_pt_entry_t.owned */

#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK (((UINT64_C(1) << 44) - 1) << PTE_PPN_SHIFT)

#define PT_INDEX_BITS 9u
#define PT_ENTRIES (1u << PT_INDEX_BITS)

#endif
