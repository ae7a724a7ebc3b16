/* SPDX-License-Identifier: MIT */
/* Calls into the supervisor binary interface. Source: RISC-V SBI specification 2.0. */
#ifndef INGOT_HAL_RISCV64_SBI_H
#define INGOT_HAL_RISCV64_SBI_H

#include <stdbool.h>
#include <stdint.h>

typedef struct sbi_ret {
    int64_t error;
    int64_t value;
} sbi_ret_t;

#define SBI_EXT_LEGACY_PUTCHAR 0x01
#define SBI_EXT_LEGACY_GETCHAR 0x02
#define SBI_EXT_LEGACY_SHUTDOWN 0x08
#define SBI_EXT_BASE 0x10
#define SBI_EXT_TIME 0x54494d45
#define SBI_EXT_HSM 0x48534d
#define SBI_EXT_SRST 0x53525354
#define SBI_EXT_DBCN 0x4442434e

sbi_ret_t sbi_call(uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2);
bool sbi_probe(uint64_t extension);
void sbi_set_timer(uint64_t ticks);

#endif
