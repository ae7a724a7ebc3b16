/* SPDX-License-Identifier: MIT */
/* One walk over the device tree: memory, reservations, /chosen, harts, and devices with drivers. */
#include "kernel/core/dt.h"

#include <libfdt.h>
#include <string.h>

#include "kernel/core/log.h"
#include "kernel/core/registry.h"

#define MAX_DEPTH 8

extern const driver_t __start_ingot_drivers[], __stop_ingot_drivers[];

static const void *fdt;

static struct {
    dt_device_t device;
    const driver_t *driver;
} found[DT_MAX_DEVICES];
static unsigned n_found;

/* The properties of one node that the walk looks at. */
typedef struct node_props {
    const void *reg, *compatible, *interrupts, *ranges;
    int reg_len, compatible_len, interrupts_len;
    bool has_ranges, ranges_empty, disabled, is_memory;
    uint32_t address_cells, size_cells;
} node_props_t;

static uint32_t be32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return fdt32_to_cpu(v);
}

const void *dt_prop(int node, const char *name, int *len) {
    return fdt_getprop(fdt, node, name, len);
}

uint32_t dt_prop_u32(int node, const char *name, uint32_t fallback) {
    int len;
    const void *p = dt_prop(node, name, &len);
    return p != NULL && len == 4 ? be32(p) : fallback;
}

/* A string property that is surely terminated inside the property. */
static const char *string_value(const void *p, int len) {
    return len > 0 && ((const char *)p)[len - 1] == 0 ? p : NULL;
}

int dt_stdout_node(void) {
    int chosen = fdt_path_offset(fdt, "/chosen"), len;
    const void *p = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "stdout-path", &len);
    const char *path = p == NULL ? NULL : string_value(p, len);
    if (path == NULL) {
        return -1;
    }
    const char *end = strchr(path, ':'); /* options such as a baud rate follow */
    return fdt_path_offset_namelen(fdt, path, end != NULL ? (int)(end - path) : (int)strlen(path));
}

static bool read_cells(const uint8_t **p, const uint8_t *end, uint32_t cells, uint64_t *out) {
    if (cells > 2 || (size_t)(end - *p) < cells * 4u) {
        return false;
    }
    uint64_t v = 0;
    for (uint32_t i = 0; i < cells; i++, *p += 4) {
        v = v << 32 | be32(*p);
    }
    *out = v;
    return true;
}

/* The next (address, size) pair of a reg property. */
static bool read_reg(const uint8_t **p, const uint8_t *end, uint32_t ac, uint32_t sc,
                     prange_t *out) {
    uint64_t start, len, last;
    if (!read_cells(p, end, ac, &start) || !read_cells(p, end, sc, &len) ||
        __builtin_add_overflow(start, len, &last)) {
        return false;
    }
    *out = (prange_t){PADDR(start), len};
    return true;
}

static status_t read_props(int node, node_props_t *n) {
    *n = (node_props_t){.address_cells = 2, .size_cells = 1};
    int at;
    fdt_for_each_property_offset(at, fdt, node) {
        const char *name;
        int len;
        const void *p = fdt_getprop_by_offset(fdt, at, &name, &len);
        if (p == NULL) {
            return ERR_CORRUPT;
        }
        switch (name[0]) {
        case 'r':
            if (strcmp(name, "reg") == 0) {
                n->reg = p;
                n->reg_len = len;
            } else if (strcmp(name, "ranges") == 0) {
                n->has_ranges = true;
                n->ranges_empty = len == 0;
            }
            break;
        case 'c':
            if (strcmp(name, "compatible") == 0) {
                n->compatible = p;
                n->compatible_len = len;
            }
            break;
        case 'i':
            if (strcmp(name, "interrupts") == 0) {
                n->interrupts = p;
                n->interrupts_len = len;
            }
            break;
        case 's':
            if (strcmp(name, "status") == 0) {
                const char *s = string_value(p, len);
                n->disabled = s == NULL || (strcmp(s, "okay") != 0 && strcmp(s, "ok") != 0);
            }
            break;
        case 'd':
            if (strcmp(name, "device_type") == 0) {
                const char *s = string_value(p, len);
                n->is_memory = s != NULL && strcmp(s, "memory") == 0;
            }
            break;
        case '#':
            if (len == 4 && strcmp(name, "#address-cells") == 0) {
                n->address_cells = be32(p);
            } else if (len == 4 && strcmp(name, "#size-cells") == 0) {
                n->size_cells = be32(p);
            }
            break;
        default:
            break;
        }
    }
    return at == -FDT_ERR_NOTFOUND ? STATUS_OK : ERR_CORRUPT;
}

