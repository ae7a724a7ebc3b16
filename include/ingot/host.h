/* SPDX-License-Identifier: MIT */
/*
 * Host functions: C that is linked into an image and that its modules import. This is how a module
 * gets a sensor, a window of device registers, or anything else that WASI does not have.
 *
 *     #include <ingot/host.h>
 *
 *     INGOT_HOST("sensor", "read", int32_t, sensor_read, uint32_t channel, uint32_t to) {
 *         uint8_t *out = ingot_memory(caller, to, 4);
 *         if (out == NULL) {
 *             return -1;
 *         }
 *         ...
 *     }
 *
 * A module imports it as (import "sensor" "read" (func (param i32 i32) (result i32))). Given to
 * `ingot build --host FILE.c`, or after HOST in ingot_add_image(). The build reads the declarations
 * and checks every import against them, so that a wrong type is an error that names both.
 *
 * Host functions are part of the kernel: they run on its own stack, of which there are 32 KiB, with
 * the kernel's rights, one at a time. They have at most twelve integer and eight float arguments.
 * What a module hands over is untrusted: numbers are to be checked, and memory is reached through
 * ingot_memory() alone. A function that fails answers so in a way of its own, or traps. What nobody
 * imports is not in the image.
 */
#ifndef INGOT_HOST_H
#define INGOT_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/core/registry.h"

/* The module that calls. */
typedef struct wasm_caller ingot_caller_t;

/*
 * Declares and defines the function `function`, which modules import as `field` of `name_space`:
 * two string literals of printable ASCII. Types are int32_t or uint32_t (i32), int64_t or uint64_t
 * (i64), float (f32) and double (f64); the result may be void. The body sees `caller` as well.
 */
#ifdef INGOT_HOST_TABLE /* the build reads the declarations from what the preprocessor leaves */
#define INGOT_HOST(name_space, field, result, function, ...)                                       \
    __ingot_host(name_space, field, result, function __VA_OPT__(, ) __VA_ARGS__)
#else
#define INGOT_HOST(name_space, field, result, function, ...)                                       \
    result function(ingot_caller_t *caller __VA_OPT__(, ) __VA_ARGS__);                            \
    result function(__attribute__((unused)) ingot_caller_t *caller __VA_OPT__(, ) __VA_ARGS__)
#endif

/*
 * The bytes [address, address + len) of the memory that the caller exports as "memory", or NULL
 * when they are not all inside of it as it is now, or it has none. The pointer stays good: memories
 * neither move nor shrink. It need not be aligned: use memcpy.
 */
void *ingot_memory(ingot_caller_t *caller, uint64_t address, uint64_t len);

/* Ends the call as a wasm trap that tells `message`, one line. What the function holds is not given
 * back; the machine ends with the status of a trap. */
_Noreturn void ingot_trap(ingot_caller_t *caller, const char *message);

/* Zeroed memory of the kernel's heap, aligned for any type; NULL when there is none. */
void *ingot_alloc(size_t len);
/* NULL is fine. */
void ingot_free(void *memory);

/*
 * A device that the machine's device tree describes: the first node, in tree order, that is not
 * disabled and compatible with one of the names. A driver of the kernel's own for the same node is
 * not in the way.
 *
 *     INGOT_DEVICE(rtc, "google,goldfish-rtc");
 *     ... ingot_device_registers(&rtc, 8) ...
 */
typedef struct ingot_device {
    const driver_t *driver;
    prange_t found; /* len 0: the machine has none, or its node has no `reg` */
    void *registers;
} ingot_device_t;

#define INGOT_DEVICE(ident, ...)                                                                   \
    static ingot_device_t ident;                                                                   \
    static status_t ident##_probe(const dt_device_t *node) {                                       \
        return ingot_device_probe(&ident, node);                                                   \
    }                                                                                              \
    static const char *const ident##_compatible[] = {__VA_ARGS__, NULL};                           \
    static DRIVER(ident##_driver) = {.name = #ident,                                               \
                                     .compatible = ident##_compatible,                             \
                                     .probe = ident##_probe,                                       \
                                     .onlooker = true};                                            \
    static ingot_device_t ident = {.driver = &ident##_driver}

status_t ingot_device_probe(ingot_device_t *device, const dt_device_t *node);

/*
 * The device's registers, mapped as such at the first call: the byte at the start of the node's
 * first `reg` entry. NULL when the machine has no such device, when its registers are fewer than
 * `len` bytes, or when they cannot be mapped.
 */
void *ingot_device_registers(ingot_device_t *device, uint64_t len);

/*
 * A window onto physical memory that no device tree tells of, mapped until power-off like the
 * registers of a device. NULL when it is empty, wraps, or overlaps RAM that the kernel manages.
 */
void *ingot_map_registers(uint64_t physical, uint64_t len);

/* One register, at an offset in bytes, by an access of just this width, in program order. */
uint8_t ingot_read8(void *registers, size_t offset);
uint32_t ingot_read32(void *registers, size_t offset);
void ingot_write8(void *registers, size_t offset, uint8_t value);
void ingot_write32(void *registers, size_t offset, uint32_t value);

#endif
