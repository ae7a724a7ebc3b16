/* SPDX-License-Identifier: MIT */
/*
 * Control and status registers of the supervisor level.
 * Source: RISC-V Privileged Architecture 20211203, chapter 4.
 */
#ifndef INGOT_HAL_RISCV64_CSR_H
#define INGOT_HAL_RISCV64_CSR_H

#define csr_read(name)                                                                             \
    ({                                                                                             \
        uint64_t csr_value;                                                                        \
        __asm__ volatile("csrr %0, " #name : "=r"(csr_value)::"memory");                           \
        csr_value;                                                                                 \
    })
#define csr_write(name, value)                                                                     \
    __asm__ volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define csr_set(name, bits)                                                                        \
    __asm__ volatile("csrs " #name ", %0" ::"r"((uint64_t)(bits)) : "memory")
#define csr_clear(name, bits)                                                                      \
    __asm__ volatile("csrc " #name ", %0" ::"r"((uint64_t)(bits)) : "memory")

/* sstatus, 4.1.1 */
#define SSTATUS_SIE (UINT64_C(1) << 1)
#define SSTATUS_SPIE (UINT64_C(1) << 5)
#define SSTATUS_SPP (UINT64_C(1) << 8)
#define SSTATUS_SUM (UINT64_C(1) << 18)
#define SSTATUS_FS_INITIAL (UINT64_C(1) << 13)

/* sie and sip, 4.1.3 */
#define SIE_TIMER (UINT64_C(1) << 5)
#define SIE_EXTERNAL (UINT64_C(1) << 9)

/* scause, 4.1.8 */
#define SCAUSE_INTERRUPT (UINT64_C(1) << 63)
#define SCAUSE_FETCH_MISALIGNED 0
#define SCAUSE_FETCH_ACCESS 1
#define SCAUSE_ILLEGAL 2
#define SCAUSE_BREAKPOINT 3
#define SCAUSE_LOAD_MISALIGNED 4
#define SCAUSE_LOAD_ACCESS 5
#define SCAUSE_STORE_MISALIGNED 6
#define SCAUSE_STORE_ACCESS 7
#define SCAUSE_FETCH_PAGE 12
#define SCAUSE_LOAD_PAGE 13
#define SCAUSE_STORE_PAGE 15
#define SCAUSE_TIMER (SCAUSE_INTERRUPT | 5)
#define SCAUSE_EXTERNAL (SCAUSE_INTERRUPT | 9)

/* satp, 4.1.11 */
#define SATP_MODE_SV39 (UINT64_C(8) << 60)
#define SATP_MODE_SV48 (UINT64_C(9) << 60)

#endif
