/* SPDX-License-Identifier: MIT */
#include "kernel/core/exit.h"

#include <string.h>

#include "hal/cpu.h"
#include "hal/firmware.h"
#include "kernel/core/bootargs.h"
#include "kernel/core/finisher.h"
#include "kernel/core/log.h"
#include "kernel/core/stream.h"

stream_t *stream_stdin, *stream_stdout, *stream_stderr;

/* The test finisher carries a code out of the machine; the firmware knows only "failed". */
_Noreturn void machine_stop(int code) {
    const char *way = bootargs_option("exit");
    if (way != NULL && strcmp(way, "semihosting") == 0) {
        hal_semihosting_exit(code);
    }
    finisher_exit(code);
    if (!hal_can_power_off()) {
        LOG(LOG_WARN, core, "exit status %d; nothing is known to power this machine off", code);
    }
    hal_power_off(code != 0);
    hal_halt();
}

static void (*at_exit[MACHINE_AT_EXIT])(void);
static unsigned n_at_exit;

void machine_at_exit(void (*fn)(void)) {
    if (n_at_exit < MACHINE_AT_EXIT) {
        at_exit[n_at_exit++] = fn;
    }
}

_Noreturn void machine_exit(int code) {
    LOG(LOG_INFO, core, "exit with %d", code);
    while (n_at_exit > 0) {
        at_exit[--n_at_exit]();
    }
    stream_t *const streams[] = {stream_stdout, stream_stderr};
    for (unsigned i = 0; i < 2; i++) {
        if (streams[i] != NULL && streams[i]->flush != NULL) {
            streams[i]->flush(streams[i]);
        }
    }
    machine_stop(code);
}
