/* SPDX-License-Identifier: MIT */
/* The reader of host functions' declarations under libFuzzer: what it takes in is well formed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toolchain/inspect/host.h"
#include "toolchain/lib/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    stderr = fopen("/dev/null", "w"); /* its messages; a sanitizer's go to the descriptor */
    return 0;
}

static void check(const host_func_t *f) {
    for (uint32_t i = 0; i < f->module.len; i++) {
        if (f->module.ptr[i] < 0x20 || f->module.ptr[i] > 0x7e) {
            abort();
        }
    }
    for (uint32_t i = 0; i < f->type.n_params; i++) {
        if (f->type.params[i] < VT_F64 || f->type.params[i] > VT_I32) {
            abort();
        }
    }
    if (f->type.n_results > 1 || f->symbol[0] == 0 || strchr("0123456789", f->symbol[0]) != NULL) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host_t host;
    text_t t = {0};
    host_init(&host);
    uint32_t kernel = host.n_funcs;
    text_add(&t, (const char *)data, size);
    host_add_text(&host, "fuzz.i", text_str(&t));
    for (uint32_t i = kernel; i < host.n_funcs; i++) {
        check(&host.funcs[i]);
    }
    host_free(&host);
    text_free(&t);
    return 0;
}
