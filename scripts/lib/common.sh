# SPDX-License-Identifier: MIT
# What the commands of `ingot` share. Sourced; uses $root, $cache, $build, $wabt, $installed.
# shellcheck shell=bash

EXIT_START=126 # nothing was run: bad flag, bad module, failed build

die() {
  printf 'ingot: %s\n' "$*" >&2
  exit $EXIT_START
}

# A line for a person who waits; nothing in a pipe.
progress() {
  if [ -t 2 ]; then printf 'ingot: %s\n' "$*" >&2; fi
}

# Runs a long command with its output in a log: shown live with -v, as a counter on a terminal, and
# only in part when it fails. run_logged LOG WHAT COMMAND...
run_logged() {
  local log=$1 what=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  if [ -n "${verbose:-}" ]; then
    "$@" 2>&1 | tee "$log" >&2
    return "${PIPESTATUS[0]}"
  fi
  progress "$what"
  if [ -t 2 ]; then
    # Ninja's "[n/m] what" lines, each over the last.
    "$@" 2>&1 | tee "$log" | while IFS= read -r line; do
      case $line in "["*"]"*) printf '\r\033[Kingot: %.70s' "$line" >&2 ;; esac
    done
    local status=${PIPESTATUS[0]}
    printf '\r\033[K' >&2
    return "$status"
  fi
  "$@" >"$log" 2>&1
}

# What went wrong, from a build log: our tools' own messages, or the log's end.
explain() {
  local log=$1 lines
  lines=$(grep -E '^(error|note|warning): ' "$log" | sed 's/^error: //' | head -n 60 || true)
  if [ -n "$lines" ]; then
    printf '%s\n' "$lines" | sed 's/^/ingot: /' >&2
    return
  fi
  lines=$(grep -E 'error:|Error' "$log" | head -n 5 || true)
  [ -n "$lines" ] || lines=$(tail -n 5 "$log")
  printf '%s\n' "$lines" | sed 's/^/ingot: /' >&2
  printf 'ingot: the whole log is in %s\n' "$log" >&2
}

# Text form to binary, with the assembler's message and no more.
assemble() {
  local log
  if ! log=$("$root/toolchain/wasm2c/wabt.sh" "$wabt" wat2wasm --enable-all --debug-names "$1" -o "$2" 2>&1); then
    printf '%s\n' "$log" | sed 's/\x1b\[[0-9;]*m//g' | grep -m5 . | sed 's/^/ingot: /' >&2
    exit $EXIT_START
  fi
}

sdk_is_fresh() {
  [ -z "$installed" ] || return 0
  [ -e "$build/sdk.stamp" ] && [ -x "$build/toolchain/ingot-inspect" ] &&
    [ -z "$(find "$root/toolchain" "$root/kernel" "$root/mm" "$root/hal" "$root/include" "$root/CMakeLists.txt" \
      "$root/scripts/setup" -newer "$build/sdk.stamp" -type f -print -quit)" ]
}

# Installs, configures and builds the tools and guest libraries, unless they are newer than every
# source. Needs the network only the first time. One at a time: the others wait for it.
ensure_sdk() {
  sdk_is_fresh && return
  mkdir -p "$build"
  exec 8>"$build/sdk.lock"
  flock 8
  if ! sdk_is_fresh; then
    "$root/scripts/setup" || exit $EXIT_START
    touch "$build/sdk.stamp.new"
    if ! run_logged "$build/sdk.log" "building the tools, the kernel and the firmware" sdk_build; then
      explain "$build/sdk.log"
      exit $EXIT_START
    fi
    mv "$build/sdk.stamp.new" "$build/sdk.stamp"
  fi
  exec 8>&-
}

sdk_build() {
  if [ ! -e "$build/build.ninja" ]; then
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-19 \
      -DINGOT_CACHE="$cache" || return 1
  fi
  cmake --build "$build" --target sdk
}
