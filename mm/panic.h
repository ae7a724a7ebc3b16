/* SPDX-License-Identifier: MIT */
/* How mm/ reports a broken invariant of the kernel itself; never used for input. */
#ifndef INGOT_MM_PANIC_H
#define INGOT_MM_PANIC_H

/* Provided by the kernel; by the test in host tests. `what` says what was expected. */
_Noreturn void mm_panic(const char *file, int line, const char *what);

#define MM_ASSERT(condition, what)                                                                 \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            mm_panic(__FILE_NAME__, __LINE__, what);                                               \
        }                                                                                          \
    } while (0)

#endif
