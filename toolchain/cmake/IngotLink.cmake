# SPDX-License-Identifier: MIT
# Linking an image, twice where it carries a table of its functions for backtraces: the table is made
# of the first link, and the second puts it behind everything whose addresses it holds.

# _ingot_link(ELF ISA DIR [NO_NAMES] OBJECTS ... LIBRARIES ... [PLAN symbols.txt SOURCES ...] USER ...)
# DIR is for files in between; SOURCES: for each module of the plan, the C that declares its functions;
# USER: the objects that run at user level.
function(_ingot_link elf isa dir)
  cmake_parse_arguments(PARSE_ARGV 3 L "NO_NAMES" "PLAN" "OBJECTS;LIBRARIES;SOURCES;USER")
  get_filename_component(name ${elf} NAME)
  set(user ${dir}/user.o)
  set(user_libraries ${INGOT_BUILD}/guest/${isa}/libuser.a ${INGOT_BUILD}/guest/${isa}/libpico.a)
  add_custom_command(OUTPUT ${user}
    COMMAND ${INGOT_ROOT}/toolchain/link/user.sh ${INGOT_LLD} ${INGOT_NM} ${INGOT_OBJCOPY} ${user}
      ${L_USER} --start-group ${user_libraries} --end-group
    DEPENDS ${L_USER} ${user_libraries} ${INGOT_ROOT}/toolchain/link/user.sh
    COMMENT "Linking user level of ${name}"
    VERBATIM)
  list(APPEND L_OBJECTS ${user})
  set(script ${INGOT_ROOT}/hal/riscv64/kernel.ld)
  set(link ${INGOT_LLD} --gc-sections -T ${script})
  set(inputs ${L_OBJECTS} --start-group ${L_LIBRARIES} --end-group)
  set(depends ${L_OBJECTS} ${L_LIBRARIES} ${script})
  if(L_NO_NAMES)
    add_custom_command(OUTPUT ${elf}
      COMMAND ${link} -o ${elf} ${inputs}
      DEPENDS ${depends}
      COMMENT "Linking ${name}"
      VERBATIM)
    return()
  endif()
  set(table ${dir}/symtab)
  set(plan)
  if(L_PLAN)
    set(plan --plan ${L_PLAN})
    foreach(source IN LISTS L_SOURCES)
      list(APPEND plan --source ${source})
    endforeach()
  endif()
  add_custom_command(OUTPUT ${elf}
    COMMAND ${link} -o ${table}.elf ${inputs}
    COMMAND ${INGOT_SYMBOLS} --elf ${table}.elf ${plan} -o ${table}.bin
    COMMAND ${INGOT_CLANG} ${INGOT_TARGET_FLAGS} -march=${INGOT_MARCH_${isa}}
      "-DINGOT_SYMTAB_FILE=\"${table}.bin\"" -c ${INGOT_ROOT}/kernel/debug/symtab_image.S
      -o ${table}.o
    COMMAND ${link} -o ${elf} ${inputs} ${table}.o
    COMMAND ${INGOT_SYMBOLS} --check ${elf} ${plan} --table ${table}.bin
    COMMAND ${CMAKE_COMMAND} -E rm ${table}.elf
    DEPENDS ${depends} ${L_PLAN} ${L_SOURCES} ${INGOT_SYMBOLS}
      ${INGOT_ROOT}/kernel/debug/symtab_image.S
    COMMENT "Linking ${name}"
    VERBATIM)
endfunction()
