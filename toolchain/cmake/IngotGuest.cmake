# SPDX-License-Identifier: MIT
# The guest libraries, one build for each ISA variant, and the firmware.
include(ExternalProject)

function(ingot_guest isa)
  set(dir ${CMAKE_BINARY_DIR}/guest/${isa})
  ExternalProject_Add(guest-${isa}
    SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/kernel
    BINARY_DIR ${dir}
    PREFIX ${dir}-stamps
    CMAKE_ARGS
      -DCMAKE_TOOLCHAIN_FILE=${CMAKE_CURRENT_SOURCE_DIR}/toolchain/cmake/riscv64-ingot.cmake
      -DCMAKE_BUILD_TYPE=Release -DINGOT_ISA=${isa} -DINGOT_LLVM_SUFFIX=${INGOT_LLVM_SUFFIX}
      -DINGOT_PICOLIBC_SRC=${INGOT_PICOLIBC_SRC} -DINGOT_OPENSBI_SRC=${INGOT_OPENSBI_SRC}
    INSTALL_COMMAND ""
    BUILD_ALWAYS ON
    BUILD_BYPRODUCTS ${dir}/libuser.a ${dir}/libingot.a ${dir}/libingot-log.a ${dir}/libpico.a ${dir}/libfdt.a)
endfunction()

ingot_guest(default)
ingot_guest(base)

# OpenSBI, silent, jumping to the kernel right behind it, the device tree left where it is: so that
# small machines work and nothing but the app writes to the console.
set(INGOT_FIRMWARE ${CMAKE_BINARY_DIR}/firmware/platform/generic/firmware/fw_jump.bin)
file(GLOB_RECURSE opensbi_sources ${INGOT_OPENSBI_SRC}/lib/*.c ${INGOT_OPENSBI_SRC}/firmware/*.S)
# Its makefile knows no suffix of the tools' names: each is given by itself.
find_program(INGOT_AR llvm-ar${INGOT_LLVM_SUFFIX} REQUIRED)
add_custom_command(OUTPUT ${INGOT_FIRMWARE}
  COMMAND sh -c "log=$1 && shift && \"$@\" > \"$log\" 2>&1 || { tail -n 5 \"$log\"; exit 1; }" sh
    ${CMAKE_BINARY_DIR}/firmware.log
    make -s -C ${INGOT_OPENSBI_SRC} O=${CMAKE_BINARY_DIR}/firmware PLATFORM=generic
    LLVM=1 CC=${INGOT_CLANG} LD=${INGOT_LLD} AR=${INGOT_AR} OBJCOPY=${INGOT_OBJCOPY}
    FW_JUMP=y FW_DYNAMIC=n FW_PAYLOAD=n FW_JUMP_OFFSET=0x200000 FW_JUMP_FDT_OFFSET= FW_OPTIONS=0x1
    -j2
  DEPENDS ${opensbi_sources}
  COMMENT "Building OpenSBI"
  VERBATIM)
add_custom_target(firmware DEPENDS ${INGOT_FIRMWARE})

# All that casting a module needs.
add_custom_target(sdk DEPENDS guest-default guest-base firmware)
add_dependencies(sdk ingot-inspect ingot-mend ingot-symbols ingot-pack ingot-bake vmrun)
