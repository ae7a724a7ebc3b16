# SPDX-License-Identifier: MIT
# IngotConfig.cmake for this build tree, and `cmake --install`: a prefix that holds all that casting a
# module needs but the compiler, cmake, node and QEMU, and that may be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Ingot)
set(data ${CMAKE_INSTALL_DATADIR}/ingot)
set(library ${CMAKE_INSTALL_LIBDIR}/ingot)
set(paths INGOT_ROOT INGOT_BUILD INGOT_TOOLS INGOT_WABT_DIR INGOT_PICOLIBC_SRC INGOT_SIMDE
  INGOT_FIRMWARE)

write_basic_package_version_file(${CMAKE_BINARY_DIR}/IngotConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

# The build tree's own.
set(INGOT_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
set(INGOT_BUILD ${CMAKE_CURRENT_BINARY_DIR})
set(INGOT_TOOLS ${CMAKE_CURRENT_BINARY_DIR}/toolchain)
configure_package_config_file(toolchain/cmake/IngotConfig.cmake.in
  ${CMAKE_BINARY_DIR}/IngotConfig.cmake
  INSTALL_DESTINATION ${CMAKE_BINARY_DIR} INSTALL_PREFIX ${CMAKE_BINARY_DIR} PATH_VARS ${paths}
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)

# The installed one, in a scope of its own.
function(ingot_install)
  set(INGOT_ROOT ${data})
  set(INGOT_BUILD ${library})
  # Below ${library} all is where a build tree has it.
  set(INGOT_TOOLS ${library}/toolchain)
  set(firmware firmware/platform/generic/firmware)
  set(INGOT_FIRMWARE ${library}/${firmware}/fw_jump.bin)
  foreach(part wabt picolibc simde)
    set(${part} ${data}/third-party/${part})
  endforeach()
  install(DIRECTORY ${INGOT_WABT_DIR}/ DESTINATION ${wabt})
  install(DIRECTORY ${INGOT_SIMDE}/simde DESTINATION ${simde})
  foreach(headers libc/include libc/tinystdio)
    install(DIRECTORY ${INGOT_PICOLIBC_SRC}/newlib/${headers}/
      DESTINATION ${picolibc}/newlib/${headers} FILES_MATCHING PATTERN "*.h")
  endforeach()
  install(FILES ${INGOT_PICOLIBC_SRC}/COPYING.picolibc DESTINATION ${picolibc})
  install(FILES ${INGOT_OPENSBI_SRC}/COPYING.BSD DESTINATION ${data}/third-party/opensbi)
  install(FILES LICENSE DESTINATION ${data})
  set(INGOT_WABT_DIR ${wabt})
  set(INGOT_PICOLIBC_SRC ${picolibc})
  set(INGOT_SIMDE ${simde})
  configure_package_config_file(toolchain/cmake/IngotConfig.cmake.in
    ${CMAKE_BINARY_DIR}/install/IngotConfig.cmake
    INSTALL_DESTINATION ${package} PATH_VARS ${paths} NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  install(FILES ${CMAKE_BINARY_DIR}/install/IngotConfig.cmake
    ${CMAKE_BINARY_DIR}/IngotConfigVersion.cmake DESTINATION ${package})

  foreach(tool ingot-inspect ingot-mend ingot-symbols ingot-bake ingot-pack vmrun)
    install(TARGETS ${tool} DESTINATION ${INGOT_TOOLS})
  endforeach()
  install(FILES ${CMAKE_BINARY_DIR}/${firmware}/fw_jump.bin DESTINATION ${library}/${firmware})
  foreach(isa default base)
    set(guest ${CMAKE_BINARY_DIR}/guest/${isa})
    install(FILES ${guest}/libuser.a ${guest}/libingot.a ${guest}/libingot-log.a ${guest}/libpico.a ${guest}/libfdt.a
      DESTINATION ${library}/guest/${isa})
    install(FILES ${guest}/include/picolibc.h DESTINATION ${library}/guest/${isa}/include)
  endforeach()
  # What the glue, translated code and host functions are compiled with, and the scripts.
  install(DIRECTORY hal mm kernel include DESTINATION ${data} FILES_MATCHING PATTERN "*.h")
  install(FILES hal/riscv64/kernel.ld DESTINATION ${data}/hal/riscv64)
  install(FILES kernel/fs/baked_image.S DESTINATION ${data}/kernel/fs)
  install(FILES kernel/debug/symtab_image.S DESTINATION ${data}/kernel/debug)
  install(DIRECTORY toolchain/cmake DESTINATION ${data}/toolchain FILES_MATCHING
    PATTERN "IngotFlags.cmake" PATTERN "IngotImage.cmake" PATTERN "IngotLink.cmake" PATTERN "IngotTest.cmake"
    PATTERN "run-test.cmake")
  install(PROGRAMS toolchain/wasm2c/translate.sh toolchain/wasm2c/wabt.sh
    DESTINATION ${data}/toolchain/wasm2c)
  install(PROGRAMS toolchain/link/user.sh DESTINATION ${data}/toolchain/link)
  install(FILES toolchain/parts.tsv DESTINATION ${data}/toolchain)
  install(FILES toolchain/pack/manifest.S DESTINATION ${data}/toolchain/pack)
  install(FILES toolchain/wasm2c/wabt.js DESTINATION ${data}/toolchain/wasm2c)
  ingot_install_command()
endfunction()

# The `ingot` command: the same scripts, and where from there the rest is. What tests is left out.
function(ingot_install_command)
  file(RELATIVE_PATH from_data /${data} /${library})
  file(RELATIVE_PATH from_library /${library} /${package})
  file(RELATIVE_PATH from_bin /${CMAKE_INSTALL_BINDIR} /${data}/scripts/ingot)
  set(made ${CMAKE_BINARY_DIR}/install)
  file(CONFIGURE OUTPUT ${made}/installed @ONLY CONTENT [[
# Read by scripts/ingot: the version, and where the parts are.
installed=@PROJECT_VERSION@
build=$(cd "$root/@from_data@" && pwd)
wabt=$root/third-party/wabt
]])
  file(CONFIGURE OUTPUT ${made}/library/IngotConfig.cmake @ONLY CONTENT
    [[include("${CMAKE_CURRENT_LIST_DIR}/@from_library@/IngotConfig.cmake")
]])
  # Cast images are made anew after another installation.
  install(CODE "file(WRITE \"${made}/library/sdk.stamp\" \"\")")
  install(FILES ${made}/library/IngotConfig.cmake ${made}/library/sdk.stamp DESTINATION ${library})
  install(FILES ${made}/installed DESTINATION ${data})
  install(PROGRAMS scripts/ingot DESTINATION ${data}/scripts)
  install(DIRECTORY scripts/lib scripts/help scripts/gdb DESTINATION ${data}/scripts
    PATTERN "test.sh" EXCLUDE PATTERN "bench.sh" EXCLUDE)
  install(FILES scripts/completion.bash RENAME ingot
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(CODE "
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    file(CREATE_LINK ${from_bin}
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/ingot\" SYMBOLIC)")
endfunction()
ingot_install()
