/* SPDX-License-Identifier: MIT */
/*
 * The exit contract between guest and host (`ingot run`).
 *   0..125  proc_exit(n), or 0 when _start returns
 *   126     nothing was run: bad flag, bad module, build failed, image refused at start
 *   133     kernel panic (128 + SIGTRAP)
 *   134     wasm trap (128 + SIGABRT), as wasmtime
 *   142     time-out (128 + SIGALRM)
 * proc_exit(n) with n > 125 prints an error and exits 1, as wasmtime does.
 */
#ifndef INGOT_KERNEL_CORE_EXIT_H
#define INGOT_KERNEL_CORE_EXIT_H

enum {
    EXIT_CODE_START = 126,
    EXIT_CODE_PANIC = 133,
    EXIT_CODE_TRAP = 134,
    EXIT_CODE_TIMEOUT = 142,
};

/* What machine_exit() does first, last registered first; at most MACHINE_AT_EXIT of them. */
#define MACHINE_AT_EXIT 2u
void machine_at_exit(void (*fn)(void));

/* Flushes the streams and ends the machine with `code`. */
_Noreturn void machine_exit(int code);

/* Ends the machine at once, trusting nothing: for panics. */
_Noreturn void machine_stop(int code);

#endif
