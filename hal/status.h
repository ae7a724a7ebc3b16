/* SPDX-License-Identifier: MIT */
/*
 * The one list of errors for hal/, mm/ and kernel/.
 *
 * Policy:
 *  - A function that can fail returns `status_t`; STATUS_OK is 0. Results go through out-params,
 *    which are untouched on failure.
 *  - A failed call changes nothing that the caller can observe.
 *  - After boot no allocation failure panics: it is ERR_NO_MEMORY, and travels up.
 *  - A panic is for a broken invariant of the kernel itself, never for input.
 */
#ifndef INGOT_HAL_STATUS_H
#define INGOT_HAL_STATUS_H

typedef enum status {
    STATUS_OK = 0,
    ERR_NO_MEMORY,   /* frames, heap or promise accounting exhausted */
    ERR_INVALID,     /* an argument that can never be right: misaligned, zero where >0 is needed */
    ERR_RANGE,       /* out of bounds, or the arithmetic overflows */
    ERR_OVERLAP,     /* the range is (partly) taken */
    ERR_NOT_FOUND,   /* nothing there: unmap of a hole, a device that is absent */
    ERR_PERMISSION,  /* W+X asked for, or the rights do not allow it */
    ERR_UNSUPPORTED, /* known, and not implemented here: the message says what */
    ERR_CORRUPT,     /* untrusted input (device tree, image, ring, reply) breaks its own rules */
    ERR_IO,          /* the device says no */
    ERR_BUSY,        /* would block, or in use */
    ERR_TIMEOUT,
} status_t;

/* A short English text, never NULL; for messages and panics. */
const char *status_text(status_t s);

#endif
