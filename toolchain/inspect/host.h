/* SPDX-License-Identifier: MIT */
/*
 * Functions that the image's own C code offers to modules: the kernel's (kernel/wasi/functions.def,
 * compiled in) and a user's host functions (include/ingot/host.h).
 */
#ifndef INGOT_TOOLCHAIN_HOST_H
#define INGOT_TOOLCHAIN_HOST_H

#include "toolchain/inspect/types.h"

typedef struct host_func {
    name_t module, field;
    const char *symbol;
    functype_t type;
    bool user; /* not the kernel's own */
} host_func_t;

typedef struct host {
    arena_t arena;
    host_func_t *funcs;
    uint32_t n_funcs;
} host_t;

/* Words of arguments on the stack when a function of this type is called with one pointer more, in
 * front; a call into the kernel carries at most USER_CALL_STACK_WORDS (kernel/user/call.h). */
uint32_t host_stack_words(const functype_t *type);

/* The kernel's functions. */
void host_init(host_t *host);
/* Adds one; what it points to stays the caller's, or is in the arena. */
void host_add(host_t *host, const host_func_t *f);
/* Adds those that a C file declares, from its preprocessed text (clang -E -DINGOT_HOST_TABLE);
 * tells every error on stderr with file and line. */
status_t host_add_source(host_t *host, const char *path);
/* The same from memory; `path` is for what stands before the first line marker. */
status_t host_add_text(host_t *host, const char *path, const char *text);
void host_free(host_t *host);

const host_func_t *host_find(const host_t *host, name_t module, name_t field);
bool host_has_namespace(const host_t *host, name_t module);

#endif
