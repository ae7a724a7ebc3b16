/* SPDX-License-Identifier: MIT */
/*
 * Lua without setjmp and without chance, in both forms: an error is the end of the bench, so
 * scripts neither raise one nor yield; strings hash the same each time.
 */
#define LUAI_THROW(L, c) abort()
#define LUAI_TRY(L, c, a)                                                                          \
    { a }
#define luai_jmpbuf int
#define luai_makeseed(L) 20230815u
