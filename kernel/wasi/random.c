/* SPDX-License-Identifier: MIT */
#include "kernel/core/random.h"

#include <stdbool.h>

#include "kernel/core/log.h"
#include "kernel/core/registry.h"
#include "kernel/drivers/virtio_rng.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/wasi.h"
#include "kernel/wasm/guest.h"

uint32_t wasi_random_get(wasm_caller_t *c, uint32_t buf, uint32_t len) {
    static bool warned;
    void *out;
    ENTRY_USE(entropy_service);
    if (!guest_span(c, buf, len, &out)) {
        return WASI_ERRNO_FAULT;
    }
    if (random_bytes(out, len) != STATUS_OK) {
        if (!warned) {
            warned = true;
            LOG(LOG_WARN, wasi,
                "random_get: no /chosen/rng-seed and no entropy device, so no random "
                "numbers: answering NOTSUP");
        }
        return WASI_ERRNO_NOTSUP;
    }
    return WASI_ERRNO_SUCCESS;
}
