/* SPDX-License-Identifier: MIT */
/*
 * What an image is made with and of, besides its modules: read from tables such as
 * toolchain/parts.tsv, and told in the manifest and the SBOM.
 *
 * A table is text, a part a line, six columns with a tab between; '#' starts a comment:
 *
 *     NAME VERSION LICENCE ROLE CHECKSUM ARCHIVE
 *
 * LICENCE is an SPDX expression. ROLE is linked, simd, firmware or tool. CHECKSUM is sha256:HEX or
 * sha512:HEX, of ARCHIVE as it is fetched; both are '-' for what comes with the host.
 */
#ifndef INGOT_TOOLCHAIN_PARTS_H
#define INGOT_TOOLCHAIN_PARTS_H

#include <stdint.h>

#include "hal/status.h"
#include "toolchain/lib/arena.h"

typedef enum part_role { PART_LINKED, PART_SIMD, PART_FIRMWARE, PART_TOOL } part_role_t;

typedef struct part {
    const char *name, *version, *license;
    part_role_t role;
    const char *algorithm, *checksum, *archive; /* NULL: it came with the host */
} part_t;

typedef struct parts {
    arena_t arena;
    part_t *items;
    uint32_t n;
} parts_t;

/* Adds those of a table; tells what is wrong on stderr with file and line. */
status_t parts_add_table(parts_t *parts, const char *path);
void parts_free(parts_t *parts);

#endif
