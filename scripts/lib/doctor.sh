# SPDX-License-Identifier: MIT
# What the host must have, and what it has. Looks only: nothing is installed or built.
# shellcheck shell=bash

ingot_doctor() {
  case ${1:-} in
    "") ;;
    --help) . "$root/scripts/lib/help.sh" && ingot_help doctor && exit 0 ;;
    *) die "unknown flag \`$1\`; see \`ingot help doctor\`" ;;
  esac
  local bad=0 missing_parts= packages=()
  # command, least version, Debian package, what for when it is not always needed
  tool clang-19 19 clang-19
  tool ld.lld-19 19 lld-19
  tool llvm-ar-19 19 llvm-19
  tool llvm-nm-19 19 llvm-19
  tool llvm-objcopy-19 19 llvm-19
  tool cmake 3.20 cmake
  tool ninja 1.8 ninja-build
  [ -n "$installed" ] || tool make 4 make
  tool python3 3.7 python3
  tool node 16 nodejs
  tool npm 7 npm
  tool "${INGOT_QEMU:-qemu-system-riscv64}" 7.2 qemu-system-misc
  tool flock 2 util-linux
  tool gdb-multiarch 12 gdb-multiarch "ingot debug"
  [ -n "$installed" ] || parts
  if [ ${#packages[@]} -gt 0 ]; then
    echo "to install: apt-get install --no-install-recommends ${packages[*]}"
  fi
  if [ -n "$missing_parts" ]; then
    echo "to fetch: $root/scripts/setup"
  fi
  [ "$bad" = 0 ]
}

# What a checkout is built from.
parts() {
  part "OpenSBI 1.6" opensbi-1.6/Makefile
  part "picolibc 1.8.10" picolibc-1.8.10/newlib
  part "simde 0.8.2" simde-0.8.2/usr/include/simde/wasm/simd128.h
  part "wabt 1.0.39" npm/node_modules/wabt/bin/wasm2c
}

# The first thing that looks like a version in what a command says of itself.
version_of() {
  "$1" --version 2>/dev/null </dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 || true
}

# Whether version $1 is at least $2.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

tool() {
  local found verdict=
  if ! command -v "$1" >/dev/null; then
    verdict=missing
  else
    found=$(version_of "$1")
    if [ -z "$found" ]; then
      verdict="does not run"
    elif ! at_least "$found" "$2"; then
      verdict="$found is too old, needs $2"
    fi
  fi
  if [ -z "$verdict" ]; then
    printf 'ok       %s %s\n' "$1" "$found"
  elif [ -n "${4:-}" ]; then
    printf 'optional %s: %s; needed for %s (package %s)\n' "$1" "$verdict" "$4" "$3"
  else
    printf 'bad      %s: %s\n' "$1" "$verdict"
    [[ " ${packages[*]} " = *" $3 "* ]] || packages+=("$3")
    bad=1
  fi
}

part() {
  if [ -e "$cache/$2" ]; then
    printf 'ok       %s\n' "$1"
  else
    printf 'bad      %s: not in %s\n' "$1" "$cache"
    missing_parts=1 bad=1
  fi
}
