# SPDX-License-Identifier: MIT
# Compiler flags for code that runs in the image, in one place: the kernel's libraries and the
# translated modules must agree on the ABI, the code model and the target.

# ISA variants: the default for QEMU's virt machine, and what every board has.
set(INGOT_MARCH_default rv64gc_zba_zbb_zbs)
set(INGOT_MARCH_base rv64gc)

set(INGOT_TARGET_FLAGS
  --target=riscv64-unknown-elf -mabi=lp64d -mcmodel=medany -fno-pic
  -nostdlib -ffunction-sections -fdata-sections
  # Backtraces do without frame pointers: ingot-symbols makes a table of this debug information
  # (call frames, inlined calls), which costs no instruction. The unwind tables themselves are
  # dropped; asking for them makes functions that never return keep their return address.
  -gdwarf-4 -gline-tables-only -fomit-frame-pointer -funwind-tables -fforce-dwarf-frame
  -fstack-protector-strong)

# Translated C: wasm semantics forbid contraction and what depends on errno or the default rounding
# mode being visible; frames must stay apart, so that recursion ends at the guard. Without
# -mno-strict-align every access would go byte by byte.
set(INGOT_MODULE_FLAGS
  ${INGOT_TARGET_FLAGS} -std=gnu17 -O2
  -mno-strict-align -ffp-contract=off -fno-math-errno -fno-optimize-sibling-calls
  -frounding-math -fno-strict-aliasing
  # A memory may lie at address 0.
  -fno-delete-null-pointer-checks)
