/* SPDX-License-Identifier: MIT */
/* Where user functions that the kernel runs return to, and what the stack protector needs. */
#include "kernel/user/user.h"

/* Random; the kernel sets it, by the other name: its own canary has this one. */
uint64_t __stack_chk_guard;
extern uint64_t user_stack_guard __attribute__((alias("__stack_chk_guard")));

_Noreturn USER_CALLER void __stack_chk_fail(void) {
    USER_CALL(USER_CALL_STACK_SMASHED);
}

USER_CALLER void user_back(void) {
    USER_CALL(USER_CALL_RETURN);
}
