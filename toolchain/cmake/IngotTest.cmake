# SPDX-License-Identifier: MIT
#[[
ingot_add_test(NAME [GOLDEN file] [EXIT_CODE n] [TIMEOUT seconds])

A test that boots the image NAME and compares what it writes to stdout with the file, byte for byte,
and its exit status with n (default: 0; docs/cli.md lists them). The machine is ended after the given
seconds (default: 60). Without a QEMU the test is disabled.
#]]
set(INGOT_RUN_TEST ${CMAKE_CURRENT_LIST_DIR}/run-test.cmake)

function(ingot_add_test NAME)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "GOLDEN;EXIT_CODE;TIMEOUT" "")
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ingot_add_test(${NAME}): unknown arguments: ${A_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TARGET ${NAME})
    message(FATAL_ERROR "ingot_add_test(${NAME}): ingot_add_image() made no image of this name")
  endif()
  if("${A_EXIT_CODE}" STREQUAL "")
    set(A_EXIT_CODE 0)
  endif()
  if("${A_TIMEOUT}" STREQUAL "")
    set(A_TIMEOUT 60)
  endif()
  foreach(number EXIT_CODE TIMEOUT)
    if(NOT A_${number} MATCHES "^[0-9]+$")
      message(FATAL_ERROR "ingot_add_test(${NAME}): ${number} is a number, not ${A_${number}}")
    endif()
  endforeach()
  set(golden)
  if(NOT "${A_GOLDEN}" STREQUAL "")
    get_filename_component(golden "${A_GOLDEN}" ABSOLUTE)
  endif()
  add_test(NAME ${NAME}
    COMMAND ${CMAKE_COMMAND} -DVMRUN=${INGOT_VMRUN} -DQEMU=${INGOT_QEMU}
      -DFIRMWARE=${INGOT_FIRMWARE} -DKERNEL=${CMAKE_CURRENT_BINARY_DIR}/${NAME}.bin
      -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${NAME}.dir/stdout -DGOLDEN=${golden}
      -DEXIT_CODE=${A_EXIT_CODE} -DTIMEOUT=${A_TIMEOUT} -P ${INGOT_RUN_TEST})
  # vmrun ends the machine; this is for vmrun itself.
  math(EXPR limit "${A_TIMEOUT} + 30")
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${limit})
  if(NOT INGOT_QEMU)
    set_tests_properties(${NAME} PROPERTIES DISABLED TRUE)
  endif()
endfunction()
