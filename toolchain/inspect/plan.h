/* SPDX-License-Identifier: MIT */
/* What `ingot-inspect plan` was asked for, and the files it writes. See docs/linking.md. */
#ifndef INGOT_TOOLCHAIN_PLAN_H
#define INGOT_TOOLCHAIN_PLAN_H

#include "toolchain/inspect/link.h"
#include "toolchain/inspect/parts.h"

typedef struct plan {
    link_t link;
    const char *const *args; /* args[0] is argv[0] */
    uint32_t n_args;
    const char *const *env; /* NAME=VALUE */
    uint32_t n_env;
    const char *invoke;      /* NULL: _start; kernel/wasm/invoke.h says how it is read */
    const char *boot_args;   /* NULL: none */
    bool all_exports;        /* call thunks for every function export of every module */
    bool large_memory;       /* the main module's memory is not to be kept below 2 GiB */
    const char *run;         /* C function that runs the image */
    bool log, strace, timer; /* services that the image is to have */
    parts_t parts;           /* what the image is made with and of */
} plan_t;

/* The module that --invoke speaks of; *export is what follows in its text. */
uint32_t plan_invoked_module(const plan_t *p, const char **export_);
/* True when calls by name are wanted of this module: then its function exports get thunks. */
bool plan_wants_thunks(const plan_t *p, uint32_t module);

/* True for the one module whose memory the kernel places at address 0. */
bool plan_has_low_memory(const plan_t *p, uint32_t module);

/* What the files of one module are called, by its place on the command line: known to the build
 * before anything has been read. */
#define PLAN_STEM "module-%u"

/* module-N.link.h: force-included when wasm2c's C for the module is compiled. */
void emit_link_header(text_t *t, const plan_t *p, uint32_t module);
/* The names that header defines as macros, undefined again. */
void emit_link_undefs(text_t *t, const plan_t *p, uint32_t module);
/* ingot-image.c, the kernel's: instances, calls, and `wasm_image`. */
void emit_image(text_t *t, const plan_t *p);
/* ingot-user.c, the modules': states, imports, thunks. */
void emit_user(text_t *t, const plan_t *p);
/* The headers that wasm2c wrote for all modules. */
void emit_module_headers(text_t *t, const plan_t *p);
/* The functions that answer the imports of one module; *number is that of the next call. */
void emit_imports(text_t *t, const plan_t *p, uint32_t module, uint32_t *number);
/* What the kernel does for each call, and the table `calls`. */
void emit_calls(text_t *t, const plan_t *p);
/* Whether the module exports such a function, without parameters and results. */
bool plan_has_plain_export(const link_module_t *lm, const char *name);
/* ingot-pages.bin: the pages that memories start with, which ingot-image.c includes. */
void emit_pages(text_t *t, const plan_t *p);
/* Thunks of one module's function exports, and the kernel's sorted table of them, exports_SYMBOL.
 */
void emit_thunks(text_t *t, const plan_t *p, uint32_t module);
void emit_exports(text_t *t, const plan_t *p, uint32_t module, uint32_t *n_exports);
/* manifest.json: modules with hashes, every import with what provides it, and the parts. */
void emit_manifest(text_t *t, const plan_t *p);
/* sbom.spdx.json: modules and parts as a software bill of materials. */
void emit_sbom(text_t *t, const plan_t *p);
/* False for a part that the image has no use for. */
bool plan_uses_part(const plan_t *p, const part_t *part);
/* How one module is to be translated: its line of plan.txt, and all of module-N.plan, which does
 * not change when other modules do. */
void emit_translation(text_t *t, const plan_t *p, uint32_t module);
/* plan.txt: those lines in the order the modules were given. */
void emit_plan_text(text_t *t, const plan_t *p);
/* symbols.txt: the names of functions, for ingot-symbols. */
void emit_symbols(text_t *t, const plan_t *p);

/* ---- shared by the writers ---- */

/* True for the first import of its name: wasm2c makes one symbol of all of them. */
bool first_of_name(const module_t *m, uint32_t import);
/* uint32_t, wasm_rt_funcref_t, ... */
const char *c_valtype(valtype_t type);
/* void, a value type, or struct wasm_multi_... */
void c_result(text_t *t, const functype_t *type);
/* ", uint32_t a0, float a1" */
void c_params(text_t *t, const functype_t *type);
/* ", a0, a1" */
void c_args(text_t *t, const functype_t *type);
/* Defines struct wasm_multi_... for several results, as wasm2c does; nothing otherwise. */
void c_multi_struct(text_t *t, const functype_t *type);
/* The symbol of an export of a module of the plan: w2c_SYMBOL_EXPORT. */
void export_symbol(text_t *t, const link_module_t *lm, name_t export_name);
/* The name a module's import is renamed to: ingot_SYMBOL_w2c_NAMESPACE_FIELD. */
void import_symbol(text_t *t, const link_module_t *lm, const import_t *import);
/* The wasm2c type behind an accessor: "wasm_rt_memory_t", "uint32_t", ... */
const char *c_extern_type(const extern_type_t *type);

#endif
