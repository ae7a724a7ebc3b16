/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/user.h"

#include <string.h>

#include "hal/user.h"
#include "kernel/core/log.h"
#include "kernel/wasm/module.h"

static uint64_t stack_top;

void user_read(void *to, const void *user, size_t len) {
    bool was = hal_user_access(true);
    memcpy(to, user, len);
    hal_user_access(was);
}

void user_write(void *user, const void *from, size_t len) {
    bool was = hal_user_access(true);
    memcpy(user, from, len);
    hal_user_access(was);
}

void wasm_user_init(uint64_t top, uint64_t canary) {
    stack_top = top;
    hal_user_set_calls(wasm_image.user.calls, wasm_image.user.n_calls);
    if (wasm_image.user.stack_guard != NULL) {
        user_write(wasm_image.user.stack_guard, &canary, sizeof canary);
    }
}

uint64_t wasm_user_run(void (*fn)(void *), void *arg) {
    hal_frame_t caller;
    uint64_t sp = hal_user_frame(&caller) ? align_down(caller.sp, 16) : stack_top;
    return hal_user_run((uintptr_t)fn, (uintptr_t)arg, sp, (uintptr_t)wasm_image.user.back);
}

_Noreturn void call_unknown(void) {
    panic("the module made a call that there is not");
}

_Noreturn void call_stack_smashed(void) {
    hal_frame_t caller = {0};
    hal_user_frame(&caller);
    panic("stack smashed: the canary of the module's function at %016lx is damaged", caller.link);
}
