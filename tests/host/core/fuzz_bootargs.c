/* SPDX-License-Identifier: MIT */
/* Any text: the parser refuses it or gives terminated strings inside it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/bootargs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t total;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    const char *bad, *why;
    memcpy(text, data, size);
    text[size] = 0;
    if (bootargs_parse(text, &bad, &why) == STATUS_OK) {
        for (uint32_t i = 0; i < bootargs.n_args; i++) {
            total += strlen(bootargs.args[i]);
        }
        for (uint32_t i = 0; i < bootargs.n_env; i++) {
            if (strchr(bootargs.env[i], '=') == NULL) {
                abort();
            }
        }
        const char *seed = bootargs_option("seed");
        uint64_t value;
        total += seed != NULL && parse_u64(seed, &value);
    } else if (strlen(bad) > size || strlen(why) == 0) {
        abort();
    }
    free(text);
    return 0;
}
