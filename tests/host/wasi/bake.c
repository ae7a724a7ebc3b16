/* SPDX-License-Identifier: MIT */
/* ingot-bake as a function, for the tests. */
#define main ingot_bake
#include "toolchain/bake/ingot-bake.c"
