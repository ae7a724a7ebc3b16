/* SPDX-License-Identifier: MIT */
/* Empty registry sections: the broker finds no drivers here. */
#include "kernel/drivers/virtio.h"

VIRTIO_DRIVER(test_no_driver) = {.name = "none", .id = 0xffffffff, .probe = NULL};
