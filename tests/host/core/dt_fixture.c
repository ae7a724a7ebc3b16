/* SPDX-License-Identifier: MIT */
#include "tests/host/core/dt_fixture.h"

#include <libfdt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/log.h"
#include "kernel/core/registry.h"

dt_device_t probed[8];
unsigned probed_count;

void fixture_reset(void) {
    probed_count = 0;
}

static status_t probe(const dt_device_t *dev) {
    if (probed_count < 8) {
        probed[probed_count++] = *dev;
    }
    return STATUS_OK;
}

static const char *const uart_names[] = {"ns16550a", NULL};

DRIVER(fixture_driver) = {.name = "fixture", .compatible = uart_names, .probe = probe};

void log_message(log_level_t level, const char *room, const char *format, ...) {
    (void)level;
    (void)room;
    (void)format;
}

static void must(int result) {
    if (result < 0) {
        abort();
    }
}

static void put_reg(void *fdt, uint64_t start, uint64_t len) {
    fdt64_t cells[2] = {cpu_to_fdt64(start), cpu_to_fdt64(len)};
    must(fdt_property(fdt, "reg", cells, sizeof cells));
}

static void put_uart(void *fdt, const char *name, const char *status) {
    must(fdt_begin_node(fdt, name));
    must(fdt_property(fdt, "compatible", "vendor,uart\0ns16550a", 21));
    put_reg(fdt, 0x10000000, 0x100);
    must(fdt_property_u32(fdt, "interrupts", 10));
    must(fdt_property_u32(fdt, "clock-frequency", 3686400));
    must(fdt_property_string(fdt, "status", status));
    must(fdt_end_node(fdt));
}

void make_tree(uint8_t *fdt, size_t size, const tree_spec_t *spec) {
    uint8_t seed[32] = {1, 2, 3};
    must(fdt_create(fdt, (int)size));
    must(fdt_add_reservemap_entry(fdt, 0x81000000, 0x1000));
    must(fdt_finish_reservemap(fdt));
    must(fdt_begin_node(fdt, ""));
    must(fdt_property_u32(fdt, "#address-cells", 2));
    must(fdt_property_u32(fdt, "#size-cells", 2));

    must(fdt_begin_node(fdt, "chosen"));
    must(fdt_property_string(fdt, "bootargs", "ingot.log=info"));
    must(fdt_property_string(fdt, "stdout-path", "serial0:115200n8"));
    must(fdt_property(fdt, "rng-seed", seed, sizeof seed));
    must(fdt_end_node(fdt));
    must(fdt_begin_node(fdt, "aliases"));
    must(fdt_property_string(fdt, "serial0", "/soc/serial@10000000"));
    must(fdt_end_node(fdt));

    if (!spec->no_memory) {
        must(fdt_begin_node(fdt, "memory@80000000"));
        must(fdt_property_string(fdt, "device_type", "memory"));
        if (spec->memory_short) {
            must(fdt_property(fdt, "reg", seed, 12));
        } else {
            put_reg(fdt, 0x80000000, spec->memory_wraps ? UINT64_MAX : 0x8000000);
        }
        must(fdt_end_node(fdt));
    }
    must(fdt_begin_node(fdt, "reserved-memory"));
    must(fdt_property_u32(fdt, "#address-cells", 2));
    must(fdt_property_u32(fdt, "#size-cells", 2));
    must(fdt_property(fdt, "ranges", NULL, 0));
    must(fdt_begin_node(fdt, "firmware@80000000"));
    put_reg(fdt, 0x80000000, 0x80000);
    must(fdt_end_node(fdt));
    must(fdt_end_node(fdt));

    must(fdt_begin_node(fdt, "cpus"));
    must(fdt_property_u32(fdt, "#address-cells", 1));
    must(fdt_property_u32(fdt, "#size-cells", 0));
    if (!spec->no_timebase) {
        must(fdt_property_u32(fdt, "timebase-frequency", 10000000));
    }
    must(fdt_begin_node(fdt, "cpu@0"));
    must(fdt_property_string(fdt, "mmu-type", "riscv,sv48"));
    must(fdt_end_node(fdt));
    must(fdt_end_node(fdt));

    must(fdt_begin_node(fdt, "soc"));
    must(fdt_property_u32(fdt, "#address-cells", 2));
    must(fdt_property_u32(fdt, "#size-cells", 2));
    must(fdt_property(fdt, "ranges", NULL, 0));
    put_uart(fdt, "serial@10000000", "okay");
    put_uart(fdt, "serial@10001000", "disabled");
    must(fdt_end_node(fdt));
    /* A bus without ranges: its children are not memory-mapped. */
    must(fdt_begin_node(fdt, "i2c"));
    must(fdt_property_u32(fdt, "#address-cells", 2));
    must(fdt_property_u32(fdt, "#size-cells", 2));
    put_uart(fdt, "serial@50", "okay");
    must(fdt_end_node(fdt));

    must(fdt_end_node(fdt));
    must(fdt_finish(fdt));
}
