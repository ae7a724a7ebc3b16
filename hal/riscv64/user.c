/* SPDX-License-Identifier: MIT */
/* The C side of user.S: the hart's block, and access to user pages. */
#include "hal/user.h"

#include "hal/cpu.h"
#include "hal/riscv64/csr.h"
#include "hal/riscv64/layout.h"
#include "hal/riscv64/trapframe.h"

void hal_user_set_calls(const hal_user_function_t *functions, uint64_t count) {
    *hart_word(HB_CALLS) = (uintptr_t)functions;
    *hart_word(HB_COUNT) = count;
}

void hal_user_save(hal_user_state_t *out) {
    for (unsigned i = 0; i < 5; i++) {
        out->words[i] = hart_word(HB_KERNEL_SP)[i];
    }
}

void hal_user_restore(const hal_user_state_t *state) {
    for (unsigned i = 0; i < 5; i++) {
        hart_word(HB_KERNEL_SP)[i] = state->words[i];
    }
}

bool hal_user_frame(hal_frame_t *out) {
    *out = (hal_frame_t){.pc = *hart_word(HB_PC),
                         .sp = *hart_word(HB_SP),
                         .fp = *hart_word(HB_FP),
                         .link = *hart_word(HB_RA)};
    return out->pc != 0;
}

bool hal_user_access(bool on) {
    bool was = (csr_read(sstatus) & SSTATUS_SUM) != 0;
    if (on) {
        csr_set(sstatus, SSTATUS_SUM);
    } else {
        csr_clear(sstatus, SSTATUS_SUM);
    }
    return was;
}
