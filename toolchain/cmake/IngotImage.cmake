# SPDX-License-Identifier: MIT
#[[
ingot_add_image(NAME MODULES [name=]file ...
  [MAIN name] [ARGV0 name] [ARGS ...] [ENV NAME=VALUE ...] [INVOKE export] [ALL_EXPORTS]
  [BOOT_ARGS "ingot.key=value ..."] [UNKNOWN_IMPORTS error|trap|default] [ISA default|base]
  [DIR host::guest ...]        directories that the image carries
  [HOST file.c ...]            C with host functions (ingot/host.h)
  [LOG]                        ingot.log works: the kernel's messages, by level and room
  [STRACE]                     ingot.strace works: a line for each call of a host function
  [DEBUG]                      for gdb: modules are compiled with -g, and not optimised
  [TIMER]                      ingot.timeout and ingot.profile work
  [NO_NAMES]                   leave out the names of functions: traps then come without backtrace
  [LARGE_MEMORY]               the main module's memory may grow beyond 2 GiB
  [NO_LINES]                   leave out the source lines that debug information of modules tells
  [RUN function] [OBJECTS file ...])
                               for test images: a C function that runs in place of the main module,
                               and objects to be linked

Casts WebAssembly modules into one image. A file is .wasm, or .wat; without `name=` the module is
named after it. The first module is the one that runs, unless MAIN says otherwise; what a module
imports from another's name is satisfied by that one's exports (docs/linking.md).

A large module is compiled in parts, side by side: as many as its size asks for. For one that the
build makes itself, the property INGOT_PARTS of the file says how many (1).

Targets: NAME builds NAME.elf, NAME.bin (flat, with the RISC-V Linux boot header) and NAME.img
(firmware inside, boots with -bios alone), beside NAME.json, the manifest, and NAME.spdx.json, the SBOM; run-NAME boots it,
debug-NAME boots it and waits for gdb before the first instruction, size-NAME tells its sections.
Everything is done by custom commands, so the project may use any compiler and generator.
#]]

set(INGOT_GDB_PORT 1234 CACHE STRING "Port where debug-NAME waits for gdb")

# _ingot_version(PROGRAM OUT): the number that `PROGRAM --version` begins with, asked once.
function(_ingot_version program out)
  if(NOT DEFINED CACHE{${out}})
    execute_process(COMMAND ${program} --version OUTPUT_VARIABLE text ERROR_QUIET)
    string(REGEX MATCH "[0-9]+(\\.[0-9]+)+" version "${text}")
    set(${out} "${version}" CACHE INTERNAL "Version of ${program}")
  endif()
endfunction()
_ingot_version(${INGOT_CLANG} INGOT_CLANG_VERSION)
_ingot_version(${INGOT_LLD} INGOT_LLD_VERSION)

# A module this large is split into parts that compile in parallel.
set(INGOT_PART_BYTES 120000)
set(INGOT_MAX_PARTS 64)

