/* SPDX-License-Identifier: MIT */
/* mm/frame.c under other names, so that sim.c can stand in front of it and fail on purpose. */
#define frame_alloc real_frame_alloc
#define frame_alloc_zeroed real_frame_alloc_zeroed
#define frame_alloc_run real_frame_alloc_run
#define frame_promise real_frame_promise
#define frame_free real_frame_free
#define frame_free_run real_frame_free_run

#include "mm/frame.c"
