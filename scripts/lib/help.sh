# SPDX-License-Identifier: MIT
# shellcheck shell=bash
ingot_help() {
  case ${1:-} in
    "")
      cat <<'TEXT'
usage: ingot COMMAND ...

  run MODULE [ARG...]   cast a module (.wasm, .wat) and boot it, or boot an image (.img, .elf, .bin)
  build MODULE          cast a module and leave app.elf, app.bin and app.img
  inspect MODULE        what a module imports, exports and needs
  test                  build and run all tests
  bench                 instructions of translated over native code
  help [COMMAND]        this text, or a command's own

Exit status of `run`: the module's (0..125), 126 when nothing was run, 133 kernel panic,
134 wasm trap, 142 time-out.
TEXT
      ;;
    run)
      cat <<'TEXT'
usage: ingot run [OPTION...] MODULE [--] [ARG...]

  --env NAME[=VALUE]      an environment variable; without VALUE, the host's, if any
  --argv0 NAME            the program's name (argv[0]); default: the file's name
  --preload NAME=MODULE   another module, whose exports satisfy imports from NAME; repeatable
  --host FILE.c           C with host functions for the modules; repeatable
  --invoke NAME           call this export with ARG... as its parameters, and print its results;
                          MODULE::NAME is an export of a preloaded module
  --dir HOST[::GUEST]     give the module a host directory, read and write
  --mem SIZE              memory of the machine: 128M (default), 64K, 1G, ...
  --timeout SECONDS       end the machine after this time (exit status 142)
  -W unknown-imports-trap=y      imports that nothing provides trap when called
  -W unknown-imports-default=y   ... or answer zero
  --boot-arg ARG          a boot argument for the kernel (docs/boot-args.md); repeatable
  --print-cmd             print the QEMU command instead of running it
  -v                      show the build and the kernel's messages

MODULE may be an image that was built before (.img, .elf, .bin). A single image (.img) has its
arguments and environment baked in.
TEXT
      ;;
    build)
      cat <<'TEXT'
usage: ingot build [OPTION...] MODULE [OPTION...] [--] [ARG...]

  -o DIR                  where app.elf, app.bin, app.img and app.json go (default: .)
  --env NAME[=VALUE], --argv0 NAME, ARG...     baked in, used when the boot arguments give none
  --dir HOST[::GUEST]     the image carries a copy of this directory
  --preload NAME=MODULE   another module, whose exports satisfy imports from NAME; repeatable
  --host FILE.c           C with host functions for the modules; repeatable
  --invoke NAME           the export that is called; MODULE::NAME: of a preloaded module
  --boot-arg ARG          a boot argument, baked in; repeatable
  --no-names              leave out the functions' names: traps come without a backtrace
  --isa default|base      rv64gc with Zba, Zbb, Zbs (default), or plain rv64gc for every board
  -W unknown-imports-trap=y, -W unknown-imports-default=y
  -v                      show the build
TEXT
      ;;
    bench)
      cat <<'TEXT'
usage: ingot bench [OPTION...]

Runs each program of tests/bench both translated and native, counts retired instructions, and holds
them against tests/bench/budget (exit status 1 when one is over).

  --isa default|base      only this one
  --json FILE             write the figures as JSON
  --update                write the tables of docs/performance.md
  -v                      show the build
TEXT
      ;;
    inspect) echo "usage: ingot inspect [--json] MODULE" ;;
    test)
      cat <<'TEXT'
usage: ingot test [-L LABEL] [-v]

Labels: host, fuzz, guest, golden, corpus, conformance, bench. Without -L, all but those labelled `slow`.
TEXT
      ;;
    *) die "no help for \`$1\`" ;;
  esac
}