# How many parts, from the size of the file when it is there at configure time. One that this build
# makes is no reason to configure again, and is as many as its source property INGOT_PARTS says, or
# one: never a matter of whether it was made already.
function(_ingot_parts file out)
  set(parts 1)
  get_source_file_property(generated "${file}" GENERATED)
  get_source_file_property(given "${file}" INGOT_PARTS)
  if(given)
    set(parts ${given})
  elseif(NOT generated AND EXISTS "${file}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(SIZE "${file}" size)
    math(EXPR parts "1 + ${size} / ${INGOT_PART_BYTES}")
  endif()
  if(parts GREATER INGOT_MAX_PARTS)
    set(parts ${INGOT_MAX_PARTS})
  endif()
  set(${out} ${parts} PARENT_SCOPE)
endfunction()

# _ingot_compile(source object isa FLAGS ... DEPENDS ...), or with PREPROCESS in place of an object
# its preprocessed text.
function(_ingot_compile source object isa)
  cmake_parse_arguments(C "PREPROCESS" "" "FLAGS;DEPENDS" ${ARGN})
  set(mode -c)
  if(C_PREPROCESS)
    set(mode -E)
  endif()
  get_filename_component(where ${source} DIRECTORY)
  # Not the whole tree: sources that #line names keep the paths of their debug information.
  set(prefixes)
  foreach(room hal include kernel toolchain)
    list(APPEND prefixes -ffile-prefix-map=${INGOT_ROOT}/${room}/=${room}/)
  endforeach()
  add_custom_command(OUTPUT ${object}
    COMMAND ${INGOT_CLANG} ${INGOT_MODULE_FLAGS} -march=${INGOT_MARCH_${isa}}
      -I${INGOT_ROOT} -I${INGOT_ROOT}/kernel/wasm -I${INGOT_ROOT}/kernel/wasm/include
      -isystem ${INGOT_BUILD}/guest/${isa}/include
      -isystem ${INGOT_PICOLIBC_SRC}/newlib/libc/tinystdio
      -isystem ${INGOT_PICOLIBC_SRC}/newlib/libc/include
      -isystem ${INGOT_SIMDE}
      # What is built must not tell where.
      ${prefixes} -ffile-prefix-map=${where}/= -fdebug-compilation-dir=.
      ${C_FLAGS} -MD -MF ${object}.d ${mode} ${source} -o ${object}
    DEPENDS ${source} ${C_DEPENDS}
    DEPFILE ${object}.d
    COMMENT "Compiling ${object}"
    VERBATIM)
endfunction()

# Appends FLAG=VALUE to a list for COMMAND, so that VALUE arrives as it is: empty, with semicolons,
# or looking like a generator expression.
function(_ingot_append list flag value)
  string(REPLACE "$<" "$<1:$><" value "${value}")
  string(REPLACE ";" "\\;" value "${value}")
  list(APPEND ${list} "${flag}=${value}")
  set(${list} "${${list}}" PARENT_SCOPE)
endfunction()

function(ingot_add_image NAME)
  cmake_parse_arguments(PARSE_ARGV 1 A "ALL_EXPORTS;NO_NAMES;NO_LINES;LARGE_MEMORY;LOG;STRACE;TIMER;DEBUG"
    "MAIN;ARGV0;INVOKE;ISA;UNKNOWN_IMPORTS;BOOT_ARGS;RUN" "MODULES;HOST;ARGS;ENV;DIR;OBJECTS")
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ingot_add_image(${NAME}): unknown arguments: ${A_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT A_MODULES)
    message(FATAL_ERROR "ingot_add_image(${NAME}): MODULES names no module")
  endif()
  if(NOT A_ISA)
    set(A_ISA default)
  endif()
  if(NOT DEFINED INGOT_MARCH_${A_ISA})
    message(FATAL_ERROR "ingot_add_image(${NAME}): ISA is default or base, not ${A_ISA}")
  endif()
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.dir)
  file(MAKE_DIRECTORY ${dir})

  # The command line of the plan.
  set(plan)
  foreach(option MAIN ARGV0 INVOKE UNKNOWN_IMPORTS BOOT_ARGS RUN)
    if(NOT "${A_${option}}" STREQUAL "")
      string(TOLOWER ${option} flag)
      string(REPLACE "_" "-" flag ${flag})
      _ingot_append(plan --${flag} "${A_${option}}")
    endif()
  endforeach()
  foreach(arg IN LISTS A_ARGS)
    _ingot_append(plan --arg "${arg}")
  endforeach()
  foreach(env IN LISTS A_ENV)
    _ingot_append(plan --env "${env}")
  endforeach()
  if(A_ALL_EXPORTS)
    list(APPEND plan --all-exports)
  endif()
  if(A_LARGE_MEMORY)
    list(APPEND plan --large-memory)
  endif()
  if(A_NO_LINES)
    list(APPEND plan --no-lines)
  endif()
  foreach(part LOG STRACE TIMER)
    if(A_${part})
      string(TOLOWER ${part} part)
      list(APPEND plan --with ${part})
    endif()
  endforeach()

  set(names)
  set(files)
  set(specs)
  foreach(spec IN LISTS A_MODULES)
    get_filename_component(whole "${spec}" ABSOLUTE)
    if(spec MATCHES "^([^=]+)=(.*)$" AND NOT EXISTS "${whole}")
      set(name "${CMAKE_MATCH_1}")
      set(file "${CMAKE_MATCH_2}")
    else()
      get_filename_component(name "${spec}" NAME_WLE)
      set(file "${spec}")
    endif()
    if(name IN_LIST names)
      message(FATAL_ERROR "ingot_add_image(${NAME}): two modules are named ${name}")
    endif()
    get_filename_component(file "${file}" ABSOLUTE)
    if(file MATCHES "\\.wat$")
      list(LENGTH names index)
      get_filename_component(stem "${file}" NAME_WLE)
      set(wasm ${dir}/assembled-${index}/${stem}.wasm)
      file(MAKE_DIRECTORY ${dir}/assembled-${index})
      add_custom_command(OUTPUT ${wasm}
        COMMAND ${INGOT_ROOT}/toolchain/wasm2c/wabt.sh ${INGOT_WABT_DIR} wat2wasm --enable-all --debug-names
          ${file} -o ${wasm}
        DEPENDS ${file}
        COMMENT "Assembling ${name}.wat"
        VERBATIM)
      set(file ${wasm})
    endif()
    list(APPEND names "${name}")
    list(APPEND files "${file}")
    list(APPEND specs "${name}=${file}")
  endforeach()

  # Host functions in C: the plan reads their declarations, the image links their objects.
  set(objects ${A_OBJECTS})
  set(hosts)
  set(index 0)
  foreach(source IN LISTS A_HOST)
    get_filename_component(source "${source}" ABSOLUTE)
    set(host ${dir}/host-${index})
    set(flags -I${INGOT_ROOT}/include -Wall -Wextra)
    _ingot_compile(${source} ${host}.i ${A_ISA} PREPROCESS FLAGS ${flags} -DINGOT_HOST_TABLE)
    _ingot_compile(${source} ${host}.o ${A_ISA} FLAGS ${flags})
    list(APPEND plan --host ${host}.i)
    list(APPEND hosts ${host}.i)
    list(APPEND objects ${host}.o)
    math(EXPR index "${index} + 1")
  endforeach()

  # What the image is made with and of, for its manifest: what is pinned, and what the host has.
  file(CONFIGURE OUTPUT ${dir}/host-parts.tsv @ONLY CONTENT
"ingot\t@INGOT_VERSION@\tMIT\tlinked\t-\t-
clang\t@INGOT_CLANG_VERSION@\tApache-2.0 WITH LLVM-exception\ttool\t-\t-
lld\t@INGOT_LLD_VERSION@\tApache-2.0 WITH LLVM-exception\ttool\t-\t-
")
  set(parts ${dir}/host-parts.tsv ${INGOT_ROOT}/toolchain/parts.tsv)
  foreach(table IN LISTS parts)
    list(APPEND plan --parts ${table})
  endforeach()

  # Inspect: the link is decided before anything is translated.
  add_custom_command(OUTPUT ${dir}/plan.stamp
    COMMAND ${INGOT_INSPECT} plan --out ${dir} ${plan} ${specs}
    COMMAND ${CMAKE_COMMAND} -E touch ${dir}/plan.stamp
    DEPENDS ${files} ${hosts} ${parts} ${INGOT_INSPECT}
    COMMENT "Linking the modules of ${NAME}"
    VERBATIM)
  # The plan leaves alone what did not change, and what depends on that alone is not built again. A
  # rule for each file, since make takes the first of several outputs for all of them.
  set(planned ingot-image.c ingot-user.c ingot-pages.bin manifest.json sbom.spdx.json symbols.txt)
  set(index 0)
  foreach(name IN LISTS names)
    list(APPEND planned module-${index}.plan module-${index}.link.h module-${index}.lines)
    math(EXPR index "${index} + 1")
  endforeach()
  foreach(file IN LISTS planned)
    add_custom_command(OUTPUT ${dir}/${file} COMMAND ${CMAKE_COMMAND} -E true
      DEPENDS ${dir}/plan.stamp COMMENT "" VERBATIM)
  endforeach()

  set(debug)
  if(A_DEBUG)
    # Every local has its value everywhere.
    set(debug -g -O0 -DNDEBUG)
  endif()
  set(user)
  set(headers)
  set(declarations)
  set(index 0)
  foreach(name file IN ZIP_LISTS names files)
    _ingot_parts("${file}" parts)
    set(base ${dir}/module-${index})
    set(sources)
    if(parts EQUAL 1)
      set(sources ${base}.c)
      set(outputs ${sources} ${base}.h)
      list(APPEND declarations ${base}.c)
    else()
      math(EXPR last "${parts} - 1")
      foreach(i RANGE ${last})
        list(APPEND sources ${base}_${i}.c)
      endforeach()
      set(outputs ${sources} ${base}.h ${base}-impl.h)
      list(APPEND declarations ${base}-impl.h)
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND ${INGOT_ROOT}/toolchain/wasm2c/translate.sh ${INGOT_WABT_DIR} ${INGOT_MEND}
        ${dir} ${index} ${parts}
      DEPENDS ${file} ${base}.plan ${base}.lines ${INGOT_MEND} ${INGOT_ROOT}/toolchain/wasm2c/translate.sh
      COMMENT "Translating ${name}.wasm"
      VERBATIM)
    list(APPEND headers ${base}.h ${base}.link.h)
    foreach(source IN LISTS sources)
      _ingot_compile(${source} ${source}.o ${A_ISA} FLAGS -w ${debug} -include ${base}.link.h
        DEPENDS ${outputs} ${base}.link.h)
      list(APPEND user ${source}.o)
    endforeach()
    math(EXPR index "${index} + 1")
  endforeach()
  _ingot_compile(${dir}/ingot-image.c ${dir}/ingot-image.o ${A_ISA}
    FLAGS -w ${debug} -foptimize-sibling-calls -I${dir} DEPENDS ${headers} ${dir}/ingot-pages.bin)
  _ingot_compile(${dir}/ingot-user.c ${dir}/ingot-user.o ${A_ISA} FLAGS -w ${debug} -I${dir}
    DEPENDS ${headers})
  list(APPEND user ${dir}/ingot-user.o)

  # Directories that the image carries: one blob, linked in.
  if(A_DIR)
    set(blob ${dir}/baked.blob)
    set(bake)
    foreach(spec IN LISTS A_DIR)
      string(REGEX MATCH "^(.*)::(.*)$" _ "${spec}")
      if(NOT CMAKE_MATCH_0)
        message(FATAL_ERROR "ingot_add_image(${NAME}): DIR is HOST::GUEST, not ${spec}")
      endif()
      get_filename_component(host "${CMAKE_MATCH_1}" ABSOLUTE)
      list(APPEND bake "${host}::${CMAKE_MATCH_2}")
    endforeach()
    add_custom_command(OUTPUT ${blob}
      COMMAND ${INGOT_BAKE} -o ${blob} --depfile ${blob}.d ${bake}
      DEPENDS ${INGOT_BAKE}
      DEPFILE ${blob}.d
      COMMENT "Baking the directories of ${NAME}"
      VERBATIM)
    _ingot_compile(${INGOT_ROOT}/kernel/fs/baked_image.S ${dir}/baked.o ${A_ISA}
      FLAGS "-DINGOT_BAKED_FILE=\"${blob}\"" DEPENDS ${blob})
    list(APPEND objects ${dir}/baked.o)
  endif()

  _ingot_compile(${INGOT_ROOT}/toolchain/pack/manifest.S ${dir}/manifest.o ${A_ISA}
    FLAGS "-DINGOT_MANIFEST_FILE=\"${dir}/manifest.json\"" DEPENDS ${dir}/manifest.json)
  list(APPEND objects ${dir}/manifest.o)

  set(libraries)
  set(kernel ingot)
  if(A_LOG)
    set(kernel ingot-log)
  endif()
  foreach(library ${kernel} fdt pico)
    list(APPEND libraries ${INGOT_BUILD}/guest/${A_ISA}/lib${library}.a)
  endforeach()
  set(elf ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.elf)
  set(bin ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.bin)
  set(img ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.img)
  set(no_names)
  if(A_NO_NAMES)
    set(no_names NO_NAMES)
  endif()
  _ingot_link(${elf} ${A_ISA} ${dir} ${no_names} OBJECTS ${dir}/ingot-image.o ${objects}
    LIBRARIES ${libraries} PLAN ${dir}/symbols.txt SOURCES ${declarations} USER ${user})
  add_custom_command(OUTPUT ${bin} ${img} ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.json
      ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.spdx.json
    COMMAND ${INGOT_PACK} elf2bin ${elf} -o ${bin}
    COMMAND ${INGOT_PACK} image --firmware ${INGOT_FIRMWARE} --offset 0x200000 --kernel ${bin}
      -o ${img}
    COMMAND ${CMAKE_COMMAND} -E copy ${dir}/manifest.json
      ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.json
    COMMAND ${CMAKE_COMMAND} -E copy ${dir}/sbom.spdx.json
      ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.spdx.json
    DEPENDS ${elf} ${dir}/manifest.json ${dir}/sbom.spdx.json ${INGOT_FIRMWARE} ${INGOT_PACK}
    COMMENT "Packing ${NAME}.img"
    VERBATIM)
  add_custom_target(${NAME} ALL DEPENDS ${elf} ${bin} ${img})
  if(TARGET sdk)
    add_dependencies(${NAME} sdk)
  endif()
  if(INGOT_SIZE)
    add_custom_target(size-${NAME}
      COMMAND ${INGOT_SIZE} ${elf}
      DEPENDS ${elf}
      VERBATIM)
  endif()
  if(INGOT_QEMU)
    set(machine ${INGOT_VMRUN} ${INGOT_QEMU} -M virt -m 128M -display none -serial none
      -monitor none -no-reboot -global virtio-mmio.force-legacy=false
      -bios ${INGOT_FIRMWARE} -kernel ${bin})
    add_custom_target(run-${NAME} COMMAND ${machine} USES_TERMINAL VERBATIM)
    add_custom_target(debug-${NAME}
      COMMAND ${CMAKE_COMMAND} -E echo
        "The machine waits for gdb: target remote 127.0.0.1:${INGOT_GDB_PORT}"
      COMMAND ${machine} -S -gdb tcp:127.0.0.1:${INGOT_GDB_PORT}
      USES_TERMINAL VERBATIM)
    add_dependencies(run-${NAME} ${NAME})
    add_dependencies(debug-${NAME} ${NAME})
  endif()
endfunction()
