# SPDX-License-Identifier: MIT
# What a test of ingot_add_test() does: boots KERNEL, and compares stdout and the exit status.
execute_process(
  COMMAND ${VMRUN} --timeout ${TIMEOUT} ${QEMU} -M virt -m 128M -display none -serial none
    -monitor none -no-reboot -global virtio-mmio.force-legacy=false
    -bios ${FIRMWARE} -kernel ${KERNEL}
  INPUT_FILE /dev/null
  OUTPUT_FILE ${OUTPUT}
  RESULT_VARIABLE status)
if(NOT status STREQUAL EXIT_CODE)
  message(SEND_ERROR "exit status ${status}, expected ${EXIT_CODE}")
endif()
if(GOLDEN)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${GOLDEN} ${OUTPUT}
    RESULT_VARIABLE differs ERROR_QUIET)
  if(differs)
    execute_process(COMMAND diff -a -u ${GOLDEN} ${OUTPUT})
    message(SEND_ERROR "stdout differs from ${GOLDEN}")
  endif()
endif()
