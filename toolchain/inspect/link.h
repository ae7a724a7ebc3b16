/* SPDX-License-Identifier: MIT */
/*
 * The link plan: what satisfies each import of each module of an image.
 *
 * An import names a module and a field. It is looked up, in this order, among the image's other
 * modules (by the names they were given, or by what this module was told that a name means), and
 * the host functions; two providers are an error. The
 * type must match as the core specification says (section 4.5.3). A re-exported import is followed
 * to the instance that defines it, so a call through several modules is still one C call.
 */
#ifndef INGOT_TOOLCHAIN_LINK_H
#define INGOT_TOOLCHAIN_LINK_H

#include "toolchain/inspect/host.h"
#include "toolchain/inspect/initial.h"
#include "toolchain/inspect/sources.h"

typedef enum unknown_imports {
    UNKNOWN_ERROR,
    UNKNOWN_TRAP,    /* calling one traps */
    UNKNOWN_DEFAULT, /* calling one answers zeros */
} unknown_imports_t;

typedef enum binding_kind {
    BIND_NONE,
    BIND_MODULE,
    BIND_HOST,
    BIND_UNKNOWN, /* see unknown_imports_t */
} binding_kind_t;

typedef struct binding {
    binding_kind_t kind;
    uint32_t module;         /* BIND_MODULE: index in link_t.modules of the definer */
    const export_t *export_; /* BIND_MODULE: of the definer */
    const host_func_t *host; /* BIND_HOST */
} binding_t;

typedef struct link_module {
    const char *name; /* as given */
    const char *path;
    char *input;      /* NULL, or the file that wasm2c is to read instead (expand.h, mark.h) */
    bool has_sources; /* its debug information is read, and `sources` to be freed */
    sources_t sources;
    char *symbol; /* for `wasm2c -n`, file names and C: letters, digits, single underscores */
    uint8_t *bytes;
    size_t size;
    char sha256[65];
    module_t m;
    initial_t initial;   /* what its memories start with */
    uint32_t first_page; /* of that, in ingot-pages.bin */
    binding_t *bindings; /* one per import */
    bool used;           /* something is imported from it */
} link_module_t;

/* In `module`, the import namespace `name` means the module named `provider`, and no other. */
typedef struct rename {
    name_t module, name, provider;
} rename_t;

typedef struct link {
    link_module_t *modules;
    uint32_t n_modules;
    uint32_t main;
    uint32_t *order; /* instantiation order: indices into modules */
    const rename_t *renames;
    uint32_t n_renames;
    host_t host;
    unknown_imports_t unknown;
    bool called_by_name; /* a module that none imports from may be wanted all the same */
} link_t;

/* Reads and parses one module into the plan. Errors are on stderr. */
status_t link_add_module(link_t *l, const char *name, const char *path);

/* Resolves every import and finds the order. All errors are told on stderr, not only the first. */
status_t link_resolve(link_t *l);

/* Whether the module can be cast at all; tells each reason on stderr. */
status_t link_check_features(const link_module_t *lm);

/* The module and memory index that `lm`'s export "memory" is in the end; false when none. */
bool link_exported_memory(const link_t *l, uint32_t module, uint32_t *definer,
                          const export_t **export_);

void link_free(link_t *l);

#endif
