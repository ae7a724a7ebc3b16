/* SPDX-License-Identifier: MIT */
/* The firmware's side of hal/firmware.h. Every extension is probed before it is used. */
#include "hal/riscv64/sbi.h"

#include "hal/boot.h"
#include "hal/cpu.h"
#include "hal/firmware.h"

sbi_ret_t sbi_call(uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2) {
    register uint64_t r0 __asm__("a0") = a0;
    register uint64_t r1 __asm__("a1") = a1;
    register uint64_t r2 __asm__("a2") = a2;
    register uint64_t r6 __asm__("a6") = function;
    register uint64_t r7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(r0), "+r"(r1) : "r"(r2), "r"(r6), "r"(r7) : "memory");
    return (sbi_ret_t){(int64_t)r0, (int64_t)r1};
}

bool sbi_probe(uint64_t extension) {
    sbi_ret_t r = sbi_call(SBI_EXT_BASE, 3, extension, 0, 0);
    return r.error == 0 && r.value != 0;
}

void sbi_set_timer(uint64_t ticks) {
    sbi_call(SBI_EXT_TIME, 0, ticks, 0, 0);
}

static bool has_dbcn(void) {
    static enum { UNKNOWN, NO, YES } state;
    if (state == UNKNOWN) {
        state = sbi_probe(SBI_EXT_DBCN) ? YES : NO;
    }
    return state == YES;
}

/* DBCN takes physical memory; only the image and the direct map are contiguous there. */
static bool is_contiguous(const void *p) {
    return (uintptr_t)p >= HAL_DIRECT_MAP_BASE;
}

status_t hal_console_write(const void *buf, size_t len, size_t *done) {
    if (len == 0) {
        *done = 0;
        return STATUS_OK;
    }
    if (has_dbcn() && is_contiguous(buf)) {
        sbi_ret_t r = sbi_call(SBI_EXT_DBCN, 0, len, hal_virt_to_phys(buf).raw, 0);
        if (r.error != 0 || (uint64_t)r.value > len) {
            return ERR_IO;
        }
        *done = (size_t)r.value;
        return STATUS_OK;
    }
    const unsigned char *bytes = buf;
    for (size_t i = 0; i < len; i++) {
        if (has_dbcn()) {
            sbi_call(SBI_EXT_DBCN, 2, bytes[i], 0, 0);
        } else {
            sbi_call(SBI_EXT_LEGACY_PUTCHAR, 0, bytes[i], 0, 0);
        }
    }
    *done = len;
    return STATUS_OK;
}

status_t hal_console_read(void *buf, size_t len, size_t *got) {
    unsigned char *bytes = buf;
    if (len == 0) {
        *got = 0;
        return STATUS_OK;
    }
    if (has_dbcn()) {
        /* One byte at a time through a bounce byte: the caller's buffer may be anywhere. */
        static unsigned char bounce;
        sbi_ret_t r = sbi_call(SBI_EXT_DBCN, 1, 1, hal_virt_to_phys(&bounce).raw, 0);
        if (r.error != 0) {
            return ERR_IO;
        }
        if (r.value < 1) {
            return ERR_BUSY;
        }
        bytes[0] = bounce;
    } else {
        sbi_ret_t r = sbi_call(SBI_EXT_LEGACY_GETCHAR, 0, 0, 0, 0);
        if (r.error < 0) {
            return ERR_BUSY;
        }
        bytes[0] = (unsigned char)r.error;
    }
    *got = 1;
    return STATUS_OK;
}

bool hal_can_power_off(void) {
    return sbi_probe(SBI_EXT_SRST);
}

void hal_power_off(bool failure) {
    if (hal_can_power_off()) {
        sbi_call(SBI_EXT_SRST, 0, 0 /* shutdown */, failure ? 1 : 0, 0);
    }
    sbi_call(SBI_EXT_LEGACY_SHUTDOWN, 0, 0, 0, 0);
}

bool hal_firmware_has_hsm(void) {
    return sbi_probe(SBI_EXT_HSM);
}

/* Source: "Semihosting for AArch32 and AArch64", SYS_EXIT_EXTENDED (0x20), as RISC-V adopts it:
 * the three instructions must lie uncompressed in one page. */
_Noreturn void hal_semihosting_exit(int code) {
    const uint64_t block[2] = {0x20026 /* ADP_Stopped_ApplicationExit */, (uint64_t)code};
    register uint64_t r0 __asm__("a0") = 0x20;
    register const uint64_t *r1 __asm__("a1") = block;
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n"
                     "slli zero, zero, 0x1f\n"
                     "ebreak\n"
                     "srai zero, zero, 7\n"
                     ".option pop\n" ::"r"(r0),
                     "r"(r1)
                     : "memory");
    hal_halt();
}
