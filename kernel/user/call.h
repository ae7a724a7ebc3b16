/* SPDX-License-Identifier: MIT */
/*
 * The calls that code at user level makes of the kernel (hal/user.h): what translated code and its
 * runtime in kernel/user/ need. Those of an image's imports follow, numbered by its glue.
 *
 * A call is a function of a few instructions: the number in t0, `ecall`, and what the C calling
 * convention has, but for arguments on the stack (toolchain/inspect/calls.c). The kernel trusts
 * neither numbers, handles nor pointers.
 */
#ifndef INGOT_KERNEL_USER_CALL_H
#define INGOT_KERNEL_USER_CALL_H

#define USER_CALL_RETURN 0 /* hal_user_run ends */
#define USER_CALL_TRAP 1
#define USER_CALL_TRAP_INDIRECT 2
#define USER_CALL_TRAP_RANGE 3
#define USER_CALL_TRAP_SEGMENT 4
#define USER_CALL_STACK_SMASHED 5
#define USER_CALL_MEMORY_NEW 6
#define USER_CALL_MEMORY_GROW 7
#define USER_CALL_TABLE_NEW 8
#define USER_CALL_TABLE_GROW 9
#define USER_CALLS 10 /* the first of an image's imports */

#define USER_CALL_TEXT(number) USER_CALL_TEXT_(number)
#define USER_CALL_TEXT_(number) #number

/* The body of a function that makes a call. */
#define USER_CALL(number) __asm__("li t0, " USER_CALL_TEXT(number) "\n\tecall\n\tret")
#define USER_CALLER __attribute__((naked, noinline))

/* Arguments that C has on the stack travel in t2 to t6. */
#define USER_CALL_STACK_WORDS 5u

#define USER_MAX_VALUES 64u /* of a call by name: parameters, and results */

#include <stdint.h>

/* Fresh pages for the module: where they are, and what the kernel knows them by. */
typedef struct user_pages {
    void *data;
    uint64_t handle;
} user_pages_t;

#endif