static status_t add_ranges(const node_props_t *n, uint32_t ac, uint32_t sc, prange_t *list,
                           unsigned *count, unsigned max) {
    const uint8_t *p = n->reg;
    if (p == NULL) {
        return ERR_CORRUPT;
    }
    for (const uint8_t *end = p + n->reg_len; p < end;) {
        prange_t r;
        if (!read_reg(&p, end, ac, sc, &r)) {
            return ERR_CORRUPT;
        }
        if (r.len == 0) {
            continue;
        }
        if (*count == max) {
            return ERR_RANGE;
        }
        list[(*count)++] = r;
    }
    return STATUS_OK;
}

static const driver_t *match(const node_props_t *n, const char **which) {
    const char *list = n->compatible;
    if (list == NULL || string_value(list, n->compatible_len) == NULL) {
        return NULL;
    }
    const char *end = list + n->compatible_len;
    for (; list < end; list += strlen(list) + 1) {
        for (const driver_t *d = __start_ingot_drivers; d < __stop_ingot_drivers; d++) {
            for (const char *const *c = d->compatible; *c != NULL; c++) {
                if (strcmp(*c, list) == 0) {
                    *which = list;
                    return d;
                }
            }
        }
    }
    return NULL;
}

static void remember_device(int node, const node_props_t *n, uint32_t ac, uint32_t sc,
                            const char *name) {
    const char *which;
    const driver_t *driver = n->disabled ? NULL : match(n, &which);
    if (driver == NULL) {
        return;
    }
    if (n_found == DT_MAX_DEVICES) {
        log_message(LOG_WARN, "dt", "more than %u devices; %s is left out", DT_MAX_DEVICES, name);
        return;
    }
    dt_device_t d = {.node = node, .path = name, .compatible = which};
    const uint8_t *p = n->reg;
    if (p != NULL && !read_reg(&p, p + n->reg_len, ac, sc, &d.reg)) {
        log_message(LOG_WARN, "dt", "%s: malformed reg; the device is left out", name);
        return;
    }
    if (n->interrupts != NULL && n->interrupts_len >= 4) {
        d.irq = be32(n->interrupts);
    }
    found[n_found].device = d;
    found[n_found++].driver = driver;
}

static void read_chosen(int node, dt_facts_t *out) {
    int len;
    const void *p = dt_prop(node, "bootargs", &len);
    out->bootargs = p != NULL ? string_value(p, len) : NULL;
    p = dt_prop(node, "stdout-path", &len);
    out->stdout_path = p != NULL ? string_value(p, len) : NULL;
    p = dt_prop(node, "rng-seed", &len);
    if (p != NULL && len > 0) {
        out->rng_seed = p;
        out->rng_seed_len = (size_t)len;
    }
}

static void read_hart(int node, dt_facts_t *out) {
    int len;
    const char *mmu = dt_prop(node, "mmu-type", &len);
    if (mmu != NULL && string_value(mmu, len) != NULL &&
        (strcmp(mmu, "riscv,sv48") == 0 || strcmp(mmu, "riscv,sv57") == 0)) {
        out->sv48 = true;
    }
}

