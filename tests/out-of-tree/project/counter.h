/* SPDX-License-Identifier: MIT */
#define COUNTER_START 0
