/* SPDX-License-Identifier: MIT */
/* The parser under libFuzzer; what it accepts must survive expansion as the same module. */
#include <stdlib.h>

#include "toolchain/inspect/expand.h"
#include "toolchain/inspect/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    module_t m;
    parse_error_t error;
    if (module_parse(data, size, &m, &error) != STATUS_OK) {
        if (error.offset > size || error.message[0] == 0) {
            abort();
        }
        return 0;
    }
    text_t t = {0};
    for (uint32_t i = 0; i < m.n_exports; i++) {
        extern_type_text(&t, &m.space[m.exports[i].kind].items[m.exports[i].index]);
    }
    text_free(&t);
    module_t again;
    initial_t initial = initial_lay_out(&m);
    if (module_expand(&m, &initial, data, size, &t) == STATUS_OK) {
        if (module_parse((const uint8_t *)t.data, t.len, &again, &error) != STATUS_OK ||
            again.n_imports != m.n_imports || again.n_exports != m.n_exports ||
            module_needs_expansion(&again, &(initial_t){0})) {
            abort();
        }
        module_free(&again);
    }
    module_free(&m);
    text_free(&t);
    return 0;
}
