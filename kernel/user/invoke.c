/* SPDX-License-Identifier: MIT */
#include "kernel/user/user.h"

user_invocation_t user_invocation;

void user_invoke(void *unused) {
    (void)unused;
    user_invocation.call(user_invocation.state, user_invocation.params, user_invocation.results);
}
