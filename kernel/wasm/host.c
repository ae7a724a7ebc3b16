/* SPDX-License-Identifier: MIT */
/* What include/ingot/host.h offers to a user's host functions. */
#include "include/ingot/host.h"

#include "hal/cpu.h"
#include "kernel/core/device.h"
#include "kernel/core/vmap.h"
#include "kernel/drivers/mmio.h"
#include "kernel/wasm/guest.h"
#include "kernel/wasm/unwind.h"
#include "mm/heap.h"

void *ingot_memory(ingot_caller_t *caller, uint64_t address, uint64_t len) {
    void *p;
    return guest_span(caller, address, len, &p) ? p : NULL;
}

_Noreturn void ingot_trap(ingot_caller_t *caller, const char *message) {
    (void)caller; /* the report names the module */
    wasm_trap_t trap = {.kind = WASM_RT_TRAP_HOST, .message = message};
    wasm_raise(&trap);
}

void *ingot_alloc(size_t len) {
    return heap_zalloc(len);
}

void ingot_free(void *memory) {
    heap_free(memory);
}

status_t ingot_device_probe(ingot_device_t *device, const dt_device_t *node) {
    if (device->found.len == 0) {
        device->found = node->reg;
    }
    return STATUS_OK;
}

void *ingot_device_registers(ingot_device_t *device, uint64_t len) {
    if (device->found.len < len) {
        return NULL;
    }
    if (device->registers == NULL) {
        void *window;
        if (device_map(device->found, device->driver->name, &window) != STATUS_OK) {
            return NULL;
        }
        device->registers = window;
    }
    return device->registers;
}

void *ingot_map_registers(uint64_t physical, uint64_t len) {
    void *window;
    return device_map((prange_t){PADDR(physical), len}, "host window", &window) == STATUS_OK
               ? window
               : NULL;
}

uint8_t ingot_read8(void *registers, size_t offset) {
    return mmio_read8(registers, offset);
}

uint32_t ingot_read32(void *registers, size_t offset) {
    return mmio_read32(registers, offset);
}

void ingot_write8(void *registers, size_t offset, uint8_t value) {
    mmio_write8(registers, offset, value);
}

void ingot_write32(void *registers, size_t offset, uint32_t value) {
    mmio_write32(registers, offset, value);
}
