/* SPDX-License-Identifier: MIT */
/*
 * ingot.log: which messages of which room are told, in images made with LOG.
 *
 *     LEVEL | ROOM=LEVEL, separated by commas
 *
 * LEVEL is off, error, warn, info, debug or trace, and holds for the rooms that are not named. Of
 * two for the same room the later one counts. Without ingot.log every room tells its warnings.
 */
#ifndef INGOT_KERNEL_CORE_LOG_LEVELS_H
#define INGOT_KERNEL_CORE_LOG_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/core/log.h"
#include "kernel/core/registry.h"

/* False, with what is wrong in why[why_size], when the text does not follow the grammar; levels[]
 * is untouched then. Pure: also compiled for the host tests. */
bool log_levels_parse(const char *text, uint8_t levels[LOG_ROOM_COUNT], char *why, size_t why_size);

/* Boot: sets the levels by the boot arguments. What is wrong with them is told by the service, once
 * there is a stderr. */
void log_levels_choose(void);
extern const service_t log_service;

#endif
