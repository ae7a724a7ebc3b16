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

/* The properties that the walk looks at. */
typedef enum prop_id {
    PROP_OTHER,
    PROP_ADDRESS_CELLS,
    PROP_SIZE_CELLS,
    PROP_COMPATIBLE,
    PROP_DEVICE_TYPE,
    PROP_INTERRUPTS,
    PROP_RANGES,
    PROP_REG,
    PROP_STATUS,
} prop_id_t;

/* What is kept of the node whose properties are being read, one for each depth. */
typedef struct node_props {
    int offset;
    const char *name;
    const void *reg, *compatible, *interrupts;
    int reg_len, compatible_len, interrupts_len;
    bool has_ranges, ranges_empty, disabled, is_memory;
    uint32_t address_cells, size_cells; /* for the children */
    bool mapped;                        /* the children are in the machine's address space */
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

/*
 * Names are looked up once for each distinct offset into the strings block, and remembered: the
 * same few names occur hundreds of times.
 */
#define NAME_SLOTS 64u

static struct {
    uint32_t offset; /* plus one; 0: free */
    prop_id_t id;
} names[NAME_SLOTS];

static prop_id_t prop_id(uint32_t name_offset) {
    static const struct {
        const char *name;
        prop_id_t id;
    } known[] = {
        {"#address-cells", PROP_ADDRESS_CELLS},
        {"#size-cells", PROP_SIZE_CELLS},
        {"compatible", PROP_COMPATIBLE},
        {"device_type", PROP_DEVICE_TYPE},
        {"interrupts", PROP_INTERRUPTS},
        {"ranges", PROP_RANGES},
        {"reg", PROP_REG},
        {"status", PROP_STATUS},
    };
    unsigned slot = name_offset % NAME_SLOTS;
    if (names[slot].offset == name_offset + 1) {
        return names[slot].id;
    }
    prop_id_t id = PROP_OTHER;
    int len;
    const char *name = fdt_get_string(fdt, (int)name_offset, &len);
    for (unsigned i = 0; name != NULL && i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) == 0) {
            id = known[i].id;
        }
    }
    names[slot].offset = name_offset + 1;
    names[slot].id = id;
    return id;
}

