/* SPDX-License-Identifier: MIT */
/* How mm/ tells what it does, in kernels made with INGOT_LOG. Others do not compile it. */
#ifndef INGOT_MM_LOG_H
#define INGOT_MM_LOG_H

typedef enum mm_log_level {
    MM_LOG_DEBUG, /* what changes regions */
    MM_LOG_TRACE, /* what happens often: faults */
} mm_log_level_t;

/* Provided by the kernel. Not to be called with a lock of mm/ held. */
void mm_log(mm_log_level_t level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef INGOT_LOG
#define MM_LOG(...) mm_log(__VA_ARGS__)
#else
#define MM_LOG(...)                                                                                \
    do {                                                                                           \
        if (0) {                                                                                   \
            mm_log(__VA_ARGS__);                                                                   \
        }                                                                                          \
    } while (0)
#endif

#endif
