# SPDX-License-Identifier: MIT
# Where the parts come from. Every one can be replaced by a path; scripts/setup fetches the defaults.
if(DEFINED ENV{INGOT_CACHE})
  set(cache "$ENV{INGOT_CACHE}")
else()
  set(cache "$ENV{HOME}/.cache/ingot")
endif()
set(INGOT_CACHE "${cache}" CACHE PATH "Where scripts/setup keeps what it fetched")
set(INGOT_OPENSBI_SRC "${INGOT_CACHE}/opensbi-1.6" CACHE PATH "Source of OpenSBI 1.6")
set(INGOT_PICOLIBC_SRC "${INGOT_CACHE}/picolibc-1.8.10" CACHE PATH "Source of picolibc 1.8.10")
set(INGOT_SIMDE "${INGOT_CACHE}/simde-0.8.2/usr/include" CACHE PATH "Headers of simde 0.8.2")
set(INGOT_WABT_DIR "${INGOT_CACHE}/npm/node_modules/wabt" CACHE PATH "npm package wabt 1.0.39")
set(INGOT_LLVM_SUFFIX "-19" CACHE STRING "Suffix of clang and the LLVM tools")

foreach(part "INGOT_OPENSBI_SRC;Makefile" "INGOT_PICOLIBC_SRC;newlib" "INGOT_WABT_DIR;bin/wasm2c"
    "INGOT_SIMDE;simde/wasm/simd128.h")
  list(GET part 0 variable)
  list(GET part 1 file)
  if(NOT EXISTS "${${variable}}/${file}")
    message(FATAL_ERROR "${variable}: nothing at ${${variable}}; run scripts/setup, or give a path "
      "with -D${variable}=")
  endif()
endforeach()

find_program(INGOT_CLANG clang${INGOT_LLVM_SUFFIX} REQUIRED)
find_program(INGOT_LLD ld.lld${INGOT_LLVM_SUFFIX} REQUIRED)
find_program(INGOT_NM llvm-nm${INGOT_LLVM_SUFFIX} REQUIRED)
find_program(INGOT_OBJCOPY llvm-objcopy${INGOT_LLVM_SUFFIX} REQUIRED)
find_program(INGOT_SIZE llvm-size${INGOT_LLVM_SUFFIX} REQUIRED)
find_program(INGOT_QEMU qemu-system-riscv64)
