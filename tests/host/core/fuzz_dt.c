/* SPDX-License-Identifier: MIT */
/* Any blob of bytes as a device tree: an answer, and no access outside of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/core/dt.h"
#include "tests/host/core/dt_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t base[16384];
    dt_facts_t facts;
    const char *why;
    if (size < 40) {
        return 0; /* the header is read before its length is known; the kernel maps 2 MiB */
    }
    void *copy = malloc(size);
    memcpy(copy, data, size);
    fixture_reset();
    if (dt_read(copy, size, &facts, &why) == STATUS_OK) {
        dt_probe_devices();
        dt_stdout_node();
    }
    free(copy);

    /* The same bytes as patches (offset, value) to a good tree reach deeper. */
    make_tree(base, sizeof base, &(tree_spec_t){0});
    for (size_t i = 0; i + 2 < size && i < 96; i += 3) {
        base[(data[i] << 8 | data[i + 1]) % 2048] = data[i + 2];
    }
    fixture_reset();
    if (dt_read(base, sizeof base, &facts, &why) == STATUS_OK) {
        dt_probe_devices();
        dt_stdout_node();
    }
    return 0;
}
