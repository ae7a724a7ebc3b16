/* SPDX-License-Identifier: MIT */
/* The manifest in the ELF file, where nothing is loaded from: ingot-pack passes it on. */
    .section .ingot.manifest, "", @progbits
    .incbin INGOT_MANIFEST_FILE
