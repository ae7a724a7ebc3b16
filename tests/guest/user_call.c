/* SPDX-License-Identifier: MIT */
#include "kernel/wasm/unwind.h"
#include "kernel/wasm/user.h"
#include "tests/guest/user.h"

typedef void (*plain_t)(void *);

bool user_call(user_fn_t fn, uint64_t arg, uint64_t *answer, wasm_trap_t *trap) {
    return wasm_call_traced((plain_t)(void (*)(void))fn, (void *)(uintptr_t)arg, answer, trap,
                            NULL);
}

bool user_try_access(user_access_t *access, wasm_trap_t *trap) {
    user_write(&user_access, access, sizeof *access);
    return user_call(user_do_access, 0, &access->value, trap);
}

uint64_t user_last_depth(void) {
    uint64_t depth;
    user_read(&depth, &user_depth, sizeof depth);
    return depth;
}

void user_run_bare(void *arg) {
    user_run_t *run = arg;
    run->answer = wasm_user_run((plain_t)(void (*)(void))run->fn, (void *)(uintptr_t)run->arg);
}
