# SPDX-License-Identifier: MIT
# Cross toolchain file: bare riscv64 with clang and lld. INGOT_ISA is `default` or `base`.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
include(${CMAKE_CURRENT_LIST_DIR}/IngotFlags.cmake)

set(INGOT_LLVM_SUFFIX "-19" CACHE STRING "Suffix of clang and the LLVM tools")
set(INGOT_ISA default CACHE STRING "ISA variant: default or base")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES INGOT_LLVM_SUFFIX INGOT_ISA)

set(CMAKE_C_COMPILER clang${INGOT_LLVM_SUFFIX})
set(CMAKE_ASM_COMPILER clang${INGOT_LLVM_SUFFIX})
set(CMAKE_AR llvm-ar${INGOT_LLVM_SUFFIX})
set(CMAKE_RANLIB llvm-ranlib${INGOT_LLVM_SUFFIX})
set(CMAKE_C_COMPILER_TARGET riscv64-unknown-elf)
set(CMAKE_ASM_COMPILER_TARGET riscv64-unknown-elf)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_FLAGS_RELEASE_INIT "-O2")