static void keep_prop(node_props_t *n, prop_id_t id, const void *p, int len) {
    const char *s;
    switch (id) {
    case PROP_OTHER:
        break;
    case PROP_ADDRESS_CELLS:
        n->address_cells = len == 4 ? be32(p) : UINT32_MAX;
        break;
    case PROP_SIZE_CELLS:
        n->size_cells = len == 4 ? be32(p) : UINT32_MAX;
        break;
    case PROP_COMPATIBLE:
        n->compatible = p;
        n->compatible_len = len;
        break;
    case PROP_DEVICE_TYPE:
        s = string_value(p, len);
        n->is_memory = s != NULL && strcmp(s, "memory") == 0;
        break;
    case PROP_INTERRUPTS:
        n->interrupts = p;
        n->interrupts_len = len;
        break;
    case PROP_RANGES:
        n->has_ranges = true;
        n->ranges_empty = len == 0;
        break;
    case PROP_REG:
        n->reg = p;
        n->reg_len = len;
        break;
    case PROP_STATUS:
        s = string_value(p, len);
        n->disabled = s == NULL || (strcmp(s, "okay") != 0 && strcmp(s, "ok") != 0);
        break;
    }
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

static bool drives(const driver_t *d, const char *compatible) {
    for (const char *const *c = d->compatible; *c != NULL; c++) {
        if (strcmp(*c, compatible) == 0) {
            return true;
        }
    }
    return false;
}

static void remember_device(const node_props_t *n, uint32_t ac, uint32_t sc, const char *name,
                            const driver_t *driver) {
    if (n_found == DT_MAX_DEVICES) {
        LOG(LOG_WARN, core, "more than %u devices; %s is left out", DT_MAX_DEVICES, n->name);
        return;
    }
    dt_device_t d = {.node = n->offset, .path = n->name, .compatible = name};
    const uint8_t *p = n->reg;
    if (p != NULL && !read_reg(&p, p + n->reg_len, ac, sc, &d.reg)) {
        LOG(LOG_WARN, core, "%s: malformed reg; the device is left out", n->name);
        return;
    }
    if (n->interrupts != NULL && n->interrupts_len >= 4) {
        d.irq = be32(n->interrupts);
    }
    found[n_found].device = d;
    found[n_found++].driver = driver;
}

/* The node goes to the driver that knows the first of its names, and to every onlooker. */
static void find_drivers(const node_props_t *n, uint32_t ac, uint32_t sc) {
    const char *name = n->compatible;
    if (n->disabled || name == NULL || string_value(name, n->compatible_len) == NULL) {
        return;
    }
    bool taken = false;
    for (const char *end = name + n->compatible_len; name < end; name += strlen(name) + 1) {
        for (const driver_t *d = __start_ingot_drivers; d < __stop_ingot_drivers; d++) {
            if ((d->onlooker || !taken) && drives(d, name)) {
                remember_device(n, ac, sc, name, d);
                taken |= !d->onlooker;
            }
        }
    }
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

static status_t read_reservations(dt_facts_t *facts) {
    int n = fdt_num_mem_rsv(fdt);
    for (int i = 0; i < n; i++) {
        uint64_t start, len, end;
        if (fdt_get_mem_rsv(fdt, i, &start, &len) != 0 ||
            __builtin_add_overflow(start, len, &end)) {
            return ERR_CORRUPT;
        }
        if (len == 0) {
            continue;
        }
        if (facts->n_reserved == DT_MAX_RESERVED) {
            return ERR_RANGE;
        }
        facts->reserved[facts->n_reserved++] = (prange_t){PADDR(start), len};
    }
    return n < 0 ? ERR_CORRUPT : STATUS_OK;
}

/* All properties of path[depth] are known: take from it what the boot needs. */
static status_t finish_node(node_props_t *path, int depth, dt_facts_t *facts) {
    node_props_t *n = &path[depth];
    if (depth == 0) {
        n->mapped = true;
        return STATUS_OK;
    }
    const node_props_t *parent = &path[depth - 1];
    uint32_t ac = parent->address_cells, sc = parent->size_cells;
    n->mapped = parent->mapped && n->has_ranges && n->ranges_empty;
    if (depth == 1 && n->is_memory) {
        return add_ranges(n, ac, sc, facts->memory, &facts->n_memory, DT_MAX_BANKS);
    }
    if (depth == 2 && strcmp(parent->name, "reserved-memory") == 0) {
        return n->reg == NULL
                   ? STATUS_OK
                   : add_ranges(n, ac, sc, facts->reserved, &facts->n_reserved, DT_MAX_RESERVED);
    }
    if (depth == 1 && strcmp(n->name, "chosen") == 0) {
        read_chosen(n->offset, facts);
    } else if (depth == 1 && strcmp(n->name, "cpus") == 0) {
        facts->timebase_hz = dt_prop_u32(n->offset, "timebase-frequency", 0);
    } else if (depth == 2 && strcmp(parent->name, "cpus") == 0) {
        read_hart(n->offset, facts);
    } else if (parent->mapped && n->compatible != NULL) {
        find_drivers(n, ac, sc);
    }
    return STATUS_OK;
}

/* One pass over the structure block's tags. */
static status_t walk(dt_facts_t *facts, const char **why) {
    static node_props_t path[MAX_DEPTH];
    int depth = -1, offset = 0, next = 0;
    bool open = false; /* path[depth] still takes properties */

    for (;; offset = next) {
        uint32_t tag = fdt_next_tag(fdt, offset, &next);
        if (tag == FDT_PROP) {
            /* fdt_next_tag has checked that the property ends inside the block. */
            const struct fdt_property *p = fdt_offset_ptr(fdt, offset, sizeof *p);
            if (p == NULL || depth < 0) {
                return ERR_CORRUPT;
            }
            if (open && depth < MAX_DEPTH) {
                keep_prop(&path[depth], prop_id(fdt32_to_cpu(p->nameoff)), p->data,
                          (int)fdt32_to_cpu(p->len));
            }
            continue;
        }
        if (tag == FDT_NOP) {
            continue;
        }
        if (open) {
            open = false;
            status_t s = depth < MAX_DEPTH ? finish_node(path, depth, facts) : STATUS_OK;
            if (s != STATUS_OK) {
                return s;
            }
        }
        if (tag == FDT_END) {
            return depth == -1 && next > 0 ? STATUS_OK : ERR_CORRUPT;
        }
        if (tag == FDT_END_NODE) {
            if (--depth < -1) {
                return ERR_CORRUPT;
            }
            continue;
        }
        /* ... and here, that the name is terminated. */
        const char *name = fdt_offset_ptr(fdt, offset + FDT_TAGSIZE, 1);
        if (tag != FDT_BEGIN_NODE || name == NULL) {
            return ERR_CORRUPT;
        }
        *why = name;
        open = true;
        if (++depth < MAX_DEPTH) { /* nothing we know lies deeper */
            path[depth] =
                (node_props_t){.offset = offset, .name = name, .address_cells = 2, .size_cells = 1};
        }
    }
}

status_t dt_read(const void *blob, size_t max_len, dt_facts_t *out, const char **why) {
    fdt = blob;
    n_found = 0;
    memset(names, 0, sizeof names);
    *why = "header";
    /* Version 17 dates from 2007; the walk relies on its layout. */
    if (fdt_check_header(blob) != 0 || fdt_version(blob) < 17 || fdt_totalsize(blob) > max_len) {
        return ERR_CORRUPT;
    }
    dt_facts_t facts = {.blob_len = fdt_totalsize(blob)};
    *why = "memory reservations";
    status_t s = read_reservations(&facts);
    if (s == STATUS_OK) {
        *why = "structure";
        s = walk(&facts, why);
    }
    if (s != STATUS_OK) {
        return s;
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
        LOG(LOG_DEBUG, core, "%s: %s, driver %s: %s", found[i].device.path,
            found[i].device.compatible, found[i].driver->name, status_text(s));
        if (s != STATUS_OK && s != ERR_NOT_FOUND) {
            LOG(LOG_WARN, core, "%s: driver %s: %s", found[i].device.path, found[i].driver->name,
                status_text(s));
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