status_t dt_read(const void *blob, size_t max_len, dt_facts_t *out, const char **why) {
    fdt = blob;
    *why = "header";
    if (fdt_check_header(blob) != 0 || fdt_totalsize(blob) > max_len) {
        return ERR_CORRUPT;
    }
    dt_facts_t facts = {.blob_len = fdt_totalsize(blob)};
    /* Cells of the parents, and whether a parent maps its children one to one. */
    struct {
        uint32_t ac, sc;
        bool mapped;
    } level[MAX_DEPTH] = {{2, 1, true}};
    enum { NOWHERE, RESERVED_MEMORY, CPUS } inside = NOWHERE;

    *why = "memory reservations";
    int n_rsv = fdt_num_mem_rsv(blob);
    for (int i = 0; i < n_rsv; i++) {
        uint64_t start, len, end;
        if (fdt_get_mem_rsv(blob, i, &start, &len) != 0 ||
            __builtin_add_overflow(start, len, &end)) {
            return ERR_CORRUPT;
        }
        if (len != 0) {
            if (facts.n_reserved == DT_MAX_RESERVED) {
                return ERR_RANGE;
            }
            facts.reserved[facts.n_reserved++] = (prange_t){PADDR(start), len};
        }
    }

    n_found = 0;
    int depth = 0, node = 0;
    for (; node >= 0 && depth >= 0; node = fdt_next_node(blob, node, &depth)) {
        const char *name = fdt_get_name(blob, node, NULL);
        *why = name != NULL ? name : "node name";
        node_props_t n;
        if (name == NULL || read_props(node, &n) != STATUS_OK) {
            return ERR_CORRUPT;
        }
        if (depth >= MAX_DEPTH - 1) {
            continue; /* nothing we know lies so deep */
        }
        level[depth + 1].ac = n.address_cells;
        level[depth + 1].sc = n.size_cells;
        level[depth + 1].mapped =
            depth == 0 || (level[depth].mapped && n.has_ranges && n.ranges_empty);
        if (depth == 0) {
            continue;
        }
        uint32_t ac = level[depth].ac, sc = level[depth].sc;
        if (depth == 1) {
            inside = strcmp(name, "reserved-memory") == 0 ? RESERVED_MEMORY
                     : strcmp(name, "cpus") == 0          ? CPUS
                                                          : NOWHERE;
        }
        status_t s = STATUS_OK;
        if (depth == 1 && n.is_memory) {
            s = add_ranges(&n, ac, sc, facts.memory, &facts.n_memory, DT_MAX_BANKS);
        } else if (depth == 2 && inside == RESERVED_MEMORY && n.reg != NULL) {
            s = add_ranges(&n, ac, sc, facts.reserved, &facts.n_reserved, DT_MAX_RESERVED);
        } else if (depth == 1 && strcmp(name, "chosen") == 0) {
            read_chosen(node, &facts);
        } else if (depth == 1 && inside == CPUS) {
            facts.timebase_hz = dt_prop_u32(node, "timebase-frequency", 0);
        } else if (depth == 2 && inside == CPUS) {
            read_hart(node, &facts);
        } else if (level[depth].mapped) {
            remember_device(node, &n, ac, sc, name);
        }
        if (s != STATUS_OK) {
            return s;
        }
    }
    *why = "structure";
    if (node < 0 && node != -FDT_ERR_NOTFOUND) {
        return ERR_CORRUPT;
    }
    *why = "no memory node";
    if (facts.n_memory == 0) {
        return ERR_CORRUPT;
    }
    *why = "timebase-frequency";
    if (facts.timebase_hz == 0) {
        return ERR_CORRUPT;
    }
    *out = facts;
    return STATUS_OK;
}

void dt_probe_devices(void) {
    for (unsigned i = 0; i < n_found; i++) {
        status_t s = found[i].driver->probe(&found[i].device);
        if (s != STATUS_OK && s != ERR_NOT_FOUND) {
            log_message(LOG_WARN, "dt", "%s: driver %s: %s", found[i].device.path,
                        found[i].driver->name, status_text(s));
        }
    }
}

status_t dt_hart_intc(uint64_t hart_id, uint32_t *phandle) {
    int cpus = fdt_path_offset(fdt, "/cpus"), cpu;
    uint32_t cells = cpus < 0 ? 0 : dt_prop_u32(cpus, "#address-cells", 2);
    fdt_for_each_subnode(cpu, fdt, cpus) {
        int len;
        uint64_t id;
        const uint8_t *reg = dt_prop(cpu, "reg", &len);
        if (reg == NULL || !read_cells(&reg, reg + len, cells, &id) || id != hart_id) {
            continue;
        }
        int intc = fdt_subnode_offset(fdt, cpu, "interrupt-controller");
        uint32_t found_phandle = intc < 0 ? 0 : fdt_get_phandle(fdt, intc);
        if (found_phandle == 0) {
            return ERR_CORRUPT;
        }
        *phandle = found_phandle;
        return STATUS_OK;
    }
    return ERR_NOT_FOUND;
}
