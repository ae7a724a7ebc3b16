/* SPDX-License-Identifier: MIT */
/*
 * A page-table entry of Sv39 and Sv48. Source: RISC-V Privileged Architecture 20211203, 4.4.1.
 *
 *   63   62..61  60..54    53..10   9..8  7 6 5 4 3 2 1 0
 *   N    PBMT    reserved  PPN      RSW   D A G U X W R V
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
#define PTE_RSW (UINT64_C(3) << 8) /* free for software */
#define PTE_PPN_SHIFT 10
#define PTE_PPN (((UINT64_C(1) << 44) - 1) << PTE_PPN_SHIFT)

#endif
