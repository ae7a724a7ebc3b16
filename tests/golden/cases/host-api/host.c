#include <string.h>

#include <ingot/host.h>

#define FINISHER 0x100000u /* of QEMU's virt machine */
#define RAM 0x80000000u

/* 1 when [address, address + len) is the caller's; the last byte is set then. */
INGOT_HOST("api", "reach", int32_t, api_reach, uint64_t address, uint64_t len) {
    uint8_t *p = ingot_memory(caller, address, len);
    if (p == NULL) {
        return 0;
    }
    if (len > 0) {
        p[len - 1] = 0x5a;
    }
    return 1;
}

/* What was allocated is zero, aligned, and can be given back. */
INGOT_HOST("api", "allocate", int32_t, api_allocate, uint32_t len) {
    static const uint8_t zeroes[64];
    uint8_t *one = ingot_alloc(len), *two = ingot_alloc(len);
    if (one == NULL || two == NULL) {
        ingot_free(one);
        ingot_free(two);
        return -1;
    }
    int32_t good =
        one != two && (uintptr_t)one % 16 == 0 && memcmp(one, zeroes, len < 64 ? len : 64) == 0;
    memset(one, 1, len);
    ingot_free(one);
    ingot_free(two);
    return good;
}

INGOT_DEVICE(finisher, "sifive,test1", "sifive,test0");
INGOT_DEVICE(uart, "ns16550a"); /* the kernel's own driver has it as well */
INGOT_DEVICE(nobody, "nobody,nothing");

/* Bits: a device that is there, one that is not, one that is shorter; a window, RAM, no bytes,
 * bytes. */
INGOT_HOST("api", "windows", int32_t, api_windows) {
    int32_t bits = ingot_device_registers(&finisher, 4) != NULL;
    bits |= (ingot_device_registers(&nobody, 1) == NULL) << 1;
    bits |= (ingot_device_registers(&finisher, UINT64_C(1) << 40) == NULL) << 2;
    uint32_t *window = ingot_map_registers(FINISHER, 4);
    bits |= (window != NULL && ingot_read32(window, 0) == 0) << 3;
    bits |= (ingot_map_registers(RAM + 0x400000, 4096) == NULL) << 4;
    bits |= (ingot_map_registers(FINISHER, 0) == NULL) << 5;
    uint8_t *registers = ingot_device_registers(&uart, 8);
    if (registers != NULL) {
        ingot_write8(registers, 7, 0x5a); /* the scratch register */
        bits |= (ingot_read8(registers, 7) == 0x5a) << 6;
    }
    return bits;
}

INGOT_HOST("api", "floats", double, api_floats, float a, double b, int64_t c) {
    return (double)a + b + (double)c;
}

/* Ends the machine itself: the finisher's code for "fail", with a status. */
INGOT_HOST("api", "finish", void, api_finish, uint32_t status) {
    void *registers = ingot_device_registers(&finisher, 4);
    if (registers != NULL) {
        ingot_write32(registers, 0, status << 16 | 0x3333);
    }
}
