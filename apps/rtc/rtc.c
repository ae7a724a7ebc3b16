/* SPDX-License-Identifier: MIT */
/*
 * The host side of the example: gives modules the clock of QEMU's virt machine as "rtc" "now".
 * Source: Android goldfish virtual hardware specification, "Goldfish timer".
 */
#include <string.h>

#include <ingot/host.h>

enum { REG_TIME_LOW = 0x00, REG_TIME_HIGH = 0x04, REGS_LEN = 0x08 };

INGOT_DEVICE(rtc, "google,goldfish-rtc");

/* Writes the nanoseconds since 1970 to `to`, as an i64. 0, or -1 when the machine has no such
 * clock; an address outside the caller's memory traps. */
INGOT_HOST("rtc", "now", int32_t, rtc_now, uint32_t to) {
    void *out = ingot_memory(caller, to, sizeof(uint64_t));
    if (out == NULL) {
        ingot_trap(caller, "rtc.now: the address is outside of the memory");
    }
    void *registers = ingot_device_registers(&rtc, REGS_LEN);
    if (registers == NULL) {
        return -1;
    }
    /* Reading the low half latches the high one. */
    uint64_t low = ingot_read32(registers, REG_TIME_LOW);
    uint64_t now = (uint64_t)ingot_read32(registers, REG_TIME_HIGH) << 32 | low;
    memcpy(out, &now, sizeof now);
    return 0;
}
