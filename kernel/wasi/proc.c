/* SPDX-License-Identifier: MIT */
#include "kernel/core/exit.h"
#include "kernel/core/stream.h"
#include "kernel/wasi/abi.h"
#include "kernel/wasi/wasi.h"

void wasi_proc_exit(wasm_caller_t *c, uint32_t code) {
    (void)c;
    if (code >= EXIT_CODE_START) {
        static const char text[] = "Error: exit with invalid exit status outside of [0..126)\n";
        stream_stderr->write(stream_stderr, text, sizeof text - 1);
        machine_exit(1);
    }
    machine_exit((int)code);
}

/* Signal numbers of the witx, by what happens when nobody handles them. */
enum {
    SIGNAL_CHLD = 16,
    SIGNAL_CONT,
    SIGNAL_STOP,
    SIGNAL_TTOU = 21,
    SIGNAL_URG,
    SIGNAL_WINCH = 27
};

uint32_t wasi_proc_raise(wasm_caller_t *c, uint32_t signal) {
    (void)c;
    if (signal >= WASI_SIGNAL_COUNT) {
        return WASI_ERRNO_INVAL;
    }
    if (signal == 0 || signal == SIGNAL_CHLD || signal == SIGNAL_CONT || signal == SIGNAL_URG ||
        signal == SIGNAL_WINCH) {
        return WASI_ERRNO_SUCCESS;
    }
    if (signal >= SIGNAL_STOP && signal <= SIGNAL_TTOU) {
        return WASI_ERRNO_NOTSUP; /* nobody could continue a stopped module */
    }
    static const char text[] = "Error: the module ended itself with a signal\n";
    stream_stderr->write(stream_stderr, text, sizeof text - 1);
    machine_exit(EXIT_CODE_TRAP);
}
